# The function that migrates users from {{ source_id }}, and its monitoring.
# The settings fit these two pools; settings.env holds them for the operator's program.

{% include "versions.tf" %}
{% if let Some(pool) = existing %}
data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}
{% endif %}
{% if asks_for_client %}
variable "src_client_id" {
  description = "The app client that source-account/source_client.tf makes in the account of the source pool."
  type = string
}
{% endif %}
module "migration_function" {
  source = "{{ function_source }}"
{% if takes_zip %}
  # The function's zip of the same release, beside this file.
  package_file = "${path.module}/cognito-user-migration-x86_64.zip"
{% endif %}
{%- for setting in settings %}
{% for line in setting.reason.iter() %}
  # {{ line }}
{%- endfor %}
  {{ setting.name }} = {{ setting.value|safe }}
{% endfor %}
  # PASSWORD_POLICY stays unset: users whose password is older than the policy are not sent into a reset.
{% if guards_sign_ups %}
  # The function may look in the source pool for users who sign up.
  sign_up_guard = true
{% endif %}
{%- if let Some(pool) = existing %}
  user_pool_arns = { new = "arn:${data.aws_partition.current.partition}:cognito-idp:{{ pool.region }}:${data.aws_caller_identity.current.account_id}:userpool/{{ pool.id }}" }
{%- else %}
  user_pool_arns = { new = aws_cognito_user_pool.new.arn }
{%- endif %}
}

module "monitoring" {
  source = "{{ monitoring_source }}"

  function_name = module.migration_function.function_name
  log_group = module.migration_function.log_group
}

output "function_arn" {
  description = "The ARN of the function, for the triggers of the destination pool and for the preflight."
  value = module.migration_function.function_arn
}
