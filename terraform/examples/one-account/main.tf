# One account: the users of an existing source pool migrate to a destination pool that Terraform manages. Every setting has its
# default, and the function is watched. Put your own ids, and your own pool, in place of these.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

module "migration_function" {
  source = "../../modules/migration-function"

  src_client_id    = "1h57kf5cpq17m0eml12EXAMPLE"
  src_user_pool_id = "eu-west-1_Ab1Cd2Ef3"
  user_pool_arns   = { new = aws_cognito_user_pool.new.arn }
}

module "monitoring" {
  source = "../../modules/monitoring"

  function_name = module.migration_function.function_name
  log_group     = module.migration_function.log_group
}

resource "aws_cognito_user_pool" "new" {
  name                     = "new"
  auto_verified_attributes = ["email"]
  deletion_protection      = "ACTIVE"

  lambda_config {
    user_migration = module.migration_function.function_arn
  }

  # Without this, a user changes the address to another user's with one call, and no trigger runs.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  # Without this, user names are case-sensitive, and Cognito never changes that in a pool.
  username_configuration {
    case_sensitive = false
  }

  # Terraform plans no other pool in place of this one.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_cognito_user_pool_client" "app" {
  name         = "app"
  user_pool_id = aws_cognito_user_pool.new.id

  # Cognito calls the trigger only where the password itself is sent.
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
  prevent_user_existence_errors = "ENABLED"

  # Without a list, users may write every attribute.
  write_attributes = ["email", "family_name", "given_name", "name"]
}
