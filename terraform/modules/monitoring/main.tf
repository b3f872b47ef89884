# A dashboard, alarms and saved queries for a migration function. Its graphs and the alarm for slow answers need the function's
# metrics: metrics = "emf", the default. All the rest reads Lambda's own metrics and lines of the log, which are written at INFO.
# At a log_level above INFO too few users are counted, nobody seems to migrate, and rejected sign-ups look like errors of the function.

# For the Region, as in modules/migration-function.
data "aws_service" "cloudwatch" {
  service_id = "monitoring"
}

locals {
  # The function's own metrics; see src/telemetry.rs.
  namespace = "CognitoUserMigration"
  of_function = {
    FunctionName = var.function_name
  }

  # Counted from the log, because the function's metrics have no dimension for it and can be switched off. A metric of a filter
  # has no dimension either, so each function has its own namespace.
  filter_namespace = "${local.namespace}/${var.function_name}"

  # Lines about a person who waits for what the source pool says: at a sign-in, at a password reset or at a sign-up. Not about
  # users whom an administrator or an identity provider brings, and not about post-migration steps, which stop no sign-in.
  person_waits = "(($.trigger = \"UserMigration_*\") || ($.trigger = \"PreSignUp_SignUp\"))"

  # A line of the log is one JSON object: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
  counted = {
    # Failures by class, those of post-migration steps among them.
    Misconfigured     = "{ ($.outcome = \"failed\") && ($.reason = \"Misconfigured\") }"
    SourceUnavailable = "{ ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"

    # Everybody about whom the source pool was to be asked, and those of them about whom it could not be. A reset asks nothing
    # while resets are off. Each of these lines has an outcome, and each rejection a reason: != never meets a missing field alone.
    Asked       = "{ ${local.person_waits} && (($.outcome != \"rejected\") || ($.reason != \"forgot_password_off\")) }"
    AskedInVain = "{ ${local.person_waits} && ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"

    # What the function itself answers with an error. A failed post-migration step is none: the sign-in continues.
    AnsweredErrors = "{ (${local.person_waits} && ($.outcome = \"failed\")) || ($.reason = \"account_exists\") }"

    # Sign-ins that could migrate somebody, and how many did not. A failed one is no rejection: other alarms tell of it.
    SignIns         = "{ $.trigger = \"UserMigration_Authentication\" }"
    SignInsRejected = "{ ($.trigger = \"UserMigration_Authentication\") && ($.outcome = \"rejected\") }"

    # Sign-ins that the source pool's threat protection blocked.
    BlockedByRisk = "{ $.reason = \"blocked_by_risk\" }"

    Migrated        = "{ $.outcome = \"migrated\" }"
    MigratedByReset = "{ ($.trigger = \"UserMigration_ForgotPassword\") && ($.outcome = \"migrated\") }"
  }

  # Ends the description of every alarm.
  what_to_do = var.runbook_url == null ? "What to do: docs/alarms.md, under the end of this alarm's name." : "What to do: ${var.runbook_url}"

  # Both numbers come from the same lines. Of fewer than 20 sign-ins nothing is said.
  rejected_rate = "IF(FILL(sign_ins, 0) >= 20, 100 * rejected / sign_ins, 0)"

  alarm_actions = concat(tolist(var.alarm_topic_arns), aws_sns_topic.alarms[*].arn)

  queries = {
    "Rejections by reason" = <<-EOT
      filter outcome = "rejected"
      | stats count(*) as rejections by reason, trigger
      | sort rejections desc
    EOT

    "Failures by class and cause" = <<-EOT
      filter outcome = "failed"
      | stats count(*) as failures, latest(source_request_id) as last_source_request by reason, trigger, operation, code
      | sort failures desc
    EOT

    # Failed steps are tried again at the next sign-in: so these are sign-ins, not users.
    "Finished migrations" = <<-EOT
      filter trigger = "PostAuthentication_Authentication" and outcome in ["finished", "failed", "source_user_already_disabled"]
      | stats count(*) as sign_ins by outcome, reason, missing_groups, source_user
      | sort sign_ins desc
    EOT

    # Somebody wrote the mark of another user, or changed name and addresses since the migration.
    "Marks of another user" = <<-EOT
      fields @timestamp, source_sub, request_id
      | filter reason = "mark_of_another_user"
      | sort @timestamp desc
    EOT

    "Why was this request rejected" = <<-EOT
      fields @timestamp, trigger, outcome, reason, operation, code, duration_ms, source_sub, source_request_id
      | filter request_id = "PASTE THE REQUEST ID HERE"
      | sort @timestamp
    EOT
  }
}

