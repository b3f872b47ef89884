output "for_source_account" {
  description = "The variables of the other example. As JSON, they are its terraform.tfvars.json."
  value = {
    actions           = module.migration_function.source_actions
    external_id       = var.external_id
    function_role_arn = module.migration_function.role_arn
    role_name         = var.source_role_name
    src_user_pool_arn = module.migration_function.source_user_pool_arn
  }
}

output "function_arn" {
  description = "The destination pool's user_migration trigger, once the source account trusts the function."
  value       = module.migration_function.function_arn
}
