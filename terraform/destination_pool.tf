# The pool that the users go to.

locals {
  migration_mark = "custom:migration"
  # The verified contacts for account recovery, in this order. Without one the function migrates no user into a reset.
  recovery_contacts = ["email"]
  read_attributes   = ["custom:tenant", "email", "email_verified", "family_name", "given_name", "name"]
  # What users may change by themselves.
  write_attributes = ["email", "family_name", "given_name", "name"]
}

resource "aws_cognito_user_pool" "new" {
  name                     = "${var.name}-new"
  auto_verified_attributes = ["email"]
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  username_attributes      = ["email"]

  account_recovery_setting {
    dynamic "recovery_mechanism" {
      for_each = local.recovery_contacts

      content {
        name     = "verified_${recovery_mechanism.value}"
        priority = recovery_mechanism.key + 1
      }
    }
  }

  lambda_config {
    post_authentication = var.finish_migrations ? module.migration_function.function_arn : null
    pre_sign_up         = var.sign_up_guard ? module.migration_function.function_arn : null
    user_migration      = module.migration_function.function_arn
  }

  # Made in any case: Cognito removes no attribute, so finish_migrations could not be taken back otherwise.
  schema {
    name                = trimprefix(local.migration_mark, "custom:")
    attribute_data_type = "String"
    mutable             = true

    string_attribute_constraints {
      max_length = 64
      min_length = 0
    }
  }

  schema {
    name                = "tenant"
    attribute_data_type = "String"
    mutable             = true

    string_attribute_constraints {
      max_length = 256
      min_length = 0
    }
  }

  # Without this, a user changes the address to another user's with one call, and no trigger runs.
  user_attribute_update_settings {
    attributes_require_verification_before_update = ["email"]
  }

  username_configuration {
    case_sensitive = false
  }
}

resource "aws_cognito_user_pool_client" "new" {
  name         = "app"
  user_pool_id = aws_cognito_user_pool.new.id

  # Cognito calls the migration trigger only where the password itself is sent: not in SRP.
  explicit_auth_flows           = ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_PASSWORD_AUTH"]
  generate_secret               = var.client_secret
  prevent_user_existence_errors = "ENABLED"
  read_attributes               = local.read_attributes

  # Never the mark: it decides whose groups a user gets.
  write_attributes = local.write_attributes
}
