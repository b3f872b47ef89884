variable "actions" {
  description = "What the function may do in the source pool."
  type        = set(string)
  nullable    = false
}

variable "external_id" {
  description = "External id that the function must name."
  type        = string
  nullable    = false
}

variable "function_role_arn" {
  description = "ARN of the function's role."
  type        = string
  nullable    = false
}

variable "role_name" {
  description = "Name of the role that the function assumes."
  type        = string
  nullable    = false
}

variable "src_user_pool_arn" {
  description = "ARN of the source pool."
  type        = string
  nullable    = false
}
