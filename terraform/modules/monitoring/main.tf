# A dashboard, alarms and saved queries for a migration function. Its graphs and the alarm for slow answers need the function's
# metrics: metrics = "emf", the default. All the rest reads Lambda's own metrics and lines of the log, which are written at INFO.
# At a log_level above INFO too few users are counted, no user seems to migrate, and rejected sign-ups look like errors of the function.

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

    # The users about whom the source pool was to be asked, and those about whom it could not be. A reset asks nothing
    # while resets are off. Each of these lines has an outcome, and each rejection a reason: != never meets a missing field alone.
    Asked       = "{ ${local.person_waits} && (($.outcome != \"rejected\") || ($.reason != \"forgot_password_off\")) }"
    AskedInVain = "{ ${local.person_waits} && ($.outcome = \"failed\") && ($.reason = \"SourceUnavailable\") }"

    # What the function itself answers with an error. A failed post-migration step is none: the sign-in continues.
    AnsweredErrors = "{ (${local.person_waits} && ($.outcome = \"failed\")) || ($.reason = \"account_exists\") }"

    # Sign-ins that could migrate a user, and how many did not. A failed one is no rejection: other alarms tell of it.
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

    # A user wrote the mark of another user, or changed name and addresses since the migration.
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
