output "finish_policy" {
  description = "What the function's role may do in the destination pools, as JSON; null without migration_mark."
  value       = one(aws_iam_role_policy.finish[*].policy)
}

output "function_arn" {
  description = "ARN of the function, with provisioned_concurrency that of its alias: the value for a user pool's user_migration trigger, and for pre_sign_up and post_authentication where they are used."
  value       = local.has_alias ? aws_lambda_alias.live[0].arn : aws_lambda_function.migration.arn
}

output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.migration.function_name
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.function.name
}

output "revision" {
  description = "Changes with the function's code and its settings, for what is to happen again when they do."
  value       = nonsensitive(sha256(jsonencode([var.package_s3 == null ? aws_lambda_function.migration.source_code_hash : jsonencode(var.package_s3), local.configured_environment])))
}

output "role_arn" {
  description = "ARN of the function's role: function_role_arn of modules/source-access-role."
  value       = aws_iam_role.function.arn
}

output "role_policy" {
  description = "What the function's role may do elsewhere, as JSON: for a review, or for a policy check in a pipeline."
  value       = aws_iam_role_policy.function.policy
}

output "source_actions" {
  description = "The IAM actions that the function needs on the source pool: actions of modules/source-access-role. Empty where its calls are unsigned."
  value       = local.source_actions
}

output "source_user_pool_arn" {
  description = "ARN of the source pool: src_user_pool_arn of modules/source-access-role."
  value       = local.source_user_pool_arn
}
