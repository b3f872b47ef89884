# The pool that the users come from: one of the demonstration's own, or the one that source_pool names.

locals {
  source_pool = var.source_pool != null ? var.source_pool : {
    client_id    = one(aws_cognito_user_pool_client.source[*].id)
    external_id  = null
    region       = null
    role_arn     = null
    user_pool_id = one(aws_cognito_user_pool.source[*].id)
  }

  source_client_secret = (
    var.source_pool != null ? var.src_client_secret :
    var.client_secret ? one(aws_cognito_user_pool_client.source[*].client_secret) : null
  )
}

# The function gets the ARN only, and from the version (secret_id): so it is not made before the secret has a value.
resource "aws_secretsmanager_secret" "source_client" {
  count = var.secrets_manager ? 1 : 0

  name                    = "${var.name}-source-app"
  description             = "Secret of the source pool's app client, read by the Lambda function ${var.name}"
  recovery_window_in_days = 0
}

resource "aws_secretsmanager_secret_version" "source_client" {
  count = var.secrets_manager ? 1 : 0

  secret_id     = aws_secretsmanager_secret.source_client[0].arn
  secret_string = local.source_client_secret
}

resource "aws_cognito_user_pool" "source" {
  count = var.source_pool == null ? 1 : 0

  name                     = "${var.name}-source"
  auto_verified_attributes = ["email"]
  deletion_protection      = var.deletion_protection ? "ACTIVE" : "INACTIVE"
  username_attributes      = ["email"]

  account_recovery_setting {
    recovery_mechanism {
      name     = "verified_email"
      priority = 1
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

resource "aws_cognito_user_pool_client" "source" {
  count = var.source_pool == null ? 1 : 0

  name         = "migration"
  user_pool_id = aws_cognito_user_pool.source[0].id
  # The old name is none of the flows that begin with ALLOW.
  explicit_auth_flows           = ["ALLOW_${replace(var.src_auth_flow, "ADMIN_NO_SRP", "ADMIN_USER_PASSWORD")}", "ALLOW_REFRESH_TOKEN_AUTH"]
  generate_secret               = var.client_secret
  prevent_user_existence_errors = "ENABLED"

  # In the flow USER_PASSWORD_AUTH the function sees what this client may read, and custom attributes are not among the defaults.
  read_attributes = local.read_attributes

  # Never the tenant: users would write in the source pool what the destination pool's apps trust.
  write_attributes = local.write_attributes
}
