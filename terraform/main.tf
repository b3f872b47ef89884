# A demonstration: two user pools, the function between them, and an API that only a signed-in user may call. For pools of your
# own, use modules/migration-function by itself; the README says how.

module "migration_function" {
  source = "./modules/migration-function"

  architecture      = var.architecture
  attribute_map     = { "custom:tenant" = "custom:tenant" }
  name              = var.name
  package_file      = var.package_file
  src_auth_flow     = var.src_auth_flow
  src_client_id     = local.source_pool.client_id
  src_client_secret = local.source_client_secret
  src_external_id   = local.source_pool.external_id
  src_region        = local.source_pool.region
  src_role_arn      = local.source_pool.role_arn
  src_user_pool_id  = local.source_pool.user_pool_id
  user_pool_arns    = { new = aws_cognito_user_pool.new.arn }
}
