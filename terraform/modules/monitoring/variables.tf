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

variable "idle_alarm_hours" {
  description = "The alarm for a migration that has stopped: it fires after this number of hours without a migration, at most 168. Off unless set, because a night, a weekend and the end of a migration are quiet too. Set it once people migrate: it fires until the first one."
  type        = number
  default     = null

  # CloudWatch looks back seven days at most:
  # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  validation {
    condition     = var.idle_alarm_hours == null || try(var.idle_alarm_hours >= 1 && var.idle_alarm_hours <= 168 && floor(var.idle_alarm_hours) == var.idle_alarm_hours, false)
    error_message = "idle_alarm_hours must be a whole number from 1 to 168: CloudWatch looks back seven days at most. Leave it out for no alarm."
  }
}

variable "kms_key_arn" {
  description = "ARN of a customer managed KMS key that encrypts the topic of alarm_topic. The key's policy must let CloudWatch (cloudwatch.amazonaws.com) use it, or no alarm reaches the topic."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a key, such as arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d-0000-4000-8000-00000000000f, not of an alias."
  }
}

variable "log_group" {
  description = "Name of the function's log group (modules/migration-function, output log_group)."
  type        = string
  nullable    = false
}

variable "rejected_alarm_percent" {
  description = <<-EOT
    The alarm for a migration that rejects nearly all sign-ins: it fires above this percentage of the sign-ins within an hour, if they are
    20 or more. People mistype passwords, but of three tries that end well only two are rejected. So more than 80 % points to a wrong
    setting, or to an attacker who tries names. Late in a migration most who come can be strangers: raise it then. 100 switches it off.
  EOT
  type        = number
  default     = 80
  nullable    = false

  validation {
    condition     = var.rejected_alarm_percent > 0 && var.rejected_alarm_percent <= 100
    error_message = "rejected_alarm_percent must be more than 0 and at most 100."
  }
}

variable "reset_alarm_per_hour" {
  description = "The alarm for migrations by password reset, which any visitor can start for any address and after which the old password is dead: it fires above this number within an hour. Raise it where more people forget their passwords."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = var.reset_alarm_per_hour >= 0 && floor(var.reset_alarm_per_hour) == var.reset_alarm_per_hour
    error_message = "reset_alarm_per_hour must be a whole number of 0 or more."
  }
}

variable "runbook_url" {
  description = "URL of a page that says what to do when an alarm fires, such as your copy of docs/alarms.md: it ends every alarm's description. Without it, that says docs/alarms.md."
  type        = string
  default     = null

  # CloudWatch takes no description of more than 1024 characters.
  validation {
    condition     = var.runbook_url == null || can(regex("^https?://[^[:space:]]{1,500}$", var.runbook_url))
    error_message = "runbook_url must be a URL that begins with https:// or http://, of at most 500 characters and without blanks."
  }
}

variable "tags" {
  description = "Tags of the alarms and of the topic."
  type        = map(string)
  default     = {}
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
