# The demonstration as planned. What becomes known at apply only is proven by an apply: see tools/test/terraform.py.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = module.migration_function.data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

override_resource {
  target          = module.migration_function.aws_lambda_function.migration
  override_during = plan
  values          = { arn = "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration" }
}

# The zip is the one that `make package` leaves.

run "both_pools_and_a_function_for_migrations_alone" {
  command = plan

  assert {
    condition = alltrue([
      for pool in [aws_cognito_user_pool.source[0], aws_cognito_user_pool.new] :
      pool.username_attributes == toset(["email"]) && pool.auto_verified_attributes == toset(["email"]) &&
      pool.username_configuration[0].case_sensitive == false && pool.deletion_protection == "INACTIVE" &&
      [for way in one(pool.account_recovery_setting).recovery_mechanism : way.name] == ["verified_email"] &&
      one(pool.user_attribute_update_settings).attributes_require_verification_before_update == toset(["email"]) &&
      contains([for attribute in pool.schema : attribute.name], "tenant")
    ])
    error_message = "Both pools: sign-in by e-mail, verified before it changes, case-insensitive, recovery by verified e-mail, the custom attribute tenant."
  }

  assert {
    condition = (
      { for attribute in aws_cognito_user_pool.new.schema : attribute.name => attribute.mutable } == { migration = true, tenant = true } &&
      alltrue([
        for client in [aws_cognito_user_pool_client.source[0], aws_cognito_user_pool_client.new] :
        client.write_attributes == toset(["email", "family_name", "given_name", "name"])
      ])
    )
    error_message = "The destination pool must have an attribute for the mark. Users may write no custom attribute in either pool."
  }

  assert {
    condition = alltrue([
      for flow, client in { ADMIN_USER_PASSWORD_AUTH = aws_cognito_user_pool_client.source[0], USER_PASSWORD_AUTH = aws_cognito_user_pool_client.new } :
      client.generate_secret == false && client.prevent_user_existence_errors == "ENABLED" &&
      client.explicit_auth_flows == toset(["ALLOW_${flow}", "ALLOW_REFRESH_TOKEN_AUTH"])
    ])
    error_message = "Both clients: public, silent about who exists, the source's for the function's flow, the other for the one that calls the trigger."
  }

  assert {
    condition = (
      aws_api_gateway_authorizer.new_pool.type == "COGNITO_USER_POOLS" && aws_api_gateway_method.hello.authorization == "COGNITO_USER_POOLS" &&
      aws_api_gateway_integration.hello.type == "MOCK" &&
      jsondecode(aws_api_gateway_integration_response.hello.response_templates["application/json"]) == { message = "Hello, World!" }
    )
    error_message = "The API must greet users who are signed in to the destination pool."
  }

  assert {
    condition = [
      for triggers in aws_cognito_user_pool.new.lambda_config : compact([triggers.post_authentication, triggers.pre_sign_up, triggers.user_migration])
    ] == [tolist(["arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration"])] && one(aws_cognito_user_pool.new.lambda_config).user_migration == "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration"
    error_message = "The function must be called for migrations, and for nothing that was not asked for."
  }

  assert {
    condition     = output.migration_mark == null && length(module.monitoring) == 1 && length(aws_lambda_invocation.preflight) == 0 && length(aws_secretsmanager_secret.source_client) == 0
    error_message = "The function must be watched. Nothing is noted about users, no preflight runs and no secret is stored unless it was asked for."
  }
}

run "guarded_and_with_post_migration_steps" {
  command = plan

  variables {
    copy_groups       = "*"
    finish_migrations = true
    sign_up_guard     = true
    source_user       = "disable"
    src_lookup        = "email"
  }

  assert {
    condition = output.migration_mark == "custom:migration" && alltrue([
      for trigger in ["post_authentication", "pre_sign_up", "user_migration"] :
      one(aws_cognito_user_pool.new.lambda_config)[trigger] == "arn:aws:lambda:eu-west-1:444455556666:function:cognito-user-migration"
    ])
    error_message = "The function must be called for migrations, for sign-ups and after sign-ins, and make verify must know the mark."
  }
}

