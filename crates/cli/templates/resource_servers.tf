# The resource servers of the source pool, whose scopes its app clients name.
{% for item in servers %}
resource "aws_cognito_resource_server" "{{ item.label }}" {
  identifier = "{{ item.server.identifier }}"
  name = "{{ item.server.name }}"
  user_pool_id = aws_cognito_user_pool.new.id
{% for (name, description) in item.server.scopes.iter() %}
  scope {
    scope_description = "{{ description }}"
    scope_name = "{{ name }}"
  }
{% endfor %}
}
{% endfor %}
