# A demonstration: two user pools, the function between them, and an API that only a signed-in user may call. For pools of your
# own, use modules/migration-function by itself; docs/deploying.md says how.

module "migration_function" {
  source = "./modules/migration-function"

  architecture          = var.architecture
  attribute_map         = var.attribute_map
  copy_groups           = var.copy_groups
  migration_mark        = var.finish_migrations ? local.migration_mark : null
  name                  = var.name
  on_mfa                = var.on_mfa
  on_temporary_password = var.on_temporary_password
  package_file          = var.package_file
  reset_contacts        = local.recovery_contacts
  sign_up_guard         = var.sign_up_guard
  source_user           = var.source_user
  src_auth_flow         = var.src_auth_flow
  src_client_id         = local.source_pool.client_id
  src_client_secret     = var.secrets_manager ? null : local.source_client_secret
  src_client_secret_arn = one(aws_secretsmanager_secret_version.source_client[*].secret_id)
  src_external_id       = local.source_pool.external_id
  src_lookup            = var.src_lookup
  src_region            = local.source_pool.region
  src_role_arn          = local.source_pool.role_arn
  src_user_pool_id      = local.source_pool.user_pool_id
  user_pool_arns        = { new = aws_cognito_user_pool.new.arn }
}

module "monitoring" {
  source = "./modules/monitoring"
  count  = var.monitoring ? 1 : 0

  alarm_topic   = var.alarm_topic
  function_name = module.migration_function.function_name
  log_group     = module.migration_function.log_group
}

# The function's own report on the source pool, from where it really runs: once after the first apply, and again whenever the
# function or the source pool has changed.
resource "aws_lambda_invocation" "preflight" {
  count = var.run_preflight ? 1 : 0

  function_name = module.migration_function.function_name
  input         = jsonencode({ triggerSource = "Migration_Preflight" })

  triggers = {
    function = module.migration_function.revision
    pool = sha256(jsonencode([
      for pool in aws_cognito_user_pool.source : [
        pool.lambda_config, pool.mfa_configuration, pool.schema, pool.username_attributes, pool.username_configuration,
      ]
    ]))
    client = sha256(jsonencode([
      for client in aws_cognito_user_pool_client.source : [
        client.explicit_auth_flows, client.prevent_user_existence_errors, client.read_attributes,
      ]
    ]))
  }
}

check "preflight" {
  assert {
    condition = alltrue([for invocation in aws_lambda_invocation.preflight : try(jsondecode(invocation.result).ok, false)])
    error_message = join(" ", [
      "The preflight failed:",
      join(", ", flatten([
        for invocation in aws_lambda_invocation.preflight : try(
          [
            for check in jsondecode(invocation.result).checks : check.id
            if check.status == "fail" || contains(["no_permission", "no_answer"], try(check.why, ""))
          ],
          ["the function did not report"],
        )
      ])),
      "- run \"make preflight\" for what to do.",
    ])
  }
}
