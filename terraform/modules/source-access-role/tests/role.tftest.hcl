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
    condition = toset(jsondecode(aws_iam_role_policy.source_access.policy).Statement[0].Action) == toset([
      "cognito-idp:AdminGetUser",
      "cognito-idp:DescribeUserPool",
      "cognito-idp:DescribeUserPoolClient",
    ])
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
    condition     = jsondecode(aws_iam_role_policy.source_access.policy).Statement[0].Action == "cognito-idp:AdminGetUser"
    error_message = "The public flow needs AdminGetUser for accepted challenges."
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
    src_auth_flow         = "ADMIN_NO_SRP_AUTH"
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
    var.src_auth_flow,
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
