variable "actions" {
  description = "The IAM actions that the function needs on the source pool (modules/migration-function, output source_actions)."
  type        = set(string)
  nullable    = false

  validation {
    condition     = length(var.actions) > 0
    error_message = "actions is empty: with its settings the function makes unsigned calls only and needs no role. Leave this module out, and src_role_arn out of the function's settings."
  }

  # The source account never grants more than a migration can need, whatever the list holds.
  validation {
    condition = length(setsubtract(var.actions, [
      "cognito-idp:AdminDisableUser",
      "cognito-idp:AdminGetUser",
      "cognito-idp:AdminInitiateAuth",
      "cognito-idp:AdminListGroupsForUser",
      "cognito-idp:DescribeUserPool",
      "cognito-idp:DescribeUserPoolClient",
      "cognito-idp:GetUserPoolMfaConfig",
      "cognito-idp:ListUsers",
    ])) == 0
    error_message = "actions has an action that no migration needs. Use modules/migration-function's output source_actions unchanged, and the same version of both modules."
  }
}

variable "external_id" {
  description = "External id that the function must name when it assumes the role. Use a random one, for example of openssl rand -hex 16: an external id that others can guess protects nothing. The function's src_external_id must be the same."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[A-Za-z0-9_+=,.@:/-]+$", var.external_id)) && length(var.external_id) >= 2 && length(var.external_id) <= 1224
    error_message = "external_id must have 2 to 1224 letters, digits or characters of _+=,.@:/-"
  }
}

variable "function_role_arn" {
  description = "ARN of the function's role (modules/migration-function, output role_arn). The role must exist: IAM accepts no trust in a role that does not."
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

variable "permissions_boundary" {
  description = "ARN of the policy that is the role's permissions boundary. It must allow the actions."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/.+$", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of a policy, such as arn:aws:iam::111122223333:policy/boundary."
  }
}

variable "src_user_pool_arn" {
  description = "ARN of the source pool (modules/migration-function, output source_user_pool_arn)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[a-z0-9-]+_[A-Za-z0-9]+$", var.src_user_pool_arn))
    error_message = "src_user_pool_arn must be the ARN of a user pool, such as arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Ab1Cd2Ef3."
  }
}

variable "tags" {
  description = "Tags of the role."
  type        = map(string)
  default     = {}
  nullable    = false
}
