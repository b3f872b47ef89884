variable "external_id" {
  description = "External id of the role in the source account. Use a random one, for example of openssl rand -hex 16; both accounts use the same."
  type        = string
  nullable    = false
}

variable "new_user_pool_arn" {
  description = "ARN of the destination pool."
  type        = string
  nullable    = false
}

variable "source_account_id" {
  description = "Number of the account that owns the source pool."
  type        = string
  nullable    = false
}

variable "source_role_name" {
  description = "Name of the role in the source account."
  type        = string
  default     = "cognito-user-migration-source"
  nullable    = false
}

variable "src_client_id" {
  description = "Id of the source pool's app client."
  type        = string
  nullable    = false
}

variable "src_user_pool_id" {
  description = "Id of the source pool."
  type        = string
  nullable    = false
}
