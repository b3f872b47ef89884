# The function of the example may take one role of the source account, and the pool in its own account may call it.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.migration_function.module.source_permissions.data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

override_resource {
  target          = module.migration_function.aws_cloudwatch_log_group.function
  override_during = plan
  values          = { arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
}

variables {
  external_id       = "external-id"
  new_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123"
  source_account_id = "111122223333"
  src_client_id     = "sourceclient"
  src_user_pool_id  = "eu-west-1_Source123"
}

run "the_function_may_take_the_source_accounts_role" {
  command = plan

  assert {
    condition = jsondecode(module.migration_function.role_policy).Statement[1] == {
      Action   = "sts:AssumeRole"
      Effect   = "Allow"
      Resource = "arn:aws:iam::111122223333:role/cognito-user-migration-source"
      Sid      = "AssumeSourceRole"
    }
    error_message = "The function must be able to take the role that the other example makes under its default name."
  }
}
