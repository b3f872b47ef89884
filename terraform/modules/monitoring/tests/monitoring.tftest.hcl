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
    condition = { for name, filter in aws_cloudwatch_log_metric_filter.counted : name => filter.pattern } == {
      Misconfigured     = "{ ($.outcome = \"failed\") && ($.reason = \"Misconfigured\") }"
      SourceUnavailable = "{ ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"
      BlockedByRisk     = "{ $.reason = \"blocked_by_risk\" }"
      Asked             = "{ (($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\")) && (($.outcome != \"rejected\") || ($.reason != \"forgot_password_off\")) }"
      AskedInVain       = "{ (($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\")) && ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"
      Migrated          = "{ $.outcome = \"migrated\" }"
      MigratedByReset   = "{ ($.trigger = \"UserMigration_ForgotPassword\") && ($.outcome = \"migrated\") }"
      SignIns           = "{ $.trigger = \"UserMigration_Authentication\" }"
      SignInsRejected   = "{ ($.trigger = \"UserMigration_Authentication\") && ($.outcome = \"rejected\") }"
      AnsweredErrors    = "{ ((($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\")) && ($.outcome = \"failed\")) || ($.reason = \"account_exists\") }"
    }
    error_message = "People and failures must be counted from the lines of the log that tell of them."
  }

  assert {
    condition     = endswith(aws_cloudwatch_metric_alarm.alarm["misconfigured"].alarm_description, " What to do: docs/alarms.md, under the end of this alarm's name.")
    error_message = "Without a URL, an alarm must say where to read on in this repository."
  }

  # CloudWatch takes no longer pattern.
  assert {
    condition = alltrue([
      for name, filter in aws_cloudwatch_log_metric_filter.counted :
      length(filter.pattern) <= 1024 && filter.log_group_name == "/aws/lambda/migration" && filter.name == "migration-${name}" &&
      filter.metric_transformation[0].namespace == "CognitoUserMigration/migration" && filter.metric_transformation[0].name == name &&
      filter.metric_transformation[0].value == "1" && filter.metric_transformation[0].default_value == "0"
    ])
    error_message = "Each line must count once, under the name of its filter, in the namespace of the function."
  }

  assert {
    condition = jsonencode({
      for name, alarm in aws_cloudwatch_metric_alarm.alarm :
      name => sort(concat(
        ["${alarm.comparison_operator} ${alarm.threshold}; no data: ${alarm.treat_missing_data}; told: ${length(coalesce(alarm.alarm_actions, []))}"],
        alarm.metric_name == null ? [] : [
          "${try(coalesce(alarm.statistic), alarm.extended_statistic)} of ${alarm.namespace} ${alarm.metric_name} in ${alarm.period} s, ${jsonencode(alarm.dimensions)}"
        ],
        [
          for query in alarm.metric_query : "${query.id}, returned ${coalesce(query.return_data, false)}: ${try(
            [for metric in query.metric : "${metric.stat} of ${metric.namespace} ${metric.metric_name} in ${metric.period} s, ${jsonencode(metric.dimensions)}"][0],
            query.expression,
          )}"
        ],
      ))
      }) == jsonencode({
      blocked-by-risk = [
        "GreaterThanThreshold 0; no data: notBreaching; told: 0",
        "Sum of CognitoUserMigration/migration BlockedByRisk in 300 s, null",
      ]
      # Without those errors that the function itself answered.
      errors = [
        "GreaterThanThreshold 0; no data: notBreaching; told: 0",
        "answered, returned false: Sum of CognitoUserMigration/migration AnsweredErrors in 300 s, null",
        "difference, returned false: FILL(errors, 0) - FILL(answered, 0)",
        "errors, returned false: Sum of AWS/Lambda Errors in 300 s, {\"FunctionName\":\"migration\"}",
        "unanswered, returned true: IF(difference > 0, difference, 0)",
      ]
      misconfigured = [
        "GreaterThanThreshold 0; no data: notBreaching; told: 0",
        "Sum of CognitoUserMigration/migration Misconfigured in 60 s, null",
      ]
      rejected = [
        "GreaterThanThreshold 80; no data: notBreaching; told: 0",
        "rate, returned true: IF(FILL(sign_ins, 0) >= 20, 100 * rejected / sign_ins, 0)",
        "rejected, returned false: Sum of CognitoUserMigration/migration SignInsRejected in 3600 s, null",
        "sign_ins, returned false: Sum of CognitoUserMigration/migration SignIns in 3600 s, null",
      ]
      resets = [
        "GreaterThanThreshold 30; no data: notBreaching; told: 0",
        "Sum of CognitoUserMigration/migration MigratedByReset in 3600 s, null",
      ]
      slow = [
        "GreaterThanThreshold 3500; no data: notBreaching; told: 0",
        "p99 of CognitoUserMigration DurationMs in 300 s, {\"FunctionName\":\"migration\"}",
      ]
      # The share of those about whom the source pool was asked, not of all invocations.
      source-unavailable = [
        "GreaterThanThreshold 5; no data: notBreaching; told: 0",
        "asked, returned false: Sum of CognitoUserMigration/migration Asked in 300 s, null",
        "in_vain, returned false: Sum of CognitoUserMigration/migration AskedInVain in 300 s, null",
        "rate, returned true: IF(FILL(in_vain, 0) >= 3, 100 * in_vain / asked, 0)",
      ]
      # Any invocation that Lambda does not start.
      throttles = [
        "GreaterThanThreshold 0; no data: notBreaching; told: 0",
        "Sum of AWS/Lambda Throttles in 300 s, {\"FunctionName\":\"migration\"}",
      ]
    })
    error_message = "Each alarm must fire for exactly this. Hours without users fire none unless asked for, and without a topic no alarm is sent."
  }

  assert {
    condition = (
      length(aws_sns_topic.alarms) == 0 && toset(keys(aws_cloudwatch_query_definition.saved)) ==
      toset(["Rejections by reason", "Failures by class and cause", "Finished migrations", "Marks of another user", "Why was this request rejected"])
    )
    error_message = "No topic unless asked for; the queries are saved."
  }

  assert {
    condition = alltrue([
      for text in ["Migrated", "Rejected", "Failed", "DurationMs", "SourceMs", "p50", "p99", "5000", "Rejections by reason", "missing_groups", "source_users", "SignInsRejected"] :
      strcontains(aws_cloudwatch_dashboard.migration.dashboard_body, text)
    ])
    error_message = "The dashboard must show migrations, refusals by reason and their share, failures, latency, missing groups and the source pool's users."
  }

  # Sign-ups and sign-ins to the destination pool are measured only where they went wrong: mixed in, they would hide how long migrations take.
  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets : [
        for metric in try(widget.properties.metrics, []) : startswith(try(metric[5], ""), "UserMigration_") if try(endswith(metric[1], "Ms"), false)
      ]
    ]))
    error_message = "The times on the dashboard must be those of migrations."
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets :
      [for metric in widget.properties.metrics : join(" ", metric)] if widget.properties.title == "Failures by class"
    ] == [["CognitoUserMigration/migration Misconfigured", "CognitoUserMigration/migration SourceUnavailable"]]
    error_message = "The dashboard must show the failures of each class, whatever they kept from being done."
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
    idle_alarm_hours          = 168
    kms_key_arn               = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
    rejected_alarm_percent    = 95
    reset_alarm_per_hour      = 500
    runbook_url               = "https://wiki.example.com/migration#alarms"
    tags                      = { project = "migration" }
    unavailable_alarm_percent = 20
  }

  override_resource {
    target          = aws_sns_topic.alarms
    override_during = plan
    values          = { arn = "arn:aws:sns:eu-west-1:111122223333:migration-alarms" }
  }

  assert {
    condition = [for name in ["slow", "source-unavailable", "rejected", "resets"] : aws_cloudwatch_metric_alarm.alarm[name].threshold] == [4000, 20, 95, 500] && alltrue([
      for name, alarm in aws_cloudwatch_metric_alarm.alarm : alarm.alarm_name == "migration-${name}" &&
      endswith(alarm.alarm_description, " What to do: https://wiki.example.com/migration#alarms") &&
      alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:operators", "arn:aws:sns:eu-west-1:111122223333:migration-alarms"]) &&
      alarm.ok_actions == alarm.alarm_actions && alarm.tags == tomap({ project = "migration" })
    ])
    error_message = "Every alarm must have the tags, say where to read on and go to the topic that was made and to those that were given, and the limits must be as set."
  }

  assert {
    condition = (
      one(aws_sns_topic.alarms).kms_master_key_id == "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d" &&
      one(aws_sns_topic.alarms).tags == tomap({ project = "migration" })
    )
    error_message = "The topic must have the key and the tags."
  }

  # Missing numbers are hours without a line: in these, no user has migrated either.
  assert {
    condition = [
      for alarm in [aws_cloudwatch_metric_alarm.alarm["idle"]] :
      "${alarm.statistic} of ${alarm.namespace} ${alarm.metric_name}: ${alarm.evaluation_periods} times ${alarm.period} s ${alarm.comparison_operator} ${alarm.threshold}; no data: ${alarm.treat_missing_data}"
    ] == ["Sum of CognitoUserMigration/migration Migrated: 168 times 3600 s LessThanThreshold 1; no data: breaching"]
    error_message = "The alarm for hours without migrations must fire once each of so many hours was without one."
  }
}

run "wrong_values" {
  command = plan

  variables {
    alarm_topic_arns          = ["operators"]
    duration_alarm_ms         = 6000
    idle_alarm_hours          = 169
    kms_key_arn               = "alias/aws/sns"
    rejected_alarm_percent    = 101
    reset_alarm_per_hour      = -1
    runbook_url               = "docs/alarms.md"
    unavailable_alarm_percent = 0
  }

  expect_failures = [
    var.alarm_topic_arns, var.duration_alarm_ms, var.idle_alarm_hours, var.kms_key_arn, var.rejected_alarm_percent,
    var.reset_alarm_per_hour, var.runbook_url, var.unavailable_alarm_percent,
  ]
}
