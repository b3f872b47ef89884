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

  mock_data "aws_service" {
    defaults = { region = "eu-west-1" }
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
      kms_key_arn               = null
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
      tracing                   = false
      vpc_config                = null
    }

    needs = {
      "copy_groups=admins,staff" = {
        source      = ["AdminGetUser", "AdminListGroupsForUser", "ListUsers"]
        destination = ["AdminAddUserToGroup", "AdminGetUser", "AdminListGroupsForUser", "AdminUpdateUserAttributes"]
      }
      # For the environment alone, and for this function.
      "kms_key_arn=arn:aws:kms:eu-west-1:444455556666:key/1a1b2c3d" = {
        own = ["Allow kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/1a1b2c3d if {\"StringLike\":{\"kms:EncryptionContext:aws:lambda:FunctionArn\":[\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration\",\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:*\"]}}"]
      }
      "on_forgot_password=migrate"  = { source = ["AdminGetUser"], source_unless = { "on_mfa=drop" = ["GetUserPoolMfaConfig"] } }
      "on_mfa=drop"                 = { source = ["AdminGetUser"] }
      "on_mfa=reset"                = { source = ["AdminGetUser"] }
      "on_mfa=sms"                  = { source = ["AdminGetUser"] }
      "on_temporary_password=reset" = { source = ["AdminGetUser"] }
      "preflight=true"              = { source = ["DescribeUserPool", "DescribeUserPoolClient"] }
      "sign_up_guard=true"          = { source = ["AdminGetUser"] }
      "source_user=disable" = {
        source      = ["AdminDisableUser", "AdminGetUser", "ListUsers"]
        destination = ["AdminGetUser", "AdminUpdateUserAttributes"]
      }
      "src_auth_flow=ADMIN_USER_PASSWORD_AUTH" = { source = ["AdminInitiateAuth"], source_unless = { "src_profile=id_token" = ["AdminGetUser"] } }
      "src_client_secret_arn=arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2" = {
        own = ["Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"]
      }
      "src_client_secret_key_arn=arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d" = {
        with = { src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2" }
        own  = ["Allow kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d if {\"StringEquals\":{\"kms:EncryptionContext:SecretARN\":\"arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2\"}}"]
      }
      "src_lookup=email"                                   = { source = ["ListUsers"] }
      "src_lookup=phone_number"                            = { source = ["ListUsers"] }
      "src_lookup=preferred_username"                      = { source = ["ListUsers"] }
      "src_profile=id_token"                               = {}
      "src_role_arn=arn:aws:iam::111122223333:role/source" = {}
      "tracing=true"                                       = { own = ["Allow xray:PutTelemetryRecords on *", "Allow xray:PutTraceSegments on *"] }
      # For Lambda, and not for what runs in the function.
      "vpc_config=0a1b2c3d" = {
        own = [
          "Allow ec2:AssignPrivateIpAddresses on arn:aws:ec2:eu-west-1:444455556666:*/*",
          "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:*:security-group/sg-0a1b2c3d",
          "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:*:subnet/subnet-0a1b2c3d",
          "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:444455556666:network-interface/*",
          "Allow ec2:DeleteNetworkInterface on arn:aws:ec2:eu-west-1:444455556666:*/*",
          "Allow ec2:DescribeNetworkInterfaces on *",
          "Allow ec2:DescribeSubnets on *",
          "Allow ec2:UnassignPrivateIpAddresses on arn:aws:ec2:eu-west-1:444455556666:*/*",
          "Deny ec2:* on * if {\"ArnEquals\":{\"lambda:SourceFunctionArn\":\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration\"}}",
        ]
      }
    }
  }

  assert {
    condition     = length(output.wrong) == 0
    error_message = "Each function must be allowed what its settings need, and nothing else: ${jsonencode(output.wrong)}"
  }

  # Nothing, 20 values, their pairs, all, and all but one; less those that come to the same settings.
  assert {
    condition     = length(output.found) == 220
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
      "Allow ec2:AssignPrivateIpAddresses on arn:aws:ec2:eu-west-1:444455556666:*/*",
      "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:*:security-group/sg-0a1b2c3d",
      "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:*:subnet/subnet-0a1b2c3d",
      "Allow ec2:CreateNetworkInterface on arn:aws:ec2:eu-west-1:444455556666:network-interface/*",
      "Allow ec2:DeleteNetworkInterface on arn:aws:ec2:eu-west-1:444455556666:*/*",
      "Allow ec2:DescribeNetworkInterfaces on *",
      "Allow ec2:DescribeSubnets on *",
      "Allow ec2:UnassignPrivateIpAddresses on arn:aws:ec2:eu-west-1:444455556666:*/*",
      "Allow kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d if {\"StringEquals\":{\"kms:EncryptionContext:SecretARN\":\"arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2\"}}",
      "Allow kms:Decrypt on arn:aws:kms:eu-west-1:444455556666:key/1a1b2c3d if {\"StringLike\":{\"kms:EncryptionContext:aws:lambda:FunctionArn\":[\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration\",\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:*\"]}}",
      "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      "Allow secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2",
      "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      "Allow xray:PutTelemetryRecords on *",
      "Allow xray:PutTraceSegments on *",
      "Deny ec2:* on * if {\"ArnEquals\":{\"lambda:SourceFunctionArn\":\"arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration\"}}",
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
    src_client_id    = "sourceclient"
    src_region       = "us-gov-east-1"
    src_user_pool_id = "us-gov-west-1_Source123"
    user_pool_arns   = { new = "arn:aws-us-gov:cognito-idp:us-gov-west-1:444455556666:userpool/us-gov-west-1_New123" }
    vpc_config       = { security_group_ids = ["sg-0a1b2c3d"], subnet_ids = ["subnet-0a1b2c3d"] }
  }

  override_data {
    target = data.aws_service.lambda
    values = { region = "us-gov-west-1" }
  }

  override_data {
    target = data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  assert {
    condition     = jsondecode(output.role_policy).Statement[1].Resource == ["arn:aws-us-gov:cognito-idp:us-gov-east-1:444455556666:userpool/us-gov-west-1_Source123"]
    error_message = "The source pool's ARN must name the partition that Terraform works in and the Region that src_region names."
  }

  # The log group is the mock's.
  assert {
    condition     = !strcontains(replace(output.role_policy, "arn:aws:logs:", ""), "arn:aws:")
    error_message = "Every ARN of the policy must name the partition that Terraform works in."
  }
}
