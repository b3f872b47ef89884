# The groups of the source pool. Their members join them after the migration, as COPY_GROUPS says.
{% for item in groups %}
resource "aws_cognito_user_group" "{{ item.label }}" {
  name = "{{ item.group.name }}"
  user_pool_id = aws_cognito_user_pool.new.id
{%- if let Some(description) = item.group.description.as_ref() %}
  description = "{{ description }}"
{%- endif %}
{%- if let Some(precedence) = item.group.precedence %}
  precedence = {{ precedence }}
{%- endif %}
}
{% endfor %}
