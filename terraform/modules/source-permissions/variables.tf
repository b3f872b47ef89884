# The modules that call this one have checked these values.

variable "copy_groups" {
  description = "The function's COPY_GROUPS."
  type        = bool
  nullable    = false
}

variable "on_forgot_password" {
  description = "The function's ON_FORGOT_PASSWORD."
  type        = string
  nullable    = false
}

variable "on_mfa" {
  description = "The function's ON_MFA."
  type        = string
  nullable    = false
}

variable "on_temporary_password" {
  description = "The function's ON_TEMPORARY_PASSWORD."
  type        = string
  nullable    = false
}

variable "preflight" {
  description = "Whether the function may read the settings of the source pool and of its app client, for the preflight."
  type        = bool
  nullable    = false
}

variable "sign_up_guard" {
  description = "Whether the function guards sign-ups to the new pool."
  type        = bool
  nullable    = false
}

variable "source_user" {
  description = "The function's SOURCE_USER."
  type        = string
  nullable    = false
}

variable "src_auth_flow" {
  description = "The function's SRC_AUTH_FLOW."
  type        = string
  nullable    = false
}

variable "src_lookup" {
  description = "The function's SRC_LOOKUP."
  type        = string
  nullable    = false
}

variable "src_region" {
  description = "The function's SRC_REGION: the source pool's Region, where it is not the one that the pool's id begins with."
  type        = string
  default     = null
}

variable "src_user_pool_id" {
  description = "The function's SRC_USER_POOL_ID."
  type        = string
  nullable    = false
}
