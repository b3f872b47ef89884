output "function_arn" {
  description = "The new pool's user_migration trigger, once the source account trusts the function."
  value       = module.migration_function.function_arn
}

output "function_role_arn" {
  description = "What the source account's role trusts."
  value       = module.migration_function.role_arn
}
