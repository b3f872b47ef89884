# The role in the source account: whom it trusts, and what it may do.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.source_permissions.data.aws_caller_identity.current
  values = { account_id = "111122223333" }
}

variables {
  external_id       = "external-id"
  function_role_arn = "arn:aws:iam::444455556666:role/cognito-user-migration"
  preflight         = false
  src_user_pool_id  = "eu-west-1_Source123"
}

run "admin_flow" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.source_access.assume_role_policy).Statement == [{
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "external-id" } }
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:role/cognito-user-migration" }
    }]
    error_message = "The role must trust the function's role only, and only with the external id."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminGetUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The admin flow needs AdminInitiateAuth and AdminGetUser on the source pool, and nothing else."
  }
}

run "admin_flow_without_password_resets" {
  command = plan

  variables {
    on_forgot_password = "ignore"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminGetUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The admin flow needs AdminInitiateAuth and AdminGetUser on the source pool, and nothing else."
  }
}

run "preflight" {
  command = plan

  variables {
    preflight     = true
    src_auth_flow = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:DescribeUserPoolClient", "cognito-idp:DescribeUserPool", "cognito-idp:AdminGetUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The preflight reads the settings of the source pool and of its app client through the role."
  }
}

run "public_flow" {
  command = plan

  variables {
    src_auth_flow = "USER_PASSWORD_AUTH"
    src_region    = "eu-central-1"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:AdminGetUser"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-central-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The public flow needs AdminGetUser for password resets, and nothing else."
  }
}

run "public_flow_with_accepted_challenges" {
  command = plan

  variables {
    on_forgot_password    = "ignore"
    on_temporary_password = "reset"
    src_auth_flow         = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:AdminGetUser"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The public flow needs AdminGetUser for accepted challenges, and nothing else."
  }
}

# From here on each setting alone, where the public flow by itself needs nothing: what is there is there because of it.

run "second_factors_carried_over" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    on_mfa             = "sms"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:AdminGetUser"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "A user with an unanswered challenge has no access token: AdminGetUser is needed, and nothing else."
  }
}

run "second_factors_dropped" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    on_mfa             = "drop"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:AdminGetUser"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "A user with an unanswered challenge has no access token: AdminGetUser is needed, and nothing else."
  }
}

run "sign_up_guard" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    sign_up_guard      = true
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:AdminGetUser"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The guard asks the source pool who somebody is, and nothing else."
  }
}

run "users_found_by_email" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_lookup         = "email"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:ListUsers"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "A lookup needs ListUsers on the source pool, and nothing else."
  }
}

run "users_found_by_phone_number" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_lookup         = "phone_number"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:ListUsers"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "A lookup needs ListUsers on the source pool, and nothing else."
  }
}

run "users_found_by_preferred_username" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
    src_lookup         = "preferred_username"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = "cognito-idp:ListUsers"
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "A lookup needs ListUsers on the source pool, and nothing else."
  }
}

run "groups_copied" {
  command = plan

  variables {
    copy_groups        = true
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:ListUsers", "cognito-idp:AdminListGroupsForUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "Copying groups needs ListUsers and AdminListGroupsForUser on the source pool, and nothing else."
  }
}

run "source_users_disabled" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    source_user        = "disable"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:ListUsers", "cognito-idp:AdminDisableUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "Disabling needs ListUsers and AdminDisableUser on the source pool, and nothing else."
  }
}

run "source_users_deleted" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    source_user        = "delete"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:ListUsers", "cognito-idp:AdminDeleteUser"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "Deleting needs ListUsers and AdminDeleteUser on the source pool, and nothing else."
  }
}

run "preflight_with_groups" {
  command = plan

  variables {
    copy_groups        = true
    on_forgot_password = "ignore"
    preflight          = true
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action = [
        "cognito-idp:ListUsers",
        "cognito-idp:ListGroups",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:AdminListGroupsForUser",
      ]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The preflight of a function that copies groups reads their names too."
  }
}

run "everything_and_source_users_disabled" {
  command = plan

  variables {
    copy_groups   = true
    preflight     = true
    sign_up_guard = true
    source_user   = "disable"
    src_lookup    = "email"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action = [
        "cognito-idp:ListUsers",
        "cognito-idp:ListGroups",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:AdminListGroupsForUser",
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminDisableUser",
      ]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "All settings together need what each of them needs, once, and nothing else."
  }
}

run "everything_and_source_users_deleted" {
  command = plan

  variables {
    copy_groups   = true
    preflight     = true
    sign_up_guard = true
    source_user   = "delete"
    src_lookup    = "email"
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action = [
        "cognito-idp:ListUsers",
        "cognito-idp:ListGroups",
        "cognito-idp:DescribeUserPoolClient",
        "cognito-idp:DescribeUserPool",
        "cognito-idp:AdminListGroupsForUser",
        "cognito-idp:AdminInitiateAuth",
        "cognito-idp:AdminGetUser",
        "cognito-idp:AdminDeleteUser",
      ]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "All settings together need what each of them needs, once, and nothing else."
  }
}

run "a_role_that_nobody_needs_is_refused" {
  command = plan

  variables {
    on_forgot_password = "ignore"
    src_auth_flow      = "USER_PASSWORD_AUTH"
  }

  expect_failures = [aws_iam_role.source_access]
}

run "wrong_values" {
  command = plan

  variables {
    external_id           = "x"
    function_role_arn     = "arn:aws:iam::444455556666:root"
    name                  = "source/access"
    on_forgot_password    = "yes"
    on_mfa                = "ask"
    on_temporary_password = "accept"
    source_user           = "disabled"
    src_auth_flow         = "ADMIN_NO_SRP_AUTH"
    src_lookup            = "username"
    src_region            = "Ireland"
    src_user_pool_id      = "my-pool"
  }

  expect_failures = [
    var.external_id,
    var.function_role_arn,
    var.name,
    var.on_forgot_password,
    var.on_mfa,
    var.on_temporary_password,
    var.source_user,
    var.src_auth_flow,
    var.src_lookup,
    var.src_region,
    var.src_user_pool_id,
  ]
}

run "a_trust_in_everybody_is_refused" {
  command = plan

  variables {
    external_id       = "external id"
    function_role_arn = "arn:aws:iam::444455556666:role/*"
  }

  expect_failures = [var.external_id, var.function_role_arn]
}
