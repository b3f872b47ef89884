output "role_arn" {
  description = "ARN of the role that the function assumes."
  value       = module.source_access_role.role_arn
}
