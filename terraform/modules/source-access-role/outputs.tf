output "role_arn" {
  description = "ARN of the role: the function's src_role_arn."
  value       = aws_iam_role.source_access.arn
}
