output "actions" {
  description = "The IAM actions that the function needs in the source pool. Empty where it makes unsigned calls only."
  value = concat(
    local.admin_profile ? ["cognito-idp:AdminGetUser"] : [],
    local.admin_sign_in ? ["cognito-idp:AdminInitiateAuth"] : [],
    # A user who has moved is found by the sub.
    anytrue([var.src_lookup != "none", var.copy_groups, var.source_user != "keep"]) ? ["cognito-idp:ListUsers"] : [],
    var.copy_groups ? ["cognito-idp:AdminListGroupsForUser"] : [],
    var.source_user == "disable" ? ["cognito-idp:AdminDisableUser"] : [],
    var.source_user == "delete" ? ["cognito-idp:AdminDeleteUser"] : [],
    # The preflight knows the app client by its id and need not list any.
    var.preflight ? ["cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient"] : [],
    var.preflight && var.copy_groups ? ["cognito-idp:ListGroups"] : [],
  )
}

output "user_pool_arn" {
  description = "ARN of the source pool, in the account that Terraform works in."
  value = join(":", [
    "arn",
    data.aws_partition.current.partition,
    "cognito-idp",
    local.region,
    data.aws_caller_identity.current.account_id,
    "userpool/${var.src_user_pool_id}",
  ])
}
