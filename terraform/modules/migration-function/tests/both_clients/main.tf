# The function twice, for a public app client and for one with a secret, and what each may do, one line per permission.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "copy_groups" {
  description = "The module's copy_groups."
  type        = bool
  default     = false
}

variable "migration_mark" {
  description = "The module's migration_mark."
  type        = string
  default     = null
}

variable "on_forgot_password" {
  description = "The module's on_forgot_password."
  type        = string
}

variable "on_mfa" {
  description = "The module's on_mfa."
  type        = string
  default     = "refuse"
}

variable "on_temporary_password" {
  description = "The module's on_temporary_password."
  type        = string
  default     = "refuse"
}

variable "preflight" {
  description = "The module's preflight; off here, so that each run shows what migrations alone need."
  type        = bool
  default     = false
}

variable "sign_up_guard" {
  description = "The module's sign_up_guard."
  type        = bool
  default     = false
}

variable "source_user" {
  description = "The module's source_user."
  type        = string
  default     = "keep"
}

variable "src_auth_flow" {
  description = "The module's src_auth_flow."
  type        = string
}

variable "src_lookup" {
  description = "The module's src_lookup."
  type        = string
  default     = "none"
}

variable "src_role_arn" {
  description = "The module's src_role_arn."
  type        = string
  default     = null
}

module "public_client" {
  source = "../.."

  copy_groups           = var.copy_groups
  migration_mark        = var.migration_mark
  on_forgot_password    = var.on_forgot_password
  on_mfa                = var.on_mfa
  on_temporary_password = var.on_temporary_password
  package_file          = "${path.module}/main.tf"
  preflight             = var.preflight
  sign_up_guard         = var.sign_up_guard
  source_user           = var.source_user
  src_auth_flow         = var.src_auth_flow
  src_client_id         = "sourceclient"
  src_lookup            = var.src_lookup
  src_role_arn          = var.src_role_arn
  src_user_pool_id      = "eu-west-1_Source123"
  user_pool_arns        = {}
}

module "client_with_a_secret" {
  source = "../.."

  copy_groups           = var.copy_groups
  migration_mark        = var.migration_mark
  on_forgot_password    = var.on_forgot_password
  on_mfa                = var.on_mfa
  on_temporary_password = var.on_temporary_password
  package_file          = "${path.module}/main.tf"
  preflight             = var.preflight
  sign_up_guard         = var.sign_up_guard
  source_user           = var.source_user
  src_auth_flow         = var.src_auth_flow
  src_client_id         = "sourceclient"
  src_client_secret     = "clientsecret"
  src_lookup            = var.src_lookup
  src_role_arn          = var.src_role_arn
  src_user_pool_id      = "eu-west-1_Source123"
  user_pool_arns        = {}
}

output "permissions" {
  description = "What each function may do: effect, action and resource, one line each."
  value = {
    for client, policy in {
      public_client        = module.public_client.role_policy
      client_with_a_secret = module.client_with_a_secret.role_policy
      } : client => flatten([
        for statement in jsondecode(policy).Statement : [
          for permission in setproduct(flatten([statement.Action]), flatten([statement.Resource])) :
          "${statement.Effect} ${permission[0]} on ${permission[1]}"
        ]
    ])
  }
}
