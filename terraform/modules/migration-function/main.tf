locals {
  # The function's environment: every variable that it reads, under its own name. The Terraform variable has the same name in
  # lower case. What is null is left out; everything else is written out, defaults too, so that the function's page in the
  # console shows the settings in force.
  environment = {
    ATTRIBUTE_MAP         = jsonencode(var.attribute_map)
    CLIENT_METADATA       = var.client_metadata
    COPY_GROUPS           = var.copy_groups
    DST_USERNAME          = var.dst_username
    FORCE_ALIAS_CREATION  = tostring(var.force_alias_creation)
    METRICS               = var.metrics
    MIGRATION_MARK        = var.migration_mark
    ON_FORGOT_PASSWORD    = var.on_forgot_password
    ON_MFA                = var.on_mfa
    ON_REJECT             = var.on_reject
    ON_TEMPORARY_PASSWORD = var.on_temporary_password
    PASSWORD_POLICY       = var.password_policy == null ? null : jsonencode({ for name, value in var.password_policy : name => value if value != null })
    RESET_CONTACTS        = join(",", sort(var.reset_contacts))
    SOURCE_USER           = var.source_user
    SRC_AUTH_FLOW         = var.src_auth_flow
    SRC_CLIENT_ID         = var.src_client_id
    SRC_CLIENT_SECRET     = var.src_client_secret
    SRC_CLIENT_SECRET_ARN = var.src_client_secret_arn
    SRC_EXTERNAL_ID       = var.src_external_id
    SRC_LOOKUP            = var.src_lookup
    SRC_PROFILE           = var.src_profile
    SRC_REGION            = var.src_region
    SRC_ROLE_ARN          = var.src_role_arn
    SRC_USER_POOL_ID      = var.src_user_pool_id
    STATIC_ATTRIBUTES     = jsonencode(var.static_attributes)
    TIME_BUDGET_MS        = tostring(var.time_budget_ms)
    UNVERIFIED_CONTACTS   = var.unverified_contacts
    WELCOME_MESSAGE       = length(var.welcome_message) == 0 ? "none" : join(",", sort(var.welcome_message))
  }

  # Whether the secret is set is no secret. Without nonsensitive() Terraform would hide the whole map in every plan.
  configured_environment = { for name, value in local.environment : name => value if nonsensitive(value != null) }

  # Lambda counts the environment as JSON, in bytes. Base64 tells bytes, where length() tells characters. Terraform writes <, > and &
  # in six bytes, Lambda in one. How long a secret is need not be hidden: otherwise no plan could say what is too long.
  environment_json = base64encode(jsonencode(local.configured_environment))
  environment_text = join("", values(local.configured_environment))
  environment_bytes = nonsensitive(
    length(local.environment_json) * 3 / 4 - length(regexall("=", local.environment_json)) - 5 * length(regexall("[<>&]", local.environment_text))
  )
  environment_longest = slice(reverse(sort([
    for name, value in local.configured_environment : format("%06d %s", nonsensitive(length(value)), lower(name))
  ])), 0, 3)

  # Where `make package` puts the zip, for a module that is used from a checkout of the repository by a relative path. Of any other
  # source Terraform makes a copy, which has no zip beside it.
  package_file = coalesce(var.package_file, "${path.module}/../../../target/lambda/cognito-user-migration/bootstrap.zip")

  # None where the zip is in S3: then no file is looked at, because the machine that applies may have others than the one that planned.
  local_packages = var.package_s3 == null ? [local.package_file] : []

  # Provisioned concurrency belongs to a version or an alias, never to the function itself.
  has_alias = var.provisioned_concurrency != null
}

resource "aws_lambda_function" "migration" {
  #checkov:skip=CKV_AWS_116:Cognito invokes the function and waits for its answer; dead letter queues are for asynchronous invocations.
  #checkov:skip=CKV_AWS_272:The zip comes from a build or a release, and not from AWS Signer. The release has checksums and provenance.
  function_name                  = var.name
  description                    = "Migrates users from ${var.src_user_pool_id} at their first sign-in or password reset"
  role                           = aws_iam_role.function.arn
  runtime                        = "provided.al2023"
  architectures                  = [var.architecture]
  handler                        = "bootstrap"
  filename                       = one(local.local_packages)
  source_code_hash               = one([for file in local.local_packages : filebase64sha256(file) if fileexists(file)])
  s3_bucket                      = one(var.package_s3[*].bucket)
  s3_key                         = one(var.package_s3[*].key)
  s3_object_version              = one(var.package_s3[*].version)
  memory_size                    = var.memory_size
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn
  publish                        = local.has_alias
  tags                           = var.tags

  # Cognito waits five seconds for a trigger and then asks again: more time would not help.
  timeout = 5

  environment {
    variables = local.configured_environment
  }

  logging_config {
    application_log_level = var.log_level
    log_format            = "JSON"
    log_group             = aws_cloudwatch_log_group.function.name
    system_log_level      = "INFO"
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.vpc_config[*]

    content {
      security_group_ids = vpc_config.value.security_group_ids
      subnet_ids         = vpc_config.value.subnet_ids
    }
  }

  # The first invocation must find its permissions.
  depends_on = [aws_iam_role_policy.function]

  lifecycle {
    precondition {
      condition     = alltrue([for file in local.local_packages : fileexists(file)])
      error_message = "${local.package_file} does not exist: set package_file to a downloaded zip, or run \"make package\" in the repository to make it. An apply of a saved plan needs the zip too, at the same path: if another machine applies, hand it over with the plan, or set package_s3. Without package_file, the module's source must be a path to that repository that begins with ./ or ../, because Terraform copies any other module, without the zip."
    }

    # "PK" and what follows it in every zip that holds something.
    precondition {
      condition     = alltrue([for file in local.local_packages : try(startswith(filebase64(file), "UEsDB"), true)])
      error_message = "${local.package_file} is no zip: set package_file to a downloaded zip, or run \"make package\" in the repository to make it."
    }

    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    precondition {
      condition     = local.environment_bytes <= 4096
      error_message = "The settings take ${local.environment_bytes} bytes of environment variables, and Lambda takes 4096, counted as JSON. The longest are ${join(", ", [for text in local.environment_longest : "${split(" ", text)[1]} (${tonumber(split(" ", text)[0])} characters)"])}. Shorten them: in attribute_map, \"custom:*\" = \"custom:*\" replaces every custom attribute that keeps its name; in static_attributes, a long text that is the same for all users need not be an attribute."
    }
  }
}

# Terraform owns the log group, so that it has a retention and is deleted with the function. The role cannot make one.
resource "aws_cloudwatch_log_group" "function" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_alias" "live" {
  count = local.has_alias ? 1 : 0

  name             = "live"
  description      = "The version that the user pools call"
  function_name    = aws_lambda_function.migration.function_name
  function_version = aws_lambda_function.migration.version
}

resource "aws_lambda_provisioned_concurrency_config" "live" {
  count = local.has_alias ? 1 : 0

  function_name                     = aws_lambda_alias.live[0].function_name
  qualifier                         = aws_lambda_alias.live[0].name
  provisioned_concurrent_executions = var.provisioned_concurrency
}

# Only Cognito, only for these pools, only in the account that owns them. Nothing above depends on the pools: a pool can name
# the function as its trigger in the same apply.
resource "aws_lambda_permission" "user_pool" {
  for_each = var.user_pool_arns

  statement_id   = "UserMigration-${each.key}"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.migration.function_name
  qualifier      = one(aws_lambda_alias.live[*].name)
  principal      = "cognito-idp.amazonaws.com"
  source_account = split(":", each.value)[4]
  source_arn     = each.value
}
