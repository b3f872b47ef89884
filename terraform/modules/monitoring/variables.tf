variable "alarm_topic" {
  description = "Whether to make an SNS topic to which the alarms go. Subscribe to it yourself: a subscription by e-mail has to be confirmed by its reader."
  type        = bool
  default     = false
  nullable    = false
}

variable "alarm_topic_arns" {
  description = "ARNs of SNS topics of your own to which the alarms go."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.alarm_topic_arns : can(regex("^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$", arn))])
    error_message = "Each value in alarm_topic_arns must be the ARN of an SNS topic, such as arn:aws:sns:eu-west-1:111122223333:operators."
  }
}

variable "duration_alarm_ms" {
  description = "The alarm for slow answers: milliseconds within which 99 of 100 invocations that the metrics count are to be answered. Cognito waits 5000."
  type        = number
  default     = 3500
  nullable    = false

  validation {
    condition     = var.duration_alarm_ms >= 100 && var.duration_alarm_ms <= 5000
    error_message = "duration_alarm_ms must be from 100 to 5000: Cognito waits no longer."
  }
}

variable "function_name" {
  description = "Name of the migration function (modules/migration-function, output function_name)."
  type        = string
  nullable    = false
}

variable "log_group" {
  description = "Name of the function's log group (modules/migration-function, output log_group)."
  type        = string
  nullable    = false
}

variable "unavailable_alarm_percent" {
  description = "The alarm for a source pool that cannot be asked: percentage of the users who come to migrate or to sign up within five minutes and meet SourceUnavailable."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.unavailable_alarm_percent > 0 && var.unavailable_alarm_percent <= 100
    error_message = "unavailable_alarm_percent must be more than 0 and at most 100."
  }
}
