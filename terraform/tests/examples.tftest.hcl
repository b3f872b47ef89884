# The examples as planned. The rules of the modules are most of the test.

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

  mock_resource "aws_cognito_user_pool" {
    defaults = { arn = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Gh4Ij5Kl6" }
  }

  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::444455556666:role/cognito-user-migration" }
  }

  mock_resource "aws_kms_key" {
    defaults = { arn = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d" }
  }

  mock_resource "aws_lambda_alias" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:live" }
  }

  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration" }
  }

  mock_resource "aws_security_group" {
    defaults = { id = "sg-0a1b2c3d4e5f60001" }
  }

  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:444455556666:cognito-user-migration-alarms" }
  }
}

run "one_account" {
  command = plan

  module {
    source = "./examples/one-account"
  }

  assert {
    condition     = one(aws_cognito_user_pool.new.lambda_config).user_migration == "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration"
    error_message = "The destination pool must call the function."
  }

  assert {
    condition     = [for configuration in aws_cognito_user_pool.new.username_configuration : configuration.case_sensitive] == [false]
    error_message = "The destination pool must not distinguish case: Cognito never changes that in a pool."
  }

  assert {
    condition = (
      aws_cognito_user_pool.new.deletion_protection == "ACTIVE" &&
      one(aws_cognito_user_pool.new.user_attribute_update_settings).attributes_require_verification_before_update == toset(["email"])
    )
    error_message = "The destination pool must be protected from deletion, and verify an address before it changes."
  }
}

run "everything" {
  command = plan

  module {
    source = "./examples/everything"
  }

  assert {
    condition = alltrue([
      for trigger in ["post_authentication", "pre_sign_up", "user_migration"] :
      one(aws_cognito_user_pool.new.lambda_config)[trigger] == "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:live"
    ])
    error_message = "The destination pool must call the alias, which has the processes that wait."
  }

  assert {
    condition     = [for configuration in aws_cognito_user_pool.new.username_configuration : configuration.case_sensitive] == [false]
    error_message = "The destination pool must not distinguish case: Cognito never changes that in a pool."
  }

  assert {
    condition = (
      aws_cognito_user_pool.new.deletion_protection == "ACTIVE" &&
      one(aws_cognito_user_pool.new.user_attribute_update_settings).attributes_require_verification_before_update == toset(["email"])
    )
    error_message = "The destination pool must be protected from deletion, and verify an address before it changes."
  }

  assert {
    condition     = !anytrue([for name in aws_cognito_user_pool_client.app.write_attributes : startswith(name, "custom:")])
    error_message = "No app client may write the mark."
  }

  assert {
    condition = setsubtract(
      [for attribute in aws_cognito_user_pool.new.schema : "custom:${attribute.name}"],
      aws_cognito_user_pool_client.app.read_attributes,
    ) == toset(["custom:migration"])
    error_message = "The app must read every custom attribute that users get, except the mark."
  }
}

run "vpc" {
  command = plan

  module {
    source = "./examples/vpc"
  }

  assert {
    condition     = strcontains(module.migration_function.role_policy, ":subnet/subnet-0a1b2c3d4e5f60002") && aws_vpc_endpoint.cognito.service_name == "com.amazonaws.eu-west-1.cognito-idp"
    error_message = "The function must have network interfaces in the subnets, and an endpoint to reach there."
  }
}

# What else it must be, checkov says.
run "hardened" {
  command = plan

  module {
    source = "./examples/hardened"
  }

  assert {
    condition     = [for statement in jsondecode(aws_kms_key.migration.policy).Statement : statement.Principal.Service if can(statement.Principal.Service)] == ["logs.eu-west-1.amazonaws.com", "cloudwatch.amazonaws.com"]
    error_message = "The services that encrypt must be allowed to use the key."
  }
}

run "destination_account" {
  command = plan

  module {
    source = "./examples/cross-account/destination-account"
  }

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

# From one account to the other: what the first example puts out is all that the second one takes, whose rules for the variables
# are the test.
run "source_account" {
  command = plan

  module {
    source = "./examples/cross-account/source-account"
  }

  variables {
    actions           = run.destination_account.for_source_account.actions
    external_id       = run.destination_account.for_source_account.external_id
    function_role_arn = run.destination_account.for_source_account.function_role_arn
    role_name         = run.destination_account.for_source_account.role_name
    src_user_pool_arn = run.destination_account.for_source_account.src_user_pool_arn
  }
}
