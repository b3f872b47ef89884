locals {
  region = data.aws_service.cloudwatch.region

  # A widget that graphs metrics, and one that asks the log; both as CloudWatch writes them:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  graphs = [
    {
      title   = "Migrated, rejected and failed per hour"
      view    = "timeSeries"
      stacked = true
      period  = 3600
      stat    = "Sum"
      metrics = [
        [local.namespace, "Migrated", "FunctionName", var.function_name, { color = "#2ca02c", label = "migrated" }],
        [local.namespace, "Rejected", "FunctionName", var.function_name, { color = "#ff7f0e", label = "rejected, sign-ups too" }],
        [local.namespace, "Failed", "FunctionName", var.function_name, { color = "#d62728", label = "failed, sign-ups and post-migration steps too" }],
      ]
    },
    {
      title                = "Migrated in the time shown"
      view                 = "singleValue"
      period               = 3600
      stat                 = "Sum"
      setPeriodToTimeRange = true
      metrics              = [[local.namespace, "Migrated", "FunctionName", var.function_name]]
    },
    {
      title  = "Time to the answer of a migration, against the 5 seconds that Cognito waits"
      view   = "timeSeries"
      period = 300
      # By trigger: of sign-ups and of post-migration steps only failures are measured. Their times say nothing about migrations.
      metrics = [
        for line in [
          { metric = "DurationMs", trigger = "UserMigration_Authentication", stat = "p50", label = "p50 of sign-ins" },
          { metric = "DurationMs", trigger = "UserMigration_Authentication", stat = "p99", label = "p99 of sign-ins" },
          { metric = "DurationMs", trigger = "UserMigration_ForgotPassword", stat = "p99", label = "p99 of password resets" },
          { metric = "SourceMs", trigger = "UserMigration_Authentication", stat = "p99", label = "p99 of the source pool at sign-ins" },
        ] :
        [local.namespace, line.metric, "FunctionName", var.function_name, "Trigger", line.trigger, { stat = line.stat, label = line.label }]
      ]
      annotations = { horizontal = [{ label = "Cognito gives up", value = 5000 }] }
      yAxis       = { left = { min = 0 } }
    },
    {
      title   = "Failures by class"
      view    = "timeSeries"
      stacked = true
      period  = 300
      stat    = "Sum"
      metrics = [for class in ["Misconfigured", "SourceUnavailable"] : [local.filter_namespace, class]]
    },
    {
      title  = "Rejected, % of the sign-ins of an hour with 20 or more"
      view   = "timeSeries"
      period = 3600
      stat   = "Sum"
      metrics = [
        [{ expression = local.rejected_rate, label = "rejected" }],
        [local.filter_namespace, "SignInsRejected", { id = "rejected", visible = false }],
        [local.filter_namespace, "SignIns", { id = "sign_ins", visible = false }],
      ]
      annotations = { horizontal = [{ label = "alarm", value = var.rejected_alarm_percent }] }
      yAxis       = { left = { min = 0, max = 100 } }
    },
  ]

  logs = [
    { title = "Rejections by reason", query = local.queries["Rejections by reason"] },
    { title = "Finished migrations, and groups that the destination pool lacks", query = local.queries["Finished migrations"] },
    {
      title = "Users of the source pool, as the last preflight estimated them"
      query = <<-EOT
        filter trigger = "Migration_Preflight"
        | fields @timestamp, source_users, failed_checks
        | sort @timestamp desc
        | limit 1
      EOT
    },
  ]

  widgets = concat(
    [for graph in local.graphs : { type = "metric", properties = merge(graph, { region = local.region }) }],
    [for log in local.logs : {
      type = "log"
      properties = {
        title  = log.title
        view   = "table"
        region = local.region
        query  = "SOURCE '${var.log_group}' | ${trimspace(log.query)}"
      }
    }],
  )
}

resource "aws_cloudwatch_dashboard" "migration" {
  dashboard_name = var.function_name

  # Two widgets to a row of 24 columns.
  dashboard_body = jsonencode({
    widgets = [
      for number, widget in local.widgets :
      merge(widget, { x = 12 * (number % 2), y = 6 * floor(number / 2), width = 12, height = 6 })
    ]
  })
}
