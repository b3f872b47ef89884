variable "alarm_topic" {
  description = "Whether to make an SNS topic to which the alarms go."
  type        = bool
  default     = false
  nullable    = false
}

variable "architecture" {
  description = "The processor that the zip was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"
  nullable    = false
}

variable "attribute_map" {
  description = "Source attribute => destination attribute, or null to leave it behind, as in modules/migration-function. The pools that the demonstration makes have the custom attribute tenant."
  type        = map(string)
  default     = { "custom:tenant" = "custom:tenant" }
  nullable    = false
}

variable "client_secret" {
  description = "Whether the app clients that the demonstration makes have a secret."
  type        = bool
  default     = false
  nullable    = false
}

variable "copy_groups" {
  description = "Which of the source user's groups a migrated user joins, as far as the destination pool has them: none, * (all) or names, separated by commas. All but none needs finish_migrations."
  type        = string
  default     = "none"
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether Cognito refuses to delete the pools that the demonstration makes. `terraform destroy` deletes them with their users otherwise."
  type        = bool
  default     = false
  nullable    = false
}

variable "finish_migrations" {
  description = "Whether migrations are noted in the destination pool's attribute custom:migration, and the function takes the post-migration steps of copy_groups and source_user at the next sign-in."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = var.finish_migrations || (var.copy_groups == "none" && var.source_user == "keep")
    error_message = "copy_groups and source_user need finish_migrations = true."
  }

  validation {
    condition     = !var.finish_migrations || var.copy_groups != "none" || var.source_user != "keep"
    error_message = "finish_migrations has nothing to do: set copy_groups, or source_user = \"disable\", or leave it out."
  }
}

variable "monitoring" {
  description = "Whether to make a dashboard, alarms and saved queries for the function."
  type        = bool
  default     = true
  nullable    = false
}

variable "name" {
  description = "Name of the function and beginning of the other names."
  type        = string
  default     = "cognito-user-migration"
  nullable    = false
}

variable "on_mfa" {
  description = "What happens to a user with a second factor in the source pool: refuse, sms, reset or drop."
  type        = string
  default     = "refuse"
  nullable    = false
}

variable "on_temporary_password" {
  description = "What happens to a user who signs in with a temporary password: refuse or reset."
  type        = string
  default     = "refuse"
  nullable    = false
}

variable "package_file" {
  description = "Path of the function's zip, such as a downloaded one of a release: then deploying needs no Rust. Without it: the one that `make package` makes."
  type        = string
  default     = null
}

variable "run_preflight" {
  description = "Whether the function reports on the source pool after an apply that changed the function or that pool. A warning names the checks that failed."
  type        = bool
  default     = false
  nullable    = false
}

variable "secrets_manager" {
  description = "Whether the secret of the source pool's app client is put into AWS Secrets Manager, where the function reads it, and not into the function's environment. Terraform's state holds it in any case. Needs client_secret, or src_client_secret for an existing source_pool."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.secrets_manager || (var.source_pool == null ? var.client_secret : var.src_client_secret != null)
    error_message = "secrets_manager needs a secret: set client_secret = true, or src_client_secret for an existing source_pool."
  }
}

variable "sign_up_guard" {
  description = "Whether the function rejects sign-ups to the destination pool under a name or address of a user who can still migrate."
  type        = bool
  default     = false
  nullable    = false
}

variable "source_pool" {
  description = <<-EOT
    An existing source pool to use instead of making one: its id, an app client that allows src_auth_flow, its Region where that is
    not the one that the id begins with, and for a pool in another account the role to assume and its external id.
  EOT
  type = object({
    client_id    = string
    external_id  = optional(string)
    region       = optional(string)
    role_arn     = optional(string)
    user_pool_id = string
  })
  default = null
}

variable "source_user" {
  description = "What happens to the source user after the first sign-in to the destination pool: keep or disable. disable needs finish_migrations."
  type        = string
  default     = "keep"
  nullable    = false
}

variable "src_auth_flow" {
  description = "How the function tries a password in the source pool: ADMIN_USER_PASSWORD_AUTH (ADMIN_NO_SRP_AUTH is its old name) or USER_PASSWORD_AUTH."
  type        = string
  default     = "ADMIN_USER_PASSWORD_AUTH"
  nullable    = false
}

variable "src_client_secret" {
  description = "Secret of the app client that source_pool names, if it has one."
  type        = string
  default     = null
  sensitive   = true

  validation {
    condition     = var.src_client_secret == null || var.source_pool != null
    error_message = "src_client_secret belongs to an existing source_pool. For the pools that the demonstration makes, set client_secret = true."
  }
}

variable "src_lookup" {
  description = "By which attribute source users are found, where people sign in to the destination pool with another name: none, email, phone_number or preferred_username."
  type        = string
  default     = "none"
  nullable    = false
}
