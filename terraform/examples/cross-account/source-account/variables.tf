variable "external_id" {
  description = "External id that the function must name: the same as in the other account."
  type        = string
  nullable    = false
}

variable "function_role_arn" {
  description = "The other account's output function_role_arn."
  type        = string
  nullable    = false
}

variable "src_user_pool_id" {
  description = "Id of the source pool."
  type        = string
  nullable    = false
}
