output "finish_policy" {
  description = "What the function's role may do about migrated users in the new pools, as JSON; null without migration_mark."
  value       = one(aws_iam_role_policy.finish[*].policy)
}

output "function_arn" {
  description = "ARN of the function: the value for a user pool's user_migration trigger, and for pre_sign_up and post_authentication where they are used."
  value       = aws_lambda_function.migration.arn
}

output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.migration.function_name
}

output "log_group" {
  description = "Name of the function's log group."
  value       = aws_cloudwatch_log_group.function.name
}

output "preflight_policy" {
  description = "What the function's role may read of the new pools, as JSON; null without preflight."
  value       = one(aws_iam_role_policy.preflight[*].policy)
}

output "revision" {
  description = "Changes with the function's code and its settings, for what is to happen again when they do."
  value       = nonsensitive(sha256(jsonencode([aws_lambda_function.migration.source_code_hash, local.configured_environment])))
}

output "role_arn" {
  description = "ARN of the function's role: what modules/source-access-role trusts in another account."
  value       = aws_iam_role.function.arn
}

output "role_policy" {
  description = "What the function's role may do, as JSON: for a review, or for a policy check in a pipeline. finish_policy and preflight_policy come on top."
  value       = data.aws_iam_policy_document.function.json
}
