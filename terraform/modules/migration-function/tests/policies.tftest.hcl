# What the function's role may do: the planned policy of every combination, to the last action and resource. Each run plans the
# function for a public app client and for one with a secret.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.public_client.module.source_permissions.data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

override_resource {
  target          = module.public_client.aws_cloudwatch_log_group.function
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
}

override_data {
  target = module.client_with_a_secret.module.source_permissions.data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

override_resource {
  target          = module.client_with_a_secret.aws_cloudwatch_log_group.function
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
}

run "admin_flow_same_account_with_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminInitiateAuth on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "The admin flow needs AdminInitiateAuth and AdminGetUser on the source pool."
  }
}

run "admin_flow_same_account_without_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminInitiateAuth on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "The admin flow needs AdminInitiateAuth and AdminGetUser on the source pool."
  }
}

run "public_flow_same_account_with_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "The public flow needs AdminGetUser for password resets."
  }
}

run "public_flow_same_account_without_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      ])
    ])
    error_message = "The public flow makes unsigned calls only and needs nothing on the source pool."
  }
}

run "admin_flow_other_account_with_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
    src_role_arn       = "arn:aws:iam::111122223333:role/source"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ])
    ])
    error_message = "For another account the function may assume the role that it was given, and do nothing else."
  }
}

run "admin_flow_other_account_without_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
    src_role_arn       = "arn:aws:iam::111122223333:role/source"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ])
    ])
    error_message = "For another account the function may assume the role that it was given, and do nothing else."
  }
}

run "public_flow_other_account_with_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_role_arn       = "arn:aws:iam::111122223333:role/source"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ])
    ])
    error_message = "For another account the function may assume the role that it was given, and do nothing else."
  }
}

run "public_flow_other_account_without_password_resets" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_role_arn       = "arn:aws:iam::111122223333:role/source"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ])
    ])
    error_message = "For another account the function may assume the role that it was given, and do nothing else."
  }
}

run "public_flow_with_sms_mfa_carried_over" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    on_mfa             = "sms"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "A user with an unanswered challenge has no access token: AdminGetUser is needed."
  }
}

run "public_flow_with_mfa_dropped" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    on_mfa             = "drop"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "A user with an unanswered challenge has no access token: AdminGetUser is needed."
  }
}

run "public_flow_with_temporary_passwords" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password    = "ignore"
    on_temporary_password = "reset"
    src_auth_flow         = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "A user with an unanswered challenge has no access token: AdminGetUser is needed."
  }
}

run "sign_up_guard" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    sign_up_guard      = true
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "The guard asks the source pool who somebody is, and nothing else."
  }
}

run "a_mark_alone" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    migration_mark     = "custom:migration"
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
      ])
    ])
    error_message = "A mark alone needs nothing of the source pool."
  }
}

run "retiring_by_disabling" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    migration_mark     = "custom:migration"
    on_forgot_password = "ignore"
    source_user        = "disable"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:ListUsers on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminDisableUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "Disabling needs ListUsers and AdminDisableUser on the source pool."
  }
}

run "retiring_by_deleting" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    migration_mark     = "custom:migration"
    on_forgot_password = "ignore"
    source_user        = "delete"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:ListUsers on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminDeleteUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "Deleting needs ListUsers and AdminDeleteUser on the source pool."
  }
}

run "copying_groups" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    migration_mark     = "custom:migration"
    on_forgot_password = "ignore"
    copy_groups        = true
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:ListUsers on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminListGroupsForUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "Copying groups needs ListUsers and AdminListGroupsForUser on the source pool."
  }
}

run "finishing_in_the_new_pools" {
  command = plan

  variables {
    copy_groups      = false
    migration_mark   = "custom:migration"
    package_file     = "main.tf"
    src_client_id    = "sourceclient"
    src_user_pool_id = "eu-west-1_Source123"
    user_pool_arns = {
      one = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1"
      two = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2"
    }
  }

  override_data {
    target = module.source_permissions.data.aws_caller_identity.current
    values = { account_id = "444455556666" }
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(output.finish_policy).Statement :
      toset(statement.Action) == toset(["cognito-idp:AdminGetUser", "cognito-idp:AdminUpdateUserAttributes"]) && toset(statement.Resource) == toset(values(var.user_pool_arns))
    ])
    error_message = "What is left to do is done with these actions, on exactly the new pools."
  }
}

