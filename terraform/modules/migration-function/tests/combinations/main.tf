# The function with each setting alone, with every two together, with all of them and with all but one: what may it do, and what
# should it?

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "least" {
  description = "For each setting that permissions depend on, the value that needs nothing."
  type        = map(string)
}

variable "needs" {
  description = "What the other values need, as setting=value => actions by pool. Several values need what each of them needs, and nothing else."
  type = map(object({
    # Settings without which the value is not accepted.
    with   = optional(map(string), {})
    source = optional(list(string), [])
    # Needed unless the other setting has that value.
    source_unless = optional(map(list(string)), {})
    destination   = optional(list(string), [])
    # On what belongs to neither pool: effect, action on resource, and under which condition.
    own = optional(list(string), [])
  }))
}

locals {
  log_group = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration:*"

  destination_pools = {
    one = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New1"
    two = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New2"
  }

  values = keys(var.needs)

  # Of several values of one setting the last counts.
  chosen = concat(
    [[], local.values],
    [for pair in setproduct(local.values, local.values) : sort(pair)],
    [for value in local.values : setsubtract(local.values, [value])],
  )

  settings = {
    for settings in distinct([
      for values in local.chosen : tomap(merge(
        var.least,
        merge([for value in values : var.needs[value].with]...),
        [for value in values : { (split("=", value)[0]) = split("=", value)[1] }]...
      ))
    ]) : join(" ", [for setting, value in settings : "${setting}=${value}" if value != var.least[setting]]) => settings
  }

  needs = {
    for name, settings in local.settings : name => [
      for setting, value in settings : var.needs["${setting}=${value}"] if value != var.least[setting]
    ]
  }

  expected = {
    for name, settings in local.settings : name => sort(concat(
      [for action in ["CreateLogStream", "PutLogEvents"] : "Allow logs:${action} on ${local.log_group}"],
      settings.src_role_arn == null ? [] : ["Allow sts:AssumeRole on ${settings.src_role_arn}"],
      flatten(local.needs[name][*].own),
      flatten([
        for action in distinct(flatten([
          local.needs[name][*].source,
          [for need in local.needs[name] : [for other, actions in need.source_unless : actions if settings[split("=", other)[0]] != split("=", other)[1]]],
          ])) : settings.src_role_arn == null ? [
          "Allow cognito-idp:${action} on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
          "source_actions: cognito-idp:${action} on arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123",
        ] : ["source_actions: cognito-idp:${action} on arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"]
      ]),
      [
        for permission in setproduct(distinct(flatten(local.needs[name][*].destination)), values(local.destination_pools)) :
        "Allow cognito-idp:${permission[0]} on ${permission[1]}"
      ],
    ))
  }

  found = {
    for name, function in module.function : name => sort(concat(
      [for action in function.source_actions : "source_actions: ${action} on ${function.source_user_pool_arn}"],
      flatten([
        for policy in [function.role_policy, function.finish_policy] : [
          for statement in jsondecode(policy).Statement : [
            for permission in setproduct(statement.Action, statement.Resource) :
            "${statement.Effect} ${permission[0]} on ${permission[1]}${try(" if ${jsonencode(statement.Condition)}", "")}"
          ]
        ] if policy != null
      ]),
    ))
  }
}

module "function" {
  source   = "../.."
  for_each = local.settings

  copy_groups               = each.value.copy_groups
  kms_key_arn               = each.value.kms_key_arn
  migration_mark            = each.value.copy_groups == "none" && each.value.source_user == "keep" ? null : "custom:migration"
  on_forgot_password        = each.value.on_forgot_password
  on_mfa                    = each.value.on_mfa
  on_temporary_password     = each.value.on_temporary_password
  package_file              = "${path.module}/function.zip" # A small one: it is read for each of them.
  preflight                 = each.value.preflight
  sign_up_guard             = each.value.sign_up_guard
  source_user               = each.value.source_user
  src_auth_flow             = each.value.src_auth_flow
  src_client_id             = "sourceclient"
  src_client_secret_arn     = each.value.src_client_secret_arn
  src_client_secret_key_arn = each.value.src_client_secret_key_arn
  src_lookup                = each.value.src_lookup
  src_profile               = each.value.src_profile
  src_role_arn              = each.value.src_role_arn
  src_user_pool_id          = "eu-west-1_Source123"
  tracing                   = each.value.tracing
  user_pool_arns            = local.destination_pools
  vpc_config                = each.value.vpc_config == null ? null : { security_group_ids = ["sg-${each.value.vpc_config}"], subnet_ids = ["subnet-${each.value.vpc_config}"] }
}

# Accepts every action that any of them asks for.
module "source_access_role" {
  source = "../../../source-access-role"

  actions           = flatten([for function in module.function : function.source_actions])
  external_id       = "external-id"
  function_role_arn = "arn:aws:iam::444455556666:role/cognito-user-migration"
  src_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
}

output "found" {
  description = "What each function may do, and what a source account must allow it, by the settings that are not the least."
  value       = local.found
}

output "wrong" {
  description = "Where that is not what the settings need."
  value = {
    for name, expected in local.expected :
    name => { missing = setsubtract(expected, local.found[name]), excess = setsubtract(local.found[name], expected) }
    if expected != local.found[name]
  }
}
