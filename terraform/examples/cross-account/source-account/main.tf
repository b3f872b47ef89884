# Step 2 of 3, with the credentials of the account that owns the source pool, after the function exists. All variables come from
# the other example's output for_source_account.

module "source_access_role" {
  source = "../../../modules/source-access-role"

  actions           = var.actions
  external_id       = var.external_id
  function_role_arn = var.function_role_arn
  name              = var.role_name
  src_user_pool_arn = var.src_user_pool_arn
}