resource "aws_cloudwatch_log_metric_filter" "counted" {
  for_each = local.counted

  name           = "${var.function_name}-${each.key}"
  log_group_name = var.log_group
  pattern        = each.value

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

  name              = "${var.function_name}-alarms"
  kms_master_key_id = var.kms_key_arn
  tags              = var.tags
}

# A setting, a permission or a secret is wrong: something does not work for anybody until somebody mends it.
resource "aws_cloudwatch_metric_alarm" "misconfigured" {
  alarm_name          = "${var.function_name}-misconfigured"
  alarm_description   = "The migration function is misconfigured, so users cannot sign in or sign up, or post-migration steps are not taken. Run the preflight: it names the setting. ${local.what_to_do}"
  namespace           = local.filter_namespace
  metric_name         = aws_cloudwatch_log_metric_filter.counted["Misconfigured"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 60
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# One failure among few is no outage: at least three, and more than the given share of the people who waited. Lambda's invocations
# are no measure: with post-migration steps every sign-in to the destination pool is one, and a total outage would be a few percent
# of them. Failed steps count on neither side: they stop nobody, and the next sign-in tries again.
resource "aws_cloudwatch_metric_alarm" "source_unavailable" {
  alarm_name          = "${var.function_name}-source-unavailable"
  alarm_description   = "The source pool cannot be asked about more than ${var.unavailable_alarm_percent} % of the users who come to migrate or to sign up. ${local.what_to_do}"
  evaluation_periods  = 1
  threshold           = var.unavailable_alarm_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  # Both numbers come from the same lines, and whoever was asked about in vain was asked about: no rate is divided by 0. Without
  # any line there is no number, and FILL ends the alarm.
  metric_query {
    id          = "rate"
    label       = "SourceUnavailable, % of the users who came"
    expression  = "IF(FILL(in_vain, 0) >= 3, 100 * in_vain / asked, 0)"
    return_data = true
  }

  metric_query {
    id = "in_vain"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.counted["AskedInVain"].metric_transformation[0].name
      stat        = "Sum"
      period      = 300
    }
  }

  metric_query {
    id = "asked"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.counted["Asked"].metric_transformation[0].name
      stat        = "Sum"
      period      = 300
    }
  }
}

# Nothing fails where a look-up finds nobody, or where the source pool knows names in another case: everybody is rejected. Three wrong
# passwords at night are no sign of it, so there must be 20 sign-ins.
resource "aws_cloudwatch_metric_alarm" "rejected" {
  alarm_name          = "${var.function_name}-rejected"
  alarm_description   = "More than ${var.rejected_alarm_percent} % of the sign-ins that could migrate somebody are rejected. ${local.what_to_do}"
  evaluation_periods  = 1
  threshold           = var.rejected_alarm_percent
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  metric_query {
    id          = "rate"
    label       = "Rejected, % of the sign-ins"
    expression  = local.rejected_rate
    return_data = true
  }

  metric_query {
    id = "rejected"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.counted["SignInsRejected"].metric_transformation[0].name
      stat        = "Sum"
      period      = 3600
    }
  }

  metric_query {
    id = "sign_ins"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.counted["SignIns"].metric_transformation[0].name
      stat        = "Sum"
      period      = 3600
    }
  }
}

