# What the function's role may do, to the last action and resource, and what the role in the source account must allow.

# A mock, because overrides do not reach modules under for_each. The policies do not come from the provider.
mock_provider "aws" {
  override_during = plan

  mock_data "aws_caller_identity" {
    defaults = { account_id = "444455556666" }
  }

  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }

  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
  }
}

run "each_setting_gives_what_it_needs_and_nothing_else" {
  command = plan

  module {
    source = "./tests/combinations"
  }

  variables {
    least = {
      copy_groups               = "none"
      migration_mark            = null
      on_forgot_password        = "ignore"
      on_mfa                    = "refuse"
      on_temporary_password     = "refuse"
      preflight                 = false
      sign_up_guard             = false
      source_user               = "keep"
      src_auth_flow             = "USER_PASSWORD_AUTH"
      src_client_secret_arn     = null
      src_client_secret_key_arn = null
      src_lookup                = "none"
      src_profile               = "after"
      src_role_arn              = null
    }

    needs = {
      "copy_groups=admins,staff" = {
        with        = { migration_mark = "custom:migration" }
        source      = ["AdminGetUser", "AdminListGroupsForUser", "ListUsers"]
        destination = ["AdminAddUserToGroup", "AdminListGroupsForUser"]
      }
      "migration_mark=custom:migration"        = { destination = ["AdminGetUser", "AdminUpdateUserAttributes"] }
      "on_forgot_password=migrate"             = { source = ["AdminGetUser"], source_unless = { "on_mfa=drop" = ["GetUserPoolMfaConfig"] } }
      "on_mfa=drop"                            = { source = ["AdminGetUser"] }
      "on_mfa=reset"                           = { source = ["AdminGetUser"] }
      "on_mfa=sms"                             = { source = ["AdminGetUser"] }
      "on_temporary_password=reset"            = { source = ["AdminGetUser"] }
      "preflight=true"                         = { source = ["DescribeUserPool", "DescribeUserPoolClient"] }
      "sign_up_guard=true"                     = { source = ["AdminGetUser"] }
      "source_user=disable"                    = { with = { migration_mark = "custom:migration" }, source = ["AdminDisableUser", "AdminGetUser", "ListUsers"] }
      "src_auth_flow=ADMIN_USER_PASSWORD_AUTH" = { source = ["AdminInitiateAuth"], source_unless = { "src_profile=id_token" = ["AdminGetUser"] } }
      "src_client_secret_arn=arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2" = {
        own = ["secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"]
      }
      "src_client_secret_key_arn=arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d" = {
        with = { src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2" }
        own  = ["kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d if {\"StringEquals\":{\"kms:EncryptionContext:SecretARN\":\"arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2\"}}"]
      }
      "src_lookup=email"                                   = { source = ["ListUsers"] }
      "src_lookup=phone_number"                            = { source = ["ListUsers"] }
      "src_lookup=preferred_username"                      = { source = ["ListUsers"] }
      "src_profile=id_token"                               = {}
      "src_role_arn=arn:aws:iam::111122223333:role/source" = {}
    }
  }

  assert {
    condition     = length(output.wrong) == 0
    error_message = "Each function must be allowed what its settings need, and nothing else: ${jsonencode(output.wrong)}"
  }

  # Nothing, 18 values, their pairs, all, and all but one; less those that come to the same settings.
  assert {
    condition     = length(output.found) == 176
    error_message = "The table must be walked whole: ${length(output.found)} combinations."
  }

  # Three rows in full, so that the comparison is compared, too.
  assert {
    condition = output.found[""] == tolist([
      "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
    ])
    error_message = "The public flow makes unsigned calls only and needs nothing on the source pool."
  }

  assert {
    condition = output.found["on_forgot_password=migrate src_auth_flow=ADMIN_USER_PASSWORD_AUTH"] == tolist([
      "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      "Allow cognito-idp:AdminInitiateAuth on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      "Allow cognito-idp:GetUserPoolMfaConfig on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "source_actions: cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      "source_actions: cognito-idp:AdminInitiateAuth on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      "source_actions: cognito-idp:GetUserPoolMfaConfig on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
    ])
    error_message = "The admin flow needs AdminInitiateAuth and AdminGetUser on the source pool, and resets its MFA setting."
  }

  assert {
    condition = one(distinct([for name, lines in output.found : lines if length(split(" ", name)) == length(var.least)])) == tolist(concat([
      "Allow cognito-idp:AdminAddUserToGroup on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:AdminAddUserToGroup on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow cognito-idp:AdminListGroupsForUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:AdminListGroupsForUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow cognito-idp:AdminUpdateUserAttributes on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:AdminUpdateUserAttributes on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d if {\"StringEquals\":{\"kms:EncryptionContext:SecretARN\":\"arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2\"}}",
      "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2",
      "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ], [
      for action in [
        "AdminDisableUser", "AdminGetUser", "AdminInitiateAuth", "AdminListGroupsForUser", "DescribeUserPool", "DescribeUserPoolClient",
        "GetUserPoolMfaConfig", "ListUsers",
      ] : "source_actions: cognito-idp:${action} on arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
    ]))
    error_message = "For another account the function may assume the role that it was given; that role may do what all settings need, once."
  }
}

run "another_partition_and_another_region" {
  command = plan

  variables {
    package_file     = "main.tf"
    src_client_id    = "sourceclient"
    src_region       = "us-gov-east-1"
    src_user_pool_id = "us-gov-west-1_Source123"
    user_pool_arns   = {}
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  assert {
    condition     = jsondecode(output.role_policy).Statement[1].Resource == ["arn:aws-us-gov:cognito-idp:us-gov-east-1:444455556666:userpool/us-gov-west-1_Source123"]
    error_message = "The source pool's ARN must name the partition that Terraform works in and the Region that src_region names."
  }
}
