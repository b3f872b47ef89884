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
      Asked = join(" && ", [
        "{ (($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\"))",
        "(($.outcome != \"rejected\") || ($.reason != \"forgot_password_off\")) }",
      ])
      AskedInVain = join(" && ", [
        "{ (($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\"))",
        "($.outcome = \"failed\")",
        "($.reason = \"SourceUnavailable\") }",
      ])
      AnsweredErrors = join(" || ", [
        "{ ((($.trigger = \"UserMigration_*\")",
        "($.trigger = \"PreSignUp_SignUp\")) && ($.outcome = \"failed\"))",
        "($.reason = \"account_exists\") }",
      ])
    }
    error_message = "People and failures must be counted from the lines of the log that tell of them."
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
    condition = (
      aws_cloudwatch_metric_alarm.misconfigured.namespace == "CognitoUserMigration/migration" &&
      aws_cloudwatch_metric_alarm.misconfigured.metric_name == "Misconfigured" && aws_cloudwatch_metric_alarm.misconfigured.threshold == 0
    )
    error_message = "Any misconfiguration must raise the alarm."
  }

  assert {
    condition = aws_cloudwatch_metric_alarm.source_unavailable.threshold == 5 && {
      for query in aws_cloudwatch_metric_alarm.source_unavailable.metric_query : query.id => try(
        [for metric in query.metric : "${metric.stat} of ${metric.namespace} ${metric.metric_name} in ${metric.period} s, ${jsonencode(metric.dimensions)}"][0],
        "${query.expression}, returned: ${query.return_data}",
      )
      } == {
      rate    = "IF(FILL(in_vain, 0) >= 3, 100 * in_vain / asked, 0), returned: true"
      in_vain = "Sum of CognitoUserMigration/migration AskedInVain in 300 s, null"
      asked   = "Sum of CognitoUserMigration/migration Asked in 300 s, null"
    }
    error_message = "The alarm for an unavailable source pool must be raised over its share of those about whom the pool was asked, not of all invocations."
  }

  assert {
    condition = aws_cloudwatch_metric_alarm.errors.threshold == 0 && {
      for query in aws_cloudwatch_metric_alarm.errors.metric_query : query.id => try(
        [for metric in query.metric : "${metric.stat} of ${metric.namespace} ${metric.metric_name} in ${metric.period} s, ${jsonencode(metric.dimensions)}"][0],
        "${query.expression}, returned: ${coalesce(query.return_data, false)}",
      )
      } == {
      unanswered = "IF(difference > 0, difference, 0), returned: true"
      difference = "FILL(errors, 0) - FILL(answered, 0), returned: false"
      errors     = "Sum of AWS/Lambda Errors in 300 s, {\"FunctionName\":\"migration\"}"
      answered   = "Sum of CognitoUserMigration/migration AnsweredErrors in 300 s, null"
    }
    error_message = "The alarm for errors must leave out those with which the function itself answered."
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
    condition = (
      aws_cloudwatch_metric_alarm.throttles.namespace == "AWS/Lambda" && aws_cloudwatch_metric_alarm.throttles.metric_name == "Throttles" &&
      aws_cloudwatch_metric_alarm.throttles.statistic == "Sum" && aws_cloudwatch_metric_alarm.throttles.threshold == 0 &&
      aws_cloudwatch_metric_alarm.throttles.dimensions == tomap({ FunctionName = "migration" })
    )
    error_message = "Any invocation that Lambda does not start must raise the alarm."
  }

  assert {
    condition = alltrue([
      for alarm in [
        aws_cloudwatch_metric_alarm.errors, aws_cloudwatch_metric_alarm.misconfigured, aws_cloudwatch_metric_alarm.slow,
        aws_cloudwatch_metric_alarm.source_unavailable, aws_cloudwatch_metric_alarm.throttles,
      ] :
      alarm.treat_missing_data == "notBreaching" && alarm.comparison_operator == "GreaterThanThreshold" && length(coalesce(alarm.alarm_actions, [])) == 0
    ])
    error_message = "An hour without users must raise no alarm, and without a topic nobody is told."
  }

  assert {
    condition = (
      length(aws_sns_topic.alarms) == 0 && toset(keys(aws_cloudwatch_query_definition.saved)) ==
      toset(["Refusals by reason", "Failures by class and cause", "Finished migrations", "Why was this request refused"])
    )
    error_message = "No topic unless asked for; the queries are saved."
  }

  assert {
    condition = alltrue([
      for text in [
        "Migrated", "Rejected", "Failed", "DurationMs", "SourceMs", "p50", "p99", "5000", "Refusals by reason", "missing_groups", "source_users",
      ] :
      strcontains(aws_cloudwatch_dashboard.migration.dashboard_body, text)
    ])
    error_message = "The dashboard must show migrations, refusals by reason, failures, latency, missing groups and both pools' users."
  }

  # Sign-ups and sign-ins to the new pool are measured only where they went wrong: mixed in, they would hide how long migrations take.
  assert {
    condition = alltrue(flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets : [
        for metric in try(widget.properties.metrics, []) : startswith(try(metric[5], ""), "UserMigration_") if endswith(metric[1], "Ms")
      ]
    ]))
    error_message = "The times on the dashboard must be those of migrations."
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.migration.dashboard_body).widgets : [
        for metric in widget.properties.metrics : join(" ", metric)
      ] if widget.properties.title == "Failures by class"
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
    unavailable_alarm_percent = 20
  }

  override_resource {
    target          = aws_sns_topic.alarms
    override_during = plan
    values          = { arn = "arn:aws:sns:eu-west-1:111122223333:migration-alarms" }
  }

  assert {
    condition = alltrue([
      for alarm in [
        aws_cloudwatch_metric_alarm.errors, aws_cloudwatch_metric_alarm.misconfigured, aws_cloudwatch_metric_alarm.slow,
        aws_cloudwatch_metric_alarm.source_unavailable, aws_cloudwatch_metric_alarm.throttles,
      ] :
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
