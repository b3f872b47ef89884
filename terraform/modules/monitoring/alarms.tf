locals {
  # The metric of each filter. It is read from the filter, so that no alarm is made before what it watches.
  counted_metric = {
    for name, filter in aws_cloudwatch_log_metric_filter.counted : name => filter.metric_transformation[0].name
  }

  # Every alarm by the end of its name: what it compares, either one metric or an expression over several, and with what. It says
  # only what is not as for most: above the threshold, once, and without data there is nothing to tell.
  alarms = {
    # A setting, a permission or a secret is wrong: something works for no user until it is mended.
    misconfigured = {
      description = "The migration function is misconfigured, so users cannot sign in or sign up, or post-migration steps are not taken. Run the preflight: it names the setting."
      metric      = { namespace = local.filter_namespace, name = local.counted_metric["Misconfigured"], statistic = "Sum", period = 60 }
      threshold   = 0
    }

    # One failure among few is no outage: at least three, and more than the given share of the people who waited. Lambda's invocations
    # are no measure: with post-migration steps every sign-in to the destination pool is one, and a total outage would be a few percent
    # of them. Failed steps count on neither side: they stop no sign-in, and the next one tries again.
    source-unavailable = {
      description = "The source pool cannot be asked about more than ${var.unavailable_alarm_percent} % of the users who come to migrate or to sign up."
      threshold   = var.unavailable_alarm_percent

      # Both numbers come from the same lines, and each user of the first is one of the second: no rate is divided by 0. Without any
      # line there is no number, and FILL ends the alarm.
      queries = [
        { id = "rate", label = "SourceUnavailable, % of the users who came", expression = "IF(FILL(in_vain, 0) >= 3, 100 * in_vain / asked, 0)", returned = true },
        { id = "in_vain", metric = { namespace = local.filter_namespace, name = local.counted_metric["AskedInVain"], period = 300 } },
        { id = "asked", metric = { namespace = local.filter_namespace, name = local.counted_metric["Asked"], period = 300 } },
      ]
    }

    # Nothing fails where a look-up finds no user, or where the source pool knows names in another case: every sign-in is rejected. Three
    # wrong passwords at night are no sign of it, so there must be 20 sign-ins.
    rejected = {
      description = "More than ${var.rejected_alarm_percent} % of the sign-ins that could migrate a user are rejected."
      threshold   = var.rejected_alarm_percent

      queries = [
        { id = "rate", label = "Rejected, % of the sign-ins", expression = local.rejected_rate, returned = true },
        { id = "rejected", metric = { namespace = local.filter_namespace, name = local.counted_metric["SignInsRejected"], period = 3600 } },
        { id = "sign_ins", metric = { namespace = local.filter_namespace, name = local.counted_metric["SignIns"], period = 3600 } },
      ]
    }

    # All sign-ins reach the source pool from the function's few addresses: threat protection can take them for an attack. Then it
    # blocks right passwords too.
    blocked-by-risk = {
      description = "The source pool's threat protection blocks sign-ins of the migration function, whatever the password."
      metric      = { namespace = local.filter_namespace, name = local.counted_metric["BlockedByRisk"], statistic = "Sum", period = 300 }
      threshold   = 0
    }

    # A reset can be started for any address. It reveals no password, but it creates the user, whose old password is dead then.
    resets = {
      description = "More than ${var.reset_alarm_per_hour} users an hour are migrated by a password reset, which any visitor can start for any address."
      metric      = { namespace = local.filter_namespace, name = local.counted_metric["MigratedByReset"], statistic = "Sum", period = 3600 }
      threshold   = var.reset_alarm_per_hour
    }

    # Hours without any line have no number: they are the ones to tell of.
    idle = {
      description  = "No user has migrated for ${coalesce(var.idle_alarm_hours, 0)} hours."
      metric       = { namespace = local.filter_namespace, name = local.counted_metric["Migrated"], statistic = "Sum", period = 3600 }
      comparison   = "LessThanThreshold"
      threshold    = 1
      periods      = var.idle_alarm_hours
      without_data = "breaching"
    }

    slow = {
      description = "Answers of the migration function come near to the 5 seconds that Cognito waits."
      metric      = { namespace = local.namespace, name = "DurationMs", dimensions = local.of_function, extended_statistic = "p99", period = 300 }
      threshold   = var.duration_alarm_ms
    }

    # What the function itself cannot count: it was stopped, ran out of time or could not start. Lambda's errors are more than that:
    # the function answers with one where the source pool could not be asked, for which the alarms above exist, and where it rejects
    # a sign-up, which any visitor can bring about. These are taken off. FILL, because each number can be missing: that of Lambda
    # without invocations, that of the log without lines.
    #
    # It is not exact to the minute. Lambda counts an error in the minute in which the invocation began, the log in that of the line,
    # and either number can arrive first: an answered error can fire the alarm for a moment, or hide another error. With
    # ON_REJECT=error, which is for emulators, every rejection fires it. So does an event that is not JSON; Cognito sends none.
    errors = {
      description = "Invocations of the migration function were stopped, ran out of time or could not start. The function's log says which."
      threshold   = 0

      queries = [
        { id = "unanswered", label = "Errors that the function did not answer itself", expression = "IF(difference > 0, difference, 0)", returned = true },
        { id = "difference", expression = "FILL(errors, 0) - FILL(answered, 0)" },
        { id = "errors", metric = { namespace = "AWS/Lambda", name = "Errors", dimensions = local.of_function, period = 300 } },
        { id = "answered", metric = { namespace = local.filter_namespace, name = local.counted_metric["AnsweredErrors"], period = 300 } },
      ]
    }

    # The function cannot count these either: it did not start.
    throttles = {
      description = "Lambda starts the migration function too seldom: raise its concurrency, or the account's."
      metric      = { namespace = "AWS/Lambda", name = "Throttles", dimensions = local.of_function, statistic = "Sum", period = 300 }
      threshold   = 0
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = { for name, alarm in local.alarms : name => alarm if name != "idle" || var.idle_alarm_hours != null }

  alarm_name          = "${var.function_name}-${each.key}"
  alarm_description   = "${each.value.description} ${local.what_to_do}"
  namespace           = try(each.value.metric.namespace, null)
  metric_name         = try(each.value.metric.name, null)
  dimensions          = try(each.value.metric.dimensions, null)
  statistic           = try(each.value.metric.statistic, null)
  extended_statistic  = try(each.value.metric.extended_statistic, null)
  period              = try(each.value.metric.period, null)
  evaluation_periods  = try(each.value.periods, 1)
  threshold           = each.value.threshold
  comparison_operator = try(each.value.comparison, "GreaterThanThreshold")
  treat_missing_data  = try(each.value.without_data, "notBreaching")
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  dynamic "metric_query" {
    for_each = try(each.value.queries, [])

    content {
      id          = metric_query.value.id
      label       = try(metric_query.value.label, null)
      expression  = try(metric_query.value.expression, null)
      return_data = try(metric_query.value.returned, null)

      dynamic "metric" {
        for_each = try([metric_query.value.metric], [])

        content {
          namespace   = metric.value.namespace
          metric_name = metric.value.name
          dimensions  = try(metric.value.dimensions, null)
          stat        = "Sum"
          period      = metric.value.period
        }
      }
    }
  }
}

# Names that these had. Without this, an apply could delete what it has just made under the same name in AWS.
moved {
  from = aws_cloudwatch_metric_alarm.lambda["errors"]
  to   = aws_cloudwatch_metric_alarm.errors
}

moved {
  from = aws_cloudwatch_metric_alarm.lambda["throttles"]
  to   = aws_cloudwatch_metric_alarm.throttles
}

moved {
  from = aws_cloudwatch_metric_alarm.blocked_by_risk
  to   = aws_cloudwatch_metric_alarm.alarm["blocked-by-risk"]
}

moved {
  from = aws_cloudwatch_metric_alarm.errors
  to   = aws_cloudwatch_metric_alarm.alarm["errors"]
}

moved {
  from = aws_cloudwatch_metric_alarm.idle[0]
  to   = aws_cloudwatch_metric_alarm.alarm["idle"]
}

moved {
  from = aws_cloudwatch_metric_alarm.misconfigured
  to   = aws_cloudwatch_metric_alarm.alarm["misconfigured"]
}

moved {
  from = aws_cloudwatch_metric_alarm.rejected
  to   = aws_cloudwatch_metric_alarm.alarm["rejected"]
}

moved {
  from = aws_cloudwatch_metric_alarm.resets
  to   = aws_cloudwatch_metric_alarm.alarm["resets"]
}

moved {
  from = aws_cloudwatch_metric_alarm.slow
  to   = aws_cloudwatch_metric_alarm.alarm["slow"]
}

moved {
  from = aws_cloudwatch_metric_alarm.source_unavailable
  to   = aws_cloudwatch_metric_alarm.alarm["source-unavailable"]
}

moved {
  from = aws_cloudwatch_metric_alarm.throttles
  to   = aws_cloudwatch_metric_alarm.alarm["throttles"]
}