# All sign-ins reach the source pool from the function's few addresses: threat protection can take them for an attack. Then it
# blocks right passwords too.
resource "aws_cloudwatch_metric_alarm" "blocked_by_risk" {
  alarm_name          = "${var.function_name}-blocked-by-risk"
  alarm_description   = "The source pool's threat protection blocks sign-ins of the migration function, whatever the password. ${local.what_to_do}"
  namespace           = local.filter_namespace
  metric_name         = aws_cloudwatch_log_metric_filter.counted["BlockedByRisk"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# Anybody can start a reset for any address. It tells nobody a password, but it creates the user, whose old password is dead then.
resource "aws_cloudwatch_metric_alarm" "resets" {
  alarm_name          = "${var.function_name}-resets"
  alarm_description   = "More than ${var.reset_alarm_per_hour} users an hour are migrated by a password reset, which anybody can start for any address. ${local.what_to_do}"
  namespace           = local.filter_namespace
  metric_name         = aws_cloudwatch_log_metric_filter.counted["MigratedByReset"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = 1
  threshold           = var.reset_alarm_per_hour
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

# Hours without any line have no number: they are the ones to tell of.
resource "aws_cloudwatch_metric_alarm" "idle" {
  count = var.idle_alarm_hours == null ? 0 : 1

  alarm_name          = "${var.function_name}-idle"
  alarm_description   = "Nobody has migrated for ${var.idle_alarm_hours} hours. ${local.what_to_do}"
  namespace           = local.filter_namespace
  metric_name         = aws_cloudwatch_log_metric_filter.counted["Migrated"].metric_transformation[0].name
  statistic           = "Sum"
  period              = 3600
  evaluation_periods  = var.idle_alarm_hours
  threshold           = 1
  comparison_operator = "LessThanThreshold"
  treat_missing_data  = "breaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name          = "${var.function_name}-slow"
  alarm_description   = "Answers of the migration function come near to the 5 seconds that Cognito waits. ${local.what_to_do}"
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
  tags                = var.tags
}

# What the function itself cannot count: it was stopped, ran out of time or could not start. Lambda's errors are more than that:
# the function answers with one where the source pool could not be asked, for which the alarms above exist, and where it rejects
# a sign-up, which anybody can bring about. These are taken off. FILL, because each number can be missing: that of Lambda without
# invocations, that of the log without lines.
#
# It is not exact to the minute. Lambda counts an error in the minute in which the invocation began, the log in that of the line,
# and either number can arrive first: an answered error can fire the alarm for a moment, or hide another error. With
# ON_REJECT=error, which is for emulators, every rejection fires it. So does an event that is not JSON; Cognito sends none.
resource "aws_cloudwatch_metric_alarm" "errors" {
  alarm_name          = "${var.function_name}-errors"
  alarm_description   = "Invocations of the migration function were stopped, ran out of time or could not start. The function's log says which. ${local.what_to_do}"
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags

  metric_query {
    id          = "unanswered"
    label       = "Errors that the function did not answer itself"
    expression  = "IF(difference > 0, difference, 0)"
    return_data = true
  }

  metric_query {
    id         = "difference"
    expression = "FILL(errors, 0) - FILL(answered, 0)"
  }

  metric_query {
    id = "errors"

    metric {
      namespace   = "AWS/Lambda"
      metric_name = "Errors"
      stat        = "Sum"
      period      = 300
      dimensions  = local.of_function
    }
  }

  metric_query {
    id = "answered"

    metric {
      namespace   = local.filter_namespace
      metric_name = aws_cloudwatch_log_metric_filter.counted["AnsweredErrors"].metric_transformation[0].name
      stat        = "Sum"
      period      = 300
    }
  }
}

# The function cannot count these either: it did not start.
resource "aws_cloudwatch_metric_alarm" "throttles" {
  alarm_name          = "${var.function_name}-throttles"
  alarm_description   = "Lambda starts the migration function too seldom: raise its concurrency, or the account's. ${local.what_to_do}"
  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  dimensions          = local.of_function
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = local.alarm_actions
  ok_actions          = local.alarm_actions
  tags                = var.tags
}

resource "aws_cloudwatch_query_definition" "saved" {
  for_each = local.queries

  name            = "${var.function_name}/${each.key}"
  log_group_names = [var.log_group]
  query_string    = each.value
}

# Names that these had. Without this, an apply could delete what it has just made under the same name in AWS.
moved {
  from = aws_cloudwatch_log_metric_filter.failures
  to   = aws_cloudwatch_log_metric_filter.counted
}

moved {
  from = aws_cloudwatch_metric_alarm.lambda["errors"]
  to   = aws_cloudwatch_metric_alarm.errors
}

moved {
  from = aws_cloudwatch_metric_alarm.lambda["throttles"]
  to   = aws_cloudwatch_metric_alarm.throttles
}