run "confidential_clients_and_protected_pools" {
  command = plan

  variables {
    client_secret       = true
    deletion_protection = true
    secrets_manager     = true
    src_auth_flow       = "USER_PASSWORD_AUTH"
  }

  assert {
    condition = (
      alltrue([for pool in [aws_cognito_user_pool.source[0], aws_cognito_user_pool.new] : pool.deletion_protection == "ACTIVE"]) &&
      alltrue([for client in [aws_cognito_user_pool_client.source[0], aws_cognito_user_pool_client.new] : client.generate_secret]) &&
      contains(aws_cognito_user_pool_client.source[0].explicit_auth_flows, "ALLOW_USER_PASSWORD_AUTH")
    )
    error_message = "Both pools must be protected, both clients confidential, and the source client must allow the function's flow."
  }
}

run "an_existing_source_pool_in_another_account" {
  command = plan

  override_resource {
    target          = aws_secretsmanager_secret.source_client
    override_during = plan
    values          = { arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2" }
  }

  override_resource {
    target          = module.migration_function.aws_cloudwatch_log_group.function
    override_during = plan
    values          = { arn = "arn:aws:logs:eu-west-1:444455556666:log-group:/aws/lambda/cognito-user-migration" }
  }

  variables {
    secrets_manager   = true
    src_client_secret = "clientsecret"
    source_pool = {
      client_id    = "sourceclient"
      external_id  = "external-id"
      role_arn     = "arn:aws:iam::111122223333:role/cognito-user-migration-source"
      user_pool_id = "eu-central-1_Source123"
    }
  }

  assert {
    condition = (
      length(aws_cognito_user_pool.source) == 0 && length(aws_cognito_user_pool_client.source) == 0 &&
      output.source_user_pool_id == "eu-central-1_Source123" && output.source_client_id == "sourceclient"
    )
    error_message = "No source pool must be made where one is given, and the outputs must name that one."
  }

  assert {
    condition = (
      nonsensitive(one(aws_secretsmanager_secret_version.source_client).secret_string) == "clientsecret" &&
      jsondecode(module.migration_function.role_policy).Statement[2].Resource == ["arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"]
    )
    error_message = "The secret must lie in Secrets Manager, and the function must be able to read it there."
  }
}

run "a_preflight_that_fails_is_named" {
  command = plan

  variables {
    monitoring    = false
    run_preflight = true
  }

  override_resource {
    target          = aws_lambda_invocation.preflight
    override_during = plan
    values          = { result = "{\"ok\": false, \"checks\": [{\"id\": \"source.flow\", \"status\": \"fail\"}]}" }
  }

  assert {
    condition     = length(module.monitoring) == 0
    error_message = "monitoring = false must leave the dashboard out."
  }

  expect_failures = [check.preflight]
}

run "a_preflight_that_is_in_order_passes" {
  command = plan

  variables {
    run_preflight = true
  }

  override_resource {
    target          = aws_lambda_invocation.preflight
    override_during = plan
    values          = { result = "{\"ok\": true, \"checks\": [{\"id\": \"source.flow\", \"status\": \"ok\"}]}" }
  }

  assert {
    condition = (
      one(aws_lambda_invocation.preflight).function_name == "cognito-user-migration" &&
      jsondecode(one(aws_lambda_invocation.preflight).input) == { triggerSource = "Migration_Preflight" }
    )
    error_message = "The function of the demonstration must report on its source pool; it knows no other."
  }
}

run "settings_that_need_another_one" {
  command = plan

  variables {
    copy_groups       = "*"
    src_client_secret = "clientsecret"
  }

  expect_failures = [var.finish_migrations, var.src_client_secret]
}

run "a_source_user_without_post_migration_steps" {
  command = plan

  variables {
    source_user = "disable"
  }

  expect_failures = [var.finish_migrations]
}

run "post_migration_steps_with_nothing_to_do" {
  command = plan

  variables {
    finish_migrations = true
  }

  expect_failures = [var.finish_migrations]
}

run "the_old_name_of_the_admin_flow" {
  command = plan

  variables {
    src_auth_flow = "ADMIN_NO_SRP_AUTH"
  }

  assert {
    condition     = aws_cognito_user_pool_client.source[0].explicit_auth_flows == toset(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"])
    error_message = "The source pool's client must allow the flow by its new name."
  }
}
