# Applied with the credentials of the account that owns the source pool.

module "source_permissions" {
  source = "../source-permissions"

  copy_groups           = var.copy_groups
  on_forgot_password    = var.on_forgot_password
  on_mfa                = var.on_mfa
  on_temporary_password = var.on_temporary_password
  preflight             = var.preflight
  sign_up_guard         = var.sign_up_guard
  source_user           = var.source_user
  src_auth_flow         = var.src_auth_flow
  src_lookup            = var.src_lookup
  src_region            = var.src_region
  src_user_pool_id      = var.src_user_pool_id
}

resource "aws_iam_role" "source_access" {
  name               = var.name
  description        = "Lets the migration function of another account ask the user pool ${var.src_user_pool_id}"
  assume_role_policy = data.aws_iam_policy_document.trust.json

  lifecycle {
    precondition {
      condition     = length(module.source_permissions.actions) > 0
      error_message = "With these settings the function makes unsigned calls only and needs no role: leave this module out, and leave src_role_arn out of the function's settings."
    }
  }
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "AWS"
      identifiers = [var.function_role_arn]
    }

    condition {
      test     = "StringEquals"
      variable = "sts:ExternalId"
      values   = [var.external_id]
    }
  }
}

resource "aws_iam_role_policy" "source_access" {
  name   = "source-pool"
  role   = aws_iam_role.source_access.id
  policy = data.aws_iam_policy_document.source_pool.json
}

data "aws_iam_policy_document" "source_pool" {
  statement {
    sid       = "AskSourcePool"
    actions   = module.source_permissions.actions
    resources = [module.source_permissions.user_pool_arn]
  }
}
