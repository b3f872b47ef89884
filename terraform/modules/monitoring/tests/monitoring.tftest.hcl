# What is watched, and what it is compared with.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  function_name = "migration"
  log_group     = "/aws/lambda/migration"
}

run "defaults" {
  command = plan

  assert {
    condition = { for class, filter in aws_cloudwatch_log_metric_filter.failures : class => filter.pattern } == {
      Misconfigured     = "{ ($.outcome = \"failed\") && ($.reason = \"Misconfigured\") }"
      SourceUnavailable = "{ ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"
    }
    error_message = "Failures must be counted from the lines of the log that tell them."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.misconfigured.namespace == "CognitoUserMigration/migration" &&
      aws_cloudwatch_metric_alarm.misconfigured.metric_name == "Misconfigured" && aws_cloudwatch_metric_alarm.misconfigured.threshold == 0
    )
    error_message = "Any misconfiguration must raise the alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.source_unavailable.threshold == 5
    error_message = "The alarm for an unavailable source pool must be raised over its rate."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.slow.namespace == "CognitoUserMigration" && aws_cloudwatch_metric_alarm.slow.metric_name == "DurationMs" &&
      aws_cloudwatch_metric_alarm.slow.extended_statistic == "p99" && aws_cloudwatch_metric_alarm.slow.threshold == 3500 &&
      aws_cloudwatch_metric_alarm.slow.dimensions == tomap({ FunctionName = "migration" })
    )
    error_message = "The 99th percentile of the duration over 3.5 s must raise the alarm."
  }

  assert {
    condition = { for name, alarm in aws_cloudwatch_metric_alarm.lambda : name => "${alarm.namespace} ${alarm.metric_name} > ${alarm.threshold}" } == {
      errors    = "AWS/Lambda Errors > 0"
      throttles = "AWS/Lambda Throttles > 0"
    }
    error_message = "Lambda's own errors and throttles must raise an alarm."
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.misconfigured, aws_cloudwatch_metric_alarm.source_unavailable, aws_cloudwatch_metric_alarm.slow],
        values(aws_cloudwatch_metric_alarm.lambda),
      ) :
      alarm.treat_missing_data == "notBreaching" && alarm.comparison_operator == "GreaterThanThreshold" && length(coalesce(alarm.alarm_actions, [])) == 0
    ])
    error_message = "An hour without users must raise no alarm, and without a topic nobody is told."
  }

  assert {
    condition = (
      length(aws_sns_topic.alarms) == 0 && toset(keys(aws_cloudwatch_query_definition.saved)) ==
      toset(["Refusals by reason", "Failures by class and cause", "Why was this request refused"])
    )
    error_message = "No topic unless asked for; the queries are saved."
  }

  assert {
    condition = alltrue([
      for text in ["Migrated", "Rejected", "Failed", "DurationMs", "SourceMs", "p50", "p99", "5000", "Refusals by reason", "source_users"] :
      strcontains(aws_cloudwatch_dashboard.migration.dashboard_body, text)
    ])
    error_message = "The dashboard must show migrations, refusals by reason, failures, latency and both pools' users."
  }

  # CloudWatch lays widgets out on 24 columns; two in one place would hide each other.
  assert {
    condition = alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets :
      widget.x + widget.width <= 24 && contains(["metric", "log"], widget.type) && widget.properties.region == "eu-west-1"
      ]) && length(jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets) == length(distinct([
        for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets : "${widget.x} ${widget.y}"
    ]))
    error_message = "Every widget must have a place of its own."
  }
}

run "alarms_with_a_topic" {
  command = plan

  variables {
    alarm_topic               = true
    alarm_topic_arns          = ["arn:aws:sns:eu-west-1:111122223333:operators"]
    duration_alarm_ms         = 4000
    unavailable_alarm_percent = 20
  }

  override_resource {
    target          = aws_sns_topic.alarms
    override_during = plan
    values          = { arn = "arn:aws:sns:eu-west-1:111122223333:migration-alarms" }
  }

  assert {
    condition = alltrue([
      for alarm in concat(
        [aws_cloudwatch_metric_alarm.misconfigured, aws_cloudwatch_metric_alarm.source_unavailable, aws_cloudwatch_metric_alarm.slow],
        values(aws_cloudwatch_metric_alarm.lambda),
      ) :
      alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:operators", "arn:aws:sns:eu-west-1:111122223333:migration-alarms"]) &&
      alarm.ok_actions == alarm.alarm_actions
    ])
    error_message = "Every alarm must go to the topic that was made and to those that were given."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.slow.threshold == 4000 && aws_cloudwatch_metric_alarm.source_unavailable.threshold == 20
    error_message = "The limits must be as set."
  }
}

run "wrong_values" {
  command = plan

  variables {
    alarm_topic_arns          = ["operators"]
    duration_alarm_ms         = 6000
    unavailable_alarm_percent = 0
  }

  expect_failures = [var.alarm_topic_arns, var.duration_alarm_ms, var.unavailable_alarm_percent]
}
