# From one account to the other: what the first example puts out is all that the second one takes.

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

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::444455556666:role/cognito-user-migration" }
  }
}

run "destination_account" {
  command = plan

  variables {
    external_id       = "external-id"
    new_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123"
    source_account_id = "111122223333"
    src_client_id     = "sourceclient"
    src_user_pool_id  = "eu-west-1_Source123"
  }

  assert {
    condition = jsonencode(output.for_source_account) == jsonencode({
      actions           = [for action in ["AdminInitiateAuth", "AdminGetUser", "GetUserPoolMfaConfig", "DescribeUserPool", "DescribeUserPoolClient"] : "cognito-idp:${action}"]
      external_id       = "external-id"
      function_role_arn = "arn:aws:iam::444455556666:role/cognito-user-migration"
      role_name         = "cognito-user-migration-source"
      src_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
    })
    error_message = "The source account must be told what the function needs there, and who the function is."
  }

  assert {
    condition     = jsondecode(module.migration_function.role_policy).Statement[1].Resource == ["arn:aws:iam::111122223333:role/cognito-user-migration-source"]
    error_message = "The function must be able to take the role of the name that the source account is told."
  }
}

# Its rules for the variables are the test.
run "source_account" {
  command = plan

  module {
    source = "../source-account"
  }

  variables {
    actions           = run.destination_account.for_source_account.actions
    external_id       = run.destination_account.for_source_account.external_id
    function_role_arn = run.destination_account.for_source_account.function_role_arn
    role_name         = run.destination_account.for_source_account.role_name
    src_user_pool_arn = run.destination_account.for_source_account.src_user_pool_arn
  }
}
