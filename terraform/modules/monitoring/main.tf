# A dashboard, alarms and saved queries for a migration function. It needs the function's metrics: metrics = "emf", the default.

data "aws_region" "current" {}

locals {
  # The function's own metrics; see src/telemetry.rs.
  namespace = "CognitoUserMigration"
  of_function = {
    FunctionName = var.function_name
  }

  # Failures by class are counted from the log, because the function's metrics have no dimension for it. A metric of a filter
  # has no dimension either, so each function has its own namespace.
  filter_namespace = "${local.namespace}/${var.function_name}"
  failure_classes  = toset(["Misconfigured", "SourceUnavailable"])

  alarm_actions = concat(tolist(var.alarm_topic_arns), aws_sns_topic.alarms[*].arn)

  queries = {
    "Refusals by reason" = <<-E
      filter outcome = "rejected"
      | stats count(*) as refusals by reason, trigger
      | sort refusals desc
    E

    "Failures by class and cause" = <<-E
      filter outcome = "failed"
      | stats count(*) as failures, latest(source_request_id) as last_source_request by reason, operation, code
      | sort failures desc
    E

    "Why was this request refused" = <<-E
      fields @timestamp, trigger, outcome, reason, operation, code, duration_ms, source_sub, source_request_id
      | filter request_id = "PASTE THE REQUEST ID HERE"
      | sort @timestamp
    E
  }
}

resource "aws_cloudwatch_log_metric_filter" "failures" {
  for_each = local.failure_classes

  name           = "${var.function_name}-${each.key}"
  log_group_name = var.log_group
  pattern        = "{ ($.outcome = \"failed\") && ($.reason = \"${each.key}\") }"

  metric_transformation {
    name          = each.key
    namespace     = local.filter_namespace
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_sns_topic" "alarms" {
  count = var.alarm_topic ? 1 : 0

  name = "${var.function_name}-alarms"
}

# A setting, a permission or a secret is wrong: nobody is migrated until somebody mends it.
resource "aws_cloudwatch_metric_alarm" "misconfigured" {
  alarm_name          = "${var.function_name}-misconfigured"
  alarm_description   = "The migration function is misconfigured, so users cannot sign in. Run the preflight: it names the setting."
  namespace           = local.filter_namespace
  metric_name         = aws_cloudwatch_log_metric_filter.failures["Misconfigured"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

# One failure among few is no outage: at least three, and more than the given share.
resource "aws_cloudwatch_metric_alarm" "source_unavailable" {
  alarm_name          = "${var.function_name}-source-unavailable"
  alarm_description   = "The source pool cannot be asked for more than ${var.unavailable_alarm_percent} % of the users who come."
  evaluation_periods  = 1
  threshold           = var.unavailable_alarm_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions

  metric_query {
    id          = "rate"
    label       = "SourceUnavailable, % of invocations"
    expression  = "IF(unavailable >= 3, 100 * unavailable / invocations, 0)"
    return_data = true
  }

  metric_query {
    id = "unavailable"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.failures["SourceUnavailable"].metric_transformation[0].name
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id = "invocations"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Invocations"
      stat        = "Sum"
      period      = 300
      dimensions  = local.of_function
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name          = "${var.function_name}-slow"
  alarm_description   = "Migrations come near to the 5 seconds that Cognito waits."
  namespace           = local.namespace
  metric_name         = "DurationMs"
  dimensions          = local.of_function
  extended_statistic  = "p99"
  period              = 300
  evaluation_periods  = 1
  threshold           = var.duration_alarm_ms
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

# What the function itself cannot count: it was stopped, or it was not started.
resource "aws_cloudwatch_metric_alarm" "lambda" {
  for_each = {
    errors    = { metric = "Errors", description = "Invocations of the migration function end in an error: the user sees it." }
    throttles = { metric = "Throttles", description = "Lambda starts the migration function too seldom: raise its concurrency, or the account's." }
  }

  alarm_name          = "${var.function_name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = local.of_function
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
}

resource "aws_cloudwatch_query_definition" "saved" {
  for_each = local.queries

  name            = "${var.function_name}/${each.key}"
  log_group_names = [var.log_group]
  query_string    = each.value
}
