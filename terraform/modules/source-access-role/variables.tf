# Those that the function is given too (copy_groups, on_forgot_password, on_mfa, on_temporary_password, preflight, sign_up_guard,
# source_user, src_auth_flow, src_lookup, src_region) must be the same here: they decide what it needs.

variable "copy_groups" {
  description = "The function's copy_groups: whether it reads the groups of users."
  type        = bool
  default     = false
  nullable    = false
}

variable "external_id" {
  description = "External id that the function must name when it assumes the role. Choose any; the function's src_external_id must be the same."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits or characters of _+=,.@:/-"
  }
}

variable "function_role_arn" {
  description = "ARN of the function's role (modules/migration-function, output role_arn). The role must exist: IAM refuses a trust in nobody."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", var.function_role_arn))
    error_message = "function_role_arn must be the ARN of the function's role, such as arn:aws:iam::444455556666:role/cognito-user-migration."
  }
}

variable "name" {
  description = "Name of the role. The function's src_role_arn ends with it."
  type        = string
  default     = "cognito-user-migration-source"
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@-]{1,64}$", var.name))
    error_message = "name must have 1 to 64 letters, digits or characters of _+=,.@-"
  }
}

variable "on_forgot_password" {
  description = "The function's on_forgot_password: migrate or ignore."
  type        = string
  default     = "migrate"
  nullable    = false

  validation {
    condition     = contains(["migrate", "ignore"], var.on_forgot_password)
    error_message = "on_forgot_password must be migrate or ignore."
  }
}

variable "on_mfa" {
  description = "The function's on_mfa: refuse, sms or drop."
  type        = string
  default     = "refuse"
  nullable    = false

  validation {
    condition     = contains(["refuse", "sms", "drop"], var.on_mfa)
    error_message = "on_mfa must be refuse, sms or drop."
  }
}

variable "on_temporary_password" {
  description = "The function's on_temporary_password: refuse or reset."
  type        = string
  default     = "refuse"
  nullable    = false

  validation {
    condition     = contains(["refuse", "reset"], var.on_temporary_password)
    error_message = "on_temporary_password must be refuse or reset."
  }
}

variable "preflight" {
  description = "The function's preflight: whether it may read the settings of the source pool and of its app client, with copy_groups also the names of the pool's groups."
  type        = bool
  default     = true
  nullable    = false
}

variable "sign_up_guard" {
  description = "The function's sign_up_guard: whether it refuses sign-ups of those who can still migrate."
  type        = bool
  default     = false
  nullable    = false
}

variable "source_user" {
  description = "The function's source_user: keep, disable or delete."
  type        = string
  default     = "keep"
  nullable    = false

  validation {
    condition     = contains(["keep", "disable", "delete"], var.source_user)
    error_message = "source_user must be keep, disable or delete."
  }
}

variable "src_auth_flow" {
  description = "The function's src_auth_flow: ADMIN_USER_PASSWORD_AUTH or USER_PASSWORD_AUTH."
  type        = string
  default     = "ADMIN_USER_PASSWORD_AUTH"
  nullable    = false

  validation {
    condition     = contains(["ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"], var.src_auth_flow)
    error_message = "src_auth_flow must be ADMIN_USER_PASSWORD_AUTH (ADMIN_NO_SRP_AUTH is its old name) or USER_PASSWORD_AUTH."
  }
}

variable "src_lookup" {
  description = "The function's src_lookup: none, email, phone_number or preferred_username."
  type        = string
  default     = "none"
  nullable    = false

  validation {
    condition     = contains(["none", "email", "phone_number", "preferred_username"], var.src_lookup)
    error_message = "src_lookup must be none, email, phone_number or preferred_username."
  }
}

variable "src_region" {
  description = "Region of the source pool, if it is not the one that the pool's id begins with."
  type        = string
  default     = null

  validation {
    condition     = var.src_region == null || can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.src_region))
    error_message = "src_region must be the name of a Region, such as eu-west-1."
  }
}

variable "src_user_pool_id" {
  description = "Id of the source pool, in the account that this is applied in."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+_[A-Za-z0-9]+$", var.src_user_pool_id))
    error_message = "src_user_pool_id must be a user pool's id, such as eu-west-1_Ab1Cd2Ef3, not its name or ARN."
  }
}
