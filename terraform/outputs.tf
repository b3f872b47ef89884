# `make verify` reads these.

output "alarm_topic_arn" {
  description = "ARN of the SNS topic to which the alarms go; null without alarm_topic."
  value       = one(module.monitoring[*].alarm_topic_arn)
}

output "function_name" {
  description = "Name of the migration function."
  value       = module.migration_function.function_name
}

output "invoke_url" {
  description = "URL of the API. It answers to an id token of the destination pool in the header Authorization."
  value       = aws_api_gateway_stage.demonstration.invoke_url
}

output "log_group" {
  description = "Name of the function's log group."
  value       = module.migration_function.log_group
}

output "migration_mark" {
  description = "The destination pool's attribute that says whether post-migration steps are due; null without finish_migrations."
  value       = var.finish_migrations ? local.migration_mark : null
}

output "new_client_id" {
  description = "Id of the destination pool's app client."
  value       = aws_cognito_user_pool_client.new.id
}

output "new_user_pool_id" {
  description = "Id of the destination pool."
  value       = aws_cognito_user_pool.new.id
}

output "source_client_id" {
  description = "Id of the source pool's app client."
  value       = local.source_pool.client_id
}

output "source_user" {
  description = "What happens to the source user after the first sign-in to the destination pool."
  value       = var.source_user
}

output "source_user_pool_id" {
  description = "Id of the source pool."
  value       = local.source_pool.user_pool_id
}
