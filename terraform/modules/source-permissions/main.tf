# What the function may do in the source pool, worked out once for both places that grant it: the function's own role where
# the source pool is in the same account, and the role of modules/source-access-role where it is in another one.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  admin_sign_in = var.src_auth_flow != "USER_PASSWORD_AUTH"

  # InitiateAuth and GetUser are unsigned and need no permission. In that flow AdminGetUser is left for those users who have
  # no access token: somebody with an unanswered challenge, who asks for a password reset or who signs up.
  admin_profile = anytrue([
    local.admin_sign_in,
    var.on_forgot_password != "ignore",
    var.on_mfa != "refuse",
    var.on_temporary_password != "refuse",
    var.sign_up_guard,
  ])

  region = coalesce(var.src_region, split("_", var.src_user_pool_id)[0])
}
