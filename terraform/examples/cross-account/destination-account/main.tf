# Steps 1 and 3 of 3, with the credentials of the account that owns the destination pool; docs/deploying.md has all three. The function
# comes first, because the source account can only trust a role that exists. Nothing calls it until the pool names it as its trigger.

module "migration_function" {
  source = "../../../modules/migration-function"

  src_client_id    = var.src_client_id
  src_external_id  = var.external_id
  src_role_arn     = "arn:${data.aws_partition.current.partition}:iam::${var.source_account_id}:role/${var.source_role_name}"
  src_user_pool_id = var.src_user_pool_id
  user_pool_arns   = { new = var.new_user_pool_arn }
}

data "aws_partition" "current" {}
