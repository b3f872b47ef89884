locals {
  region = data.aws_region.current.id

  # A widget that graphs metrics, and one that asks the log; both as CloudWatch writes them:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
  graphs = [
    {
      title   = "Migrated, refused and failed per hour"
      view    = "timeSeries"
      stacked = true
      period  = 3600
      stat    = "Sum"
      metrics = [
        for name, colour in { Migrated = "#2ca02c", Rejected = "#ff7f0e", Failed = "#d62728" } :
        [local.namespace, name, "FunctionName", var.function_name, { color = colour }]
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
      title  = "Time to the answer, against the 5 seconds that Cognito waits"
      view   = "timeSeries"
      period = 300
      metrics = [
        [local.namespace, "DurationMs", "FunctionName", var.function_name, { stat = "p50", label = "p50" }],
        [local.namespace, "DurationMs", "FunctionName", var.function_name, { stat = "p99", label = "p99" }],
        [local.namespace, "SourceMs", "FunctionName", var.function_name, { stat = "p99", label = "p99 of the source pool" }],
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
      metrics = [for class in sort(tolist(local.failure_classes)) : [local.filter_namespace, class]]
    },
  ]

  logs = [
    { title = "Refusals by reason", query = local.queries["Refusals by reason"] },
    {
      title = "Users of both pools, as the last preflight estimated them"
      query = <<-E
        filter trigger = "Migration_Preflight"
        | fields @timestamp, source_users, destination_users, failed_checks
        | sort @timestamp desc
        | limit 1
      E
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