run "finishing_with_groups_in_the_new_pools" {
  command = plan

  variables {
    copy_groups      = true
    migration_mark   = "custom:migration"
    package_file     = "main.tf"
    src_client_id    = "sourceclient"
    src_user_pool_id = "eu-west-1_Source123"
    user_pool_arns = {
      one = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1"
      two = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2"
    }
  }

  override_data {
    target = module.source_permissions.data.aws_caller_identity.current
    values = { account_id = "444455556666" }
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(output.finish_policy).Statement :
      toset(statement.Action) == toset(["cognito-idp:AdminGetUser", "cognito-idp:AdminUpdateUserAttributes", "cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminListGroupsForUser"]) && toset(statement.Resource) == toset(values(var.user_pool_arns))
    ])
    error_message = "What is left to do is done with these actions, on exactly the new pools."
  }
}

run "another_sign_in_name" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_lookup         = "email"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:ListUsers on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "A lookup needs ListUsers on the source pool, in the public flow too."
  }
}

run "preflight_in_the_same_account" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    preflight          = true
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:AdminInitiateAuth on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:AdminGetUser on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:DescribeUserPool on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:DescribeUserPoolClient on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "The preflight reads the settings of the source pool and of its app client, and nothing else."
  }
}

run "preflight_in_the_public_flow" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "ignore"
    preflight          = true
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow cognito-idp:DescribeUserPool on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        "Allow cognito-idp:DescribeUserPoolClient on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
      ])
    ])
    error_message = "Of the source pool the public flow needs nothing but what the preflight reads."
  }
}

run "preflight_in_another_account" {
  command = plan

  module {
    source = "./tests/both_clients"
  }

  variables {
    on_forgot_password = "migrate"
    preflight          = true
    src_auth_flow      = "ADMIN_USER_PASSWORD_AUTH"
    src_role_arn       = "arn:aws:iam::111122223333:role/source"
  }

  assert {
    condition = alltrue([
      for client, permissions in output.permissions : toset(permissions) == toset([
        "Allow logs:PutLogEvents on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow logs:CreateLogStream on arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*",
        "Allow sts:AssumeRole on arn:aws:iam::111122223333:role/source",
      ])
    ])
    error_message = "What the preflight reads in another account is allowed there, to the role."
  }
}

run "preflight_of_the_new_pools" {
  command = plan

  variables {
    package_file     = "main.tf"
    src_client_id    = "sourceclient"
    src_user_pool_id = "eu-west-1_Source123"
    user_pool_arns = {
      one = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1"
      two = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2"
    }
  }

  override_data {
    target = module.source_permissions.data.aws_caller_identity.current
    values = { account_id = "444455556666" }
  }

  assert {
    condition = toset(flatten([
      for statement in jsondecode(output.preflight_policy).Statement : [
        for permission in setproduct(statement.Action, statement.Resource) : "${statement.Effect} ${permission[0]} on ${permission[1]}"
      ]
      ])) == toset([
      "Allow cognito-idp:DescribeUserPool on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:DescribeUserPool on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow cognito-idp:DescribeUserPoolClient on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:DescribeUserPoolClient on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
      "Allow cognito-idp:ListUserPoolClients on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1",
      "Allow cognito-idp:ListUserPoolClients on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2",
    ])
    error_message = "The preflight reads the settings of exactly the new pools and their app clients."
  }
}

run "no_preflight" {
  command = plan

  variables {
    package_file     = "main.tf"
    preflight        = false
    src_client_id    = "sourceclient"
    src_user_pool_id = "eu-west-1_Source123"
    user_pool_arns   = { one = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1" }
  }

  override_data {
    target = module.source_permissions.data.aws_caller_identity.current
    values = { account_id = "444455556666" }
  }

  assert {
    condition     = length(aws_iam_role_policy.preflight) == 0
    error_message = "Without preflight the function must not read the new pools' settings."
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
    target = module.source_permissions.data.aws_caller_identity.current
    values = { account_id = "444455556666" }
  }

  override_data {
    target = module.source_permissions.data.aws_partition.current
    values = { partition = "aws-us-gov" }
  }

  override_resource {
    target          = aws_cloudwatch_log_group.function
    override_during = plan
    values          = { arn = "arn:aws-us-gov:logs:us-gov-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
  }

  assert {
    condition     = jsondecode(output.role_policy).Statement[1].Resource == "arn:aws-us-gov:cognito-idp:us-gov-east-1:444455556666:userpool/us-gov-west-1_Source123"
    error_message = "The source pool's ARN must name the partition that Terraform works in and the Region that src_region names."
  }
}
