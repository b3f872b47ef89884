# Everything on, except that source users stay enabled at first (see source_user): attributes, groups, the sign-up guard, look-ups
# by e-mail, second factors, the password policy, processes that wait for sign-ins, and all alarms. Take what you need, and put your
# own ids in place of these.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

locals {
  migration_mark = "custom:migration"
}

module "migration_function" {
  source = "../../modules/migration-function"

  attribute_map           = { "custom:*" = "custom:*", nickname = null, sub = "custom:legacy_sub" }
  copy_groups             = "editors,translators"
  migration_mark          = local.migration_mark
  on_mfa                  = "reset"
  on_temporary_password   = "reset"
  password_policy         = { minimumLength = 12, requireNumbers = true }
  provisioned_concurrency = 2
  reset_contacts          = ["email"]
  sign_up_guard           = true
  src_client_id           = "1h57kf5cpq17m0eml12EXAMPLE"
  src_lookup              = "email"
  src_user_pool_id        = "eu-west-1_Ab1Cd2Ef3"
  static_attributes       = { "custom:origin" = "old pool" }
  tags                    = { project = "migration" }
  tracing                 = true
  user_pool_arns          = { new = aws_cognito_user_pool.new.arn }

  # "disable" locks a user who has moved out of the apps that still use the source pool. Set it when all apps have moved:
  # docs/runbook.md, Switch.
  source_user = "keep"
}

module "monitoring" {
  source = "../../modules/monitoring"

  alarm_topic      = true
  function_name    = module.migration_function.function_name
  idle_alarm_hours = 48
  log_group        = module.migration_function.log_group
  tags             = { project = "migration" }
}

resource "aws_cognito_user_pool" "new" {
  name                     = "new"
  auto_verified_attributes = ["email"]
  deletion_protection      = "ACTIVE"
  username_attributes      = ["email"]

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
    }
  }

  lambda_config {
    post_authentication = module.migration_function.function_arn
    pre_sign_up         = module.migration_function.function_arn
    user_migration      = module.migration_function.function_arn
  }

  password_policy {
    minimum_length  = 12
    require_numbers = true
  }

  dynamic "schema" {
    for_each = toset(["custom:legacy_sub", "custom:origin", local.migration_mark])

    content {
      name                = trimprefix(schema.value, "custom:")
      attribute_data_type = "String"
      mutable             = true

      string_attribute_constraints {
        max_length = 64
        min_length = 0
      }
    }
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
  name                          = "app"
  user_pool_id                  = aws_cognito_user_pool.new.id
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
  prevent_user_existence_errors = "ENABLED"

  # By default, a client reads no custom attribute.
  read_attributes = ["custom:legacy_sub", "custom:origin", "email", "email_verified", "family_name", "given_name", "name"]

  # Never the mark: it decides whose groups a user gets.
  write_attributes = ["email", "family_name", "given_name", "name"]
}
