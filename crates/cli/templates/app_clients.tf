# The app clients of the destination pool: those of the source pool. Each sends the password, because Cognito migrates no user in
# another flow.
{% for item in clients %}
resource "aws_cognito_user_pool_client" "{{ item.label }}" {
  name = "{{ item.client.name }}"
  user_pool_id = aws_cognito_user_pool.new.id
{%- if !item.client.oauth_flows.is_empty() %}
  allowed_oauth_flows = {{ self.list(item.client.oauth_flows)|safe }}
{%- endif %}
  allowed_oauth_flows_user_pool_client = {{ item.client.uses_oauth }}
{%- if !item.client.oauth_scopes.is_empty() %}
  allowed_oauth_scopes = {{ self.list(item.client.oauth_scopes)|safe }}
{%- endif %}
{%- if let Some(minutes) = item.client.session_minutes %}
  auth_session_validity = {{ minutes }}
{%- endif %}
{%- if !item.client.callback_urls.is_empty() %}
  callback_urls = {{ self.list(item.client.callback_urls)|safe }}
{%- endif %}
{%- if let Some(url) = item.client.default_redirect_uri.as_ref() %}
  default_redirect_uri = "{{ url }}"
{%- endif %}
{%- if let Some(hands_on) = item.client.propagates_context %}
  enable_propagate_additional_user_context_data = {{ hands_on }}
{%- endif %}
{%- if let Some(revokes) = item.client.revokes_tokens %}
  enable_token_revocation = {{ revokes }}
{%- endif %}
  explicit_auth_flows = {{ self.list(item.client.auth_flows)|safe }}
  generate_secret = {{ item.client.has_secret }}
{%- if !item.client.logout_urls.is_empty() %}
  logout_urls = {{ self.list(item.client.logout_urls)|safe }}
{%- endif %}
  prevent_user_existence_errors = "ENABLED"
{%- if !item.client.providers.is_empty() %}
  supported_identity_providers = {{ self.list(item.client.providers)|safe }}
{%- endif %}

  access_token_validity = {{ self.number(item.client.access_token) }}
  id_token_validity = {{ self.number(item.client.id_token) }}
  refresh_token_validity = {{ self.number(item.client.refresh_token) }}

  read_attributes = {{ self.optional_list(item.client.readable)|safe }}

  # Never the mark, which decides whose groups a user gets, nor the old sub.
  write_attributes = {{ self.optional_list(item.client.writable)|safe }}
{% if let Some(rotation) = item.client.rotation.as_ref() %}
  refresh_token_rotation {
    feature = "{{ self.feature(rotation) }}"
{%- if let Some(seconds) = rotation.grace_seconds %}
    retry_grace_period_seconds = {{ seconds }}
{%- endif %}
  }
{% endif %}
  token_validity_units {
    access_token = "{{ self.unit(item.client.access_token) }}"
    id_token = "{{ self.unit(item.client.id_token) }}"
    refresh_token = "{{ self.unit(item.client.refresh_token) }}"
  }
{% if !item.servers.is_empty() %}
  depends_on = [{% for label in item.servers %}{% if !loop.first %}, {% endif %}aws_cognito_resource_server.{{ label }}{% endfor %}]
{% endif %}
}
{% endfor %}
