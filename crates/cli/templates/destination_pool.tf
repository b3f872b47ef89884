# The destination pool, with what can be carried over from the source pool {{ source_id }}.
# NOTES.md says what is different and what stays behind.

resource "aws_cognito_user_pool" "new" {
  name = "{{ pool.name }}"
{%- if !pool.alias_attributes.is_empty() %}
  alias_attributes = {{ self.list(pool.alias_attributes)|safe }}
{%- endif %}
{%- if !pool.auto_verified.is_empty() %}
  auto_verified_attributes = {{ self.list(pool.auto_verified)|safe }}
{%- endif %}
  deletion_protection = "ACTIVE"
  mfa_configuration = "{{ self.mfa() }}"
{%- if let Some(message) = self.sms_message() %}
  sms_authentication_message = "{{ message }}"
{%- endif %}
{%- if let Some(tier) = pool.tier.as_ref() %}
  user_pool_tier = "{{ tier }}"
{%- endif %}
{%- if !pool.username_attributes.is_empty() %}
  username_attributes = {{ self.list(pool.username_attributes)|safe }}
{%- endif %}
{% if !pool.recovery.is_empty() %}
  account_recovery_setting {
{%- for (name, priority) in pool.recovery_mechanisms() %}
    recovery_mechanism {
      name = "{{ name }}"
      priority = {{ priority }}
    }
{% endfor %}
  }
{% endif %}
  admin_create_user_config {
    allow_admin_create_user_only = {{ pool.sign_up.only_by_admins }}
{% if let Some(invitation) = pool.sign_up.invitation.as_ref() %}
    invite_message_template {
{%- if let Some(text) = invitation.email_message.as_ref() %}
      email_message = "{{ text }}"
{%- endif %}
{%- if let Some(text) = invitation.email_subject.as_ref() %}
      email_subject = "{{ text }}"
{%- endif %}
{%- if let Some(text) = invitation.sms_message.as_ref() %}
      sms_message = "{{ text }}"
{%- endif %}
    }
{% endif %}
  }
{% if let Some(devices) = pool.devices.as_ref() %}
  device_configuration {
    challenge_required_on_new_device = {{ devices.challenge_new }}
    device_only_remembered_on_user_prompt = {{ devices.only_on_prompt }}
  }
{% endif %}
{% if let Some(email) = pool.email.as_ref() %}
  email_configuration {
{%- if let Some(text) = email.configuration_set.as_ref() %}
    configuration_set = "{{ text }}"
{%- endif %}
{%- if let Some(text) = email.account.as_ref() %}
    email_sending_account = "{{ text }}"
{%- endif %}
{%- if let Some(text) = email.from.as_ref() %}
    from_email_address = "{{ text }}"
{%- endif %}
{%- if let Some(text) = email.reply_to.as_ref() %}
    reply_to_email_address = "{{ text }}"
{%- endif %}
{%- if let Some(text) = email.source_arn.as_ref() %}
    source_arn = "{{ text }}"
{%- endif %}
  }
{% endif %}
{% if let Some(email) = pool.mfa.email.as_ref() %}
  email_mfa_configuration {
{%- if let Some(text) = email.message.as_ref() %}
    message = "{{ text }}"
{%- endif %}
{%- if let Some(text) = email.subject.as_ref() %}
    subject = "{{ text }}"
{%- endif %}
  }
{% endif %}
  # The function migrates users.
{%- if has_steps %}
  # It does the post-migration steps after a sign-in.
{%- endif %}
{%- if guards_sign_ups %}
  # It also guards sign-ups: no stranger registers the name of a user who can still migrate.
{%- endif %}
  lambda_config {
{%- if has_steps %}
    post_authentication = module.migration_function.function_arn
{%- endif %}
{%- if guards_sign_ups %}
    pre_sign_up = module.migration_function.function_arn
{%- endif %}
    user_migration = module.migration_function.function_arn
  }

  # Terraform plans no other pool in place of this one.
  lifecycle {
    prevent_destroy = true
  }

  password_policy {
    minimum_length = {{ pool.passwords.policy.minimum_length }}
{%- if let Some(size) = pool.passwords.history %}
    password_history_size = {{ size }}
{%- endif %}
    require_lowercase = {{ pool.passwords.policy.require_lowercase }}
    require_numbers = {{ pool.passwords.policy.require_numbers }}
    require_symbols = {{ pool.passwords.policy.require_symbols }}
    require_uppercase = {{ pool.passwords.policy.require_uppercase }}
{%- if let Some(days) = pool.passwords.temporary_days %}
    temporary_password_validity_days = {{ days }}
{%- endif %}
  }
{% for attribute in attributes %}
{% if let Some(reason) = attribute.reason %}
  # {{ reason }}
{%- endif %}
  schema {
    name = "{{ attribute.name }}"
    attribute_data_type = "{{ attribute.data_type }}"
    developer_only_attribute = {{ attribute.developer_only }}
    mutable = {{ attribute.mutable }}
    required = {{ attribute.required }}
{% if attribute.data_type == "String" %}
    string_attribute_constraints {
      max_length = "{{ attribute.maximum }}"
      min_length = "{{ attribute.minimum }}"
    }
{%- else if attribute.data_type == "Number" %}
    number_attribute_constraints {
      max_value = "{{ attribute.maximum }}"
      min_value = "{{ attribute.minimum }}"
    }
{%- endif %}
  }
{% endfor %}
{% if !pool.first_factors.is_empty() %}
  sign_in_policy {
    allowed_first_auth_factors = {{ self.list(pool.first_factors)|safe }}
  }
{% endif %}
{% if let Some(sms) = pool.sms.as_ref() %}
  sms_configuration {
    external_id = "{{ sms.external_id() }}"
    sns_caller_arn = "{{ sms.caller_arn }}"
{%- if let Some(region) = sms.region.as_ref() %}
    sns_region = "{{ region }}"
{%- endif %}
  }
{% endif %}
{% if pool.mfa.software_token %}
  software_token_mfa_configuration {
    enabled = true
  }
{% endif %}
{% if !pool.verified_before_update.is_empty() %}
  # Without this, a user changes the address to another user's with one call, and no trigger runs.
  user_attribute_update_settings {
    attributes_require_verification_before_update = {{ self.list(pool.verified_before_update)|safe }}
  }
{% endif %}
  # It cannot be changed once the pool exists.
  username_configuration {
    case_sensitive = {{ pool.case_sensitive }}
  }
{% if let Some(verification) = pool.verification.as_ref() %}
  verification_message_template {
{%- if let Some(text) = verification.email_option.as_ref() %}
    default_email_option = "{{ text }}"
{%- endif %}
{%- if let Some(text) = verification.email_message.as_ref() %}
    email_message = "{{ text }}"
{%- endif %}
{%- if let Some(text) = verification.email_message_by_link.as_ref() %}
    email_message_by_link = "{{ text }}"
{%- endif %}
{%- if let Some(text) = verification.email_subject.as_ref() %}
    email_subject = "{{ text }}"
{%- endif %}
{%- if let Some(text) = verification.email_subject_by_link.as_ref() %}
    email_subject_by_link = "{{ text }}"
{%- endif %}
{%- if let Some(text) = verification.sms_message.as_ref() %}
    sms_message = "{{ text }}"
{%- endif %}
  }
{% endif %}
}

output "user_pool_id" {
  description = "The id of the destination pool."
  value = aws_cognito_user_pool.new.id
}
