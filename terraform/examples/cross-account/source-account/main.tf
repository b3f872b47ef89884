# Step 2 of 3, with the credentials of the account that owns the source pool, after the function exists.

module "source_access_role" {
  source = "../../../modules/source-access-role"

  external_id       = var.external_id
  function_role_arn = var.function_role_arn
  src_user_pool_id  = var.src_user_pool_id
}
