# The app client of the source pool through which the function signs users in. No app needs it.

{% if has_versions -%}
{% include "versions.tf" %}

{% endif -%}
resource "aws_cognito_user_pool_client" "migration_source" {
  name = "migration"
  user_pool_id = "{{ source_id }}"
  explicit_auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  generate_secret = false
  prevent_user_existence_errors = "ENABLED"
}

output "source_client_id" {
  description = "The app client of the source pool: SRC_CLIENT_ID."
  value = aws_cognito_user_pool_client.migration_source.id
}
