output "alarm_topic_arn" {
  description = "ARN of the SNS topic to which the alarms go; null without alarm_topic."
  value       = one(aws_sns_topic.alarms[*].arn)
}

output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.migration.dashboard_name
}
