# The function itself: its settings, its trigger permission, its zip.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

# The zip is the one that `make package` leaves.
variables {
  src_client_id    = "sourceclient"
  src_user_pool_id = "eu-west-1_Source123"
  user_pool_arns   = { new = "arn:aws:cognito-idp:eu-west-1:777788889999:userpool/eu-west-1_New123" }
}

run "defaults" {
  command = plan

  assert {
    condition = alltrue([for name, value in {
      ATTRIBUTE_MAP         = "{}"
      CLIENT_METADATA       = "none"
      COPY_GROUPS           = "none"
      DST_USERNAME          = "none"
      FORCE_ALIAS_CREATION  = "false"
      METRICS               = "emf"
      ON_FORGOT_PASSWORD    = "migrate"
      ON_MFA                = "refuse"
      ON_REJECT             = "echo"
      ON_TEMPORARY_PASSWORD = "refuse"
      RESET_CONTACTS        = "email,phone_number"
      SOURCE_USER           = "keep"
      SRC_AUTH_FLOW         = "ADMIN_USER_PASSWORD_AUTH"
      SRC_CLIENT_ID         = "sourceclient"
      SRC_LOOKUP            = "none"
      SRC_PROFILE           = "after"
      SRC_USER_POOL_ID      = "eu-west-1_Source123"
      STATIC_ATTRIBUTES     = "{}"
      TIME_BUDGET_MS        = "4500"
      UNVERIFIED_CONTACTS   = "copy"
      WELCOME_MESSAGE       = "none"
    } : aws_lambda_function.migration.environment[0].variables[name] == value])
    error_message = "Without further settings the environment must hold the function's own defaults."
  }

  assert {
    condition = length(setintersection(keys(aws_lambda_function.migration.environment[0].variables), [
      "MIGRATION_MARK", "PASSWORD_POLICY", "SRC_CLIENT_SECRET", "SRC_CLIENT_SECRET_ARN", "SRC_EXTERNAL_ID", "SRC_REGION", "SRC_ROLE_ARN",
    ])) == 0
    error_message = "The environment must hold nothing that is unset."
  }

  assert {
    condition = (
      aws_lambda_function.migration.runtime == "provided.al2023" && aws_lambda_function.migration.handler == "bootstrap" &&
      aws_lambda_function.migration.architectures == tolist(["x86_64"]) && aws_lambda_function.migration.timeout == 5 &&
      aws_lambda_function.migration.memory_size == 128 && aws_lambda_function.migration.reserved_concurrent_executions == -1 &&
      aws_lambda_function.migration.logging_config[0].log_format == "JSON" &&
      aws_lambda_function.migration.logging_config[0].application_log_level == "INFO" &&
      aws_lambda_function.migration.logging_config[0].log_group == aws_cloudwatch_log_group.function.name &&
      aws_cloudwatch_log_group.function.name == "/aws/lambda/cognito-user-migration" && aws_cloudwatch_log_group.function.retention_in_days == 30
    )
    error_message = "x86_64, 5 s, 128 MB, no reserved concurrency; the log is JSON at INFO, in the log group that Terraform owns."
  }

  assert {
    condition = (
      aws_lambda_function.migration.kms_key_arn == null && aws_lambda_function.migration.publish == false &&
      one(aws_lambda_function.migration.tracing_config).mode == "PassThrough" && length(aws_lambda_function.migration.vpc_config) == 0 &&
      length(aws_lambda_alias.live) == 0 && length(aws_lambda_provisioned_concurrency_config.live) == 0 &&
      aws_lambda_permission.user_pool["new"].qualifier == null && aws_iam_role.function.permissions_boundary == null &&
      aws_cloudwatch_log_group.function.kms_key_id == null
    )
    error_message = "No key, version, alias, trace, VPC or boundary unless asked for."
  }

  assert {
    condition = jsondecode(aws_iam_role.function.assume_role_policy).Statement == [
      { Action = "sts:AssumeRole", Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" } }
    ]
    error_message = "Only Lambda may take the function's role."
  }

  assert {
    condition = (
      keys(aws_lambda_permission.user_pool) == ["new"] &&
      aws_lambda_permission.user_pool["new"].action == "lambda:InvokeFunction" &&
      aws_lambda_permission.user_pool["new"].principal == "cognito-idp.amazonaws.com" &&
      aws_lambda_permission.user_pool["new"].source_account == "777788889999" &&
      aws_lambda_permission.user_pool["new"].source_arn == "arn:aws:cognito-idp:eu-west-1:777788889999:userpool/eu-west-1_New123"
    )
    error_message = "Only Cognito may call the function, only for the given pool, only in the account that owns it."
  }
}

run "every_setting" {
  command = plan

  variables {
    architecture          = "arm64"
    attribute_map         = { nickname = null, sub = "custom:old_sub", username = "custom:old_name", "custom:*" = "custom:*", "dev:custom:rank" = "custom:rank" }
    dst_username          = "sub"
    force_alias_creation  = true
    kms_key_arn           = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d"
    log_level             = "DEBUG"
    log_retention_days    = 90
    memory_size           = 512
    metrics               = "none"
    name                  = "migration"
    on_forgot_password    = "ignore"
    on_mfa                = "reset"
    on_reject             = "error"
    on_temporary_password = "reset"
    password_policy       = { minimumLength = 12, requireNumbers = false, requireSymbols = true }
    permissions_boundary  = "arn:aws:iam::444455556666:policy/boundary"
    reserved_concurrency  = 10
    client_metadata       = "tenant"
    copy_groups           = "admins,staff"
    migration_mark        = "custom:migration"
    reset_contacts        = ["phone_number"]
    source_user           = "disable"
    sign_up_guard         = true
    src_auth_flow         = "USER_PASSWORD_AUTH"
    src_client_secret     = "clientsecret"
    src_external_id       = "external-id"
    src_lookup            = "email"
    src_profile           = "id_token"
    src_region            = "eu-central-1"
    src_role_arn          = "arn:aws:iam::111122223333:role/source"
    static_attributes     = { "custom:origin" = "old pool" }
    tags                  = { project = "migration" }
    time_budget_ms        = 3000
    tracing               = true
    unverified_contacts   = "drop"
    vpc_config            = { security_group_ids = ["sg-0a1b2c3d"], subnet_ids = ["subnet-0a1b2c3d", "subnet-1a1b2c3d"] }
    welcome_message       = ["sms", "email"]
  }

  assert {
    condition = alltrue([for name, value in {
      ATTRIBUTE_MAP         = "{\"custom:*\":\"custom:*\",\"dev:custom:rank\":\"custom:rank\",\"nickname\":null,\"sub\":\"custom:old_sub\",\"username\":\"custom:old_name\"}"
      DST_USERNAME          = "sub"
      FORCE_ALIAS_CREATION  = "true"
      METRICS               = "none"
      ON_FORGOT_PASSWORD    = "ignore"
      ON_MFA                = "reset"
      ON_REJECT             = "error"
      ON_TEMPORARY_PASSWORD = "reset"
      PASSWORD_POLICY       = "{\"minimumLength\":12,\"requireNumbers\":false,\"requireSymbols\":true}"
      CLIENT_METADATA       = "tenant"
      COPY_GROUPS           = "admins,staff"
      MIGRATION_MARK        = "custom:migration"
      RESET_CONTACTS        = "phone_number"
      SOURCE_USER           = "disable"
      SRC_AUTH_FLOW         = "USER_PASSWORD_AUTH"
      SRC_CLIENT_ID         = "sourceclient"
      SRC_CLIENT_SECRET     = "clientsecret"
      SRC_EXTERNAL_ID       = "external-id"
      SRC_LOOKUP            = "email"
      SRC_PROFILE           = "id_token"
      SRC_REGION            = "eu-central-1"
      SRC_ROLE_ARN          = "arn:aws:iam::111122223333:role/source"
      SRC_USER_POOL_ID      = "eu-west-1_Source123"
      STATIC_ATTRIBUTES     = "{\"custom:origin\":\"old pool\"}"
      TIME_BUDGET_MS        = "3000"
      UNVERIFIED_CONTACTS   = "drop"
      WELCOME_MESSAGE       = "email,sms"
    } : nonsensitive(aws_lambda_function.migration.environment[0].variables)[name] == value])
    error_message = "Every setting must reach the function's environment in the form that the function reads."
  }

  assert {
    condition     = [for name, value in aws_lambda_function.migration.environment[0].variables : name if issensitive(value)] == ["SRC_CLIENT_SECRET"]
    error_message = "The client secret must not be shown in a plan, and must not hide the other settings there."
  }

  assert {
    condition = (
      aws_lambda_function.migration.architectures == tolist(["arm64"]) && aws_lambda_function.migration.function_name == "migration" &&
      aws_lambda_function.migration.memory_size == 512 && aws_lambda_function.migration.reserved_concurrent_executions == 10 &&
      aws_lambda_function.migration.logging_config[0].application_log_level == "DEBUG" &&
      aws_cloudwatch_log_group.function.name == "/aws/lambda/migration" && aws_cloudwatch_log_group.function.retention_in_days == 90 &&
      aws_iam_role.function.name == "migration"
    )
    error_message = "Architecture, name, memory, concurrency, log level and retention must be as set."
  }

  assert {
    condition = (
      alltrue([
        for key in [aws_lambda_function.migration.kms_key_arn, aws_cloudwatch_log_group.function.kms_key_id] :
        key == "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d"
      ]) &&
      alltrue([
        for tags in [aws_lambda_function.migration.tags, aws_iam_role.function.tags, aws_cloudwatch_log_group.function.tags] :
        tags == tomap({ project = "migration" })
      ]) &&
      aws_iam_role.function.permissions_boundary == "arn:aws:iam::444455556666:policy/boundary" &&
      one(aws_lambda_function.migration.tracing_config).mode == "Active" &&
      one(aws_lambda_function.migration.vpc_config).security_group_ids == toset(["sg-0a1b2c3d"]) &&
      one(aws_lambda_function.migration.vpc_config).subnet_ids == toset(["subnet-0a1b2c3d", "subnet-1a1b2c3d"])
    )
    error_message = "Key, tags, permissions boundary, traces and VPC must be as set."
  }
}

run "processes_that_wait" {
  command = plan

  variables {
    provisioned_concurrency = 2
  }

  override_resource {
    target          = aws_lambda_alias.live
    override_during = plan
    values          = { arn = "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:live" }
  }

  assert {
    condition = (
      aws_lambda_function.migration.publish == true && one(aws_lambda_alias.live).name == "live" &&
      one(aws_lambda_provisioned_concurrency_config.live).qualifier == "live" &&
      one(aws_lambda_provisioned_concurrency_config.live).provisioned_concurrent_executions == 2
    )
    error_message = "The function must be published, and its alias must have the processes."
  }

  assert {
    condition = (
      output.function_arn == "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration:live" &&
      output.function_name == "cognito-user-migration" &&
      aws_lambda_permission.user_pool["new"].qualifier == "live" && aws_lambda_permission.user_pool["new"].function_name == "cognito-user-migration"
    )
    error_message = "The trigger must be the alias, and Cognito must be allowed to call it."
  }
}

run "a_secret_in_secrets_manager" {
  command = plan

  variables {
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"
  }

  assert {
    condition = { for name, value in aws_lambda_function.migration.environment[0].variables : name => value if startswith(name, "SRC_CLIENT_") } == {
      SRC_CLIENT_ID         = "sourceclient"
      SRC_CLIENT_SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"
    }
    error_message = "The function must get the secret's ARN in place of the secret."
  }
}

run "a_plan_without_the_zip_fails" {
  command = plan

  variables {
    package_file = "no-such-file.zip"
  }

  expect_failures = [aws_lambda_function.migration]
}

run "a_plan_with_something_else_than_a_zip_fails" {
  command = plan

  variables {
    package_file = "main.tf"
  }

  expect_failures = [aws_lambda_function.migration]
}

run "settings_are_counted_in_bytes" {
  command = plan

  variables {
    # Two bytes, three bytes, and one that Terraform writes in six.
    copy_groups       = "r&d"
    migration_mark    = "custom:migration"
    static_attributes = { "custom:origin" = "é✓" }
  }

  assert {
    condition     = local.environment_bytes == length(jsonencode(aws_lambda_function.migration.environment[0].variables)) + 1 + 2 - 5
    error_message = "Lambda counts bytes of UTF-8, and escapes quotation marks and backslashes only."
  }
}

# Each of the two alone would fit.
run "settings_that_lambda_does_not_take" {
  command = plan

  variables {
    attribute_map     = { for number in range(50) : "custom:attribute_${number}" => "custom:renamed_${number}" }
    static_attributes = { "custom:terms" = format("%01500d", 0) }
  }

  expect_failures = [aws_lambda_function.migration]
}

run "fifty_renamed_attributes" {
  command = plan

  variables {
    attribute_map = { for number in range(50) : "custom:attribute_${number}" => "custom:renamed_${number}" }
  }
}

run "the_old_name_of_the_admin_flow" {
  command = plan

  variables {
    src_auth_flow = "ADMIN_NO_SRP_AUTH"
  }

  assert {
    condition = (
      aws_lambda_function.migration.environment[0].variables["SRC_AUTH_FLOW"] == "ADMIN_NO_SRP_AUTH" &&
      contains(output.source_actions, "cognito-idp:AdminInitiateAuth")
    )
    error_message = "The function takes the old name, and needs what it needs for the new one."
  }
}
