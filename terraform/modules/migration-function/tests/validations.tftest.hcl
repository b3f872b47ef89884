# Every rule for an input, broken at least once. A run breaks one rule of each variable. The rules need no provider.

mock_provider "aws" {
  mock_data "aws_service" {
    defaults = { region = "eu-west-1" }
  }
}

variables {
  src_client_id    = "sourceclient"
  src_user_pool_id = "eu-west-1_Source123"
  user_pool_arns   = { new = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123" }
}

run "values_that_are_not_offered" {
  command = plan

  variables {
    architecture          = "x86"
    attribute_map         = { "e-mail" = "email" }
    dst_username          = "email"
    kms_key_arn           = "arn:aws:kms:eu-west-1:444455556666:alias/migration"
    log_level             = "LOUD"
    log_retention_days    = 2
    memory_size           = 127
    metrics               = "statsd"
    name                  = "user migration"
    on_forgot_password    = "yes"
    on_mfa                = "ask"
    on_reject             = "null"
    on_temporary_password = "accept"
    password_policy       = { minimumLength = 5 }
    permissions_boundary  = "boundary"
    reserved_concurrency  = 0
    reset_contacts        = ["letter"]
    src_auth_flow         = "USER_SRP_AUTH"
    src_client_id         = "my client"
    src_client_secret     = "two words"
    src_lookup            = "name"
    src_profile           = "token"
    src_region            = "Ireland"
    src_role_arn          = "cognito-user-migration-source"
    src_user_pool_id      = "my-pool"
    static_attributes     = { sub = "1234" }
    time_budget_ms        = 99
    unverified_contacts   = "keep"
    vpc_config            = { security_group_ids = ["default"], subnet_ids = ["subnet-0a1b2c3d"] }
    welcome_message       = ["letter"]
  }

  expect_failures = [
    var.architecture, var.attribute_map, var.dst_username, var.kms_key_arn, var.log_level, var.log_retention_days, var.memory_size,
    var.metrics, var.name, var.on_forgot_password, var.on_mfa, var.on_reject, var.on_temporary_password, var.password_policy,
    var.permissions_boundary, var.reserved_concurrency, var.reset_contacts, var.src_auth_flow, var.src_client_id, var.src_client_secret, var.src_lookup,
    var.src_profile, var.src_region, var.src_role_arn, var.src_user_pool_id, var.static_attributes, var.time_budget_ms, var.unverified_contacts,
    var.vpc_config, var.welcome_message,
  ]
}

run "values_over_the_limits" {
  command = plan

  variables {
    attribute_map     = { "custom:tenant" = "sub" }
    memory_size       = 10241
    name              = "a-name-of-sixty-five-characters-which-is-one-more-than-iam-allows"
    password_policy   = { minimumLength = 100 }
    reset_contacts    = []
    src_client_secret = ""
    # A role was forgotten.
    src_external_id   = "external-id"
    src_user_pool_id  = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123"
    static_attributes = { "custom:origin" = "" }
    time_budget_ms    = 4901
    vpc_config        = { security_group_ids = ["sg-0a1b2c3d"], subnet_ids = [] }
  }

  expect_failures = [
    var.attribute_map, var.memory_size, var.name, var.password_policy, var.reset_contacts, var.src_client_secret,
    var.src_external_id, var.src_user_pool_id, var.static_attributes, var.time_budget_ms, var.vpc_config,
  ]
}

run "fractions_and_wildcards" {
  command = plan

  variables {
    attribute_map           = { "custom:*" = "email" }
    memory_size             = 256.5
    password_policy         = { minimumLength = 8.5 }
    provisioned_concurrency = 0.5
    src_role_arn            = "arn:aws:iam::111122223333:role/*"
    src_user_pool_id        = "eu-west-1_*"
    static_attributes       = { "custom:*" = "x" }
    time_budget_ms          = 1000.5
  }

  expect_failures = [
    var.attribute_map, var.memory_size, var.password_policy, var.provisioned_concurrency, var.src_role_arn, var.src_user_pool_id,
    var.static_attributes, var.time_budget_ms,
  ]
}

run "same_destination_twice_and_wrong_lengths" {
  command = plan

  variables {
    attribute_map     = { "custom:mail" = "email", nickname = "email" }
    password_policy   = { minLength = 12 }
    src_external_id   = "x"
    src_role_arn      = "arn:aws:iam::111122223333:role/source"
    static_attributes = { "custom:origin" = format("%02049d", 0) }
  }

  expect_failures = [var.attribute_map, var.password_policy, var.src_external_id, var.static_attributes]
}

run "flags_that_vouch_for_unverified_addresses" {
  command = plan

  variables {
    attribute_map     = { "custom:checked" = "email_verified" }
    static_attributes = { phone_number_verified = "true" }
  }

  expect_failures = [var.attribute_map, var.static_attributes]
}

run "a_user_name_in_a_standard_attribute" {
  command = plan

  variables {
    attribute_map = { username = "nickname" }
  }

  expect_failures = [var.attribute_map]
}

run "a_wildcard_for_the_attributes_of_developers" {
  command = plan

  variables {
    attribute_map = { "dev:custom:*" = "custom:a" }
  }

  expect_failures = [var.attribute_map]
}

run "a_sub_in_a_standard_attribute" {
  command = plan

  variables {
    attribute_map = { sub = "nickname" }
  }

  expect_failures = [var.attribute_map]
}

run "a_zip_for_the_other_processor" {
  command = plan

  variables {
    package_file = "downloads/cognito-user-migration-arm64.zip"
  }

  expect_failures = [var.package_file]
}

run "a_zip_for_this_processor_where_the_other_is_set" {
  command = plan

  variables {
    architecture = "arm64"
    package_file = "downloads/cognito-user-migration-x86_64.zip"
  }

  expect_failures = [var.package_file]
}

run "a_zip_in_s3_for_the_other_processor" {
  command = plan

  variables {
    package_s3 = { bucket = "artifacts", key = "v1.2.3/cognito-user-migration-arm64.zip" }
  }

  expect_failures = [var.package_s3]
}

run "two_zips" {
  command = plan

  variables {
    package_file = "cognito-user-migration-x86_64.zip"
    package_s3   = { bucket = "artifacts", key = "cognito-user-migration-x86_64.zip" }
  }

  expect_failures = [var.package_s3]
}

run "an_address_for_a_bucket" {
  command = plan

  variables {
    package_s3 = { bucket = "s3://artifacts", key = "cognito-user-migration-x86_64.zip" }
  }

  expect_failures = [var.package_s3]
}

run "a_key_with_a_slash_at_its_beginning" {
  command = plan

  variables {
    package_s3 = { bucket = "artifacts", key = "/cognito-user-migration-x86_64.zip" }
  }

  expect_failures = [var.package_s3]
}

run "an_empty_version" {
  command = plan

  variables {
    package_s3 = { bucket = "artifacts", key = "cognito-user-migration-x86_64.zip", version = "" }
  }

  expect_failures = [var.package_s3]
}

# A rule that reads another variable is not looked at while that one is wrong: so pools, mark and secret have runs of their own.

run "no_pool" {
  command = plan

  variables {
    reserved_concurrency = 1.5
    user_pool_arns       = {}
  }

  expect_failures = [var.reserved_concurrency, var.user_pool_arns]
}

run "a_wildcard_for_pools" {
  command = plan

  variables {
    user_pool_arns = { new = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/*" }
  }

  expect_failures = [var.user_pool_arns]
}

run "a_name_with_a_blank_for_a_pool" {
  command = plan

  variables {
    user_pool_arns = { "destination pool" = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123" }
  }

  expect_failures = [var.user_pool_arns]
}

run "the_source_pool_as_the_destination_pool" {
  command = plan

  variables {
    user_pool_arns = { new = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Source123" }
  }

  expect_failures = [var.user_pool_arns]
}

run "a_destination_pool_under_two_names" {
  command = plan

  variables {
    user_pool_arns = {
      new   = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123"
      newer = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_New123"
    }
  }

  expect_failures = [var.user_pool_arns]
}

run "a_destination_pool_in_another_region" {
  command = plan

  variables {
    user_pool_arns = { new = "arn:aws:cognito-idp:eu-central-1:444455556666:userpool/eu-central-1_New123" }
  }

  expect_failures = [var.user_pool_arns]
}

run "more_processes_than_may_run" {
  command = plan

  variables {
    provisioned_concurrency = 11
    reserved_concurrency    = 10
  }

  expect_failures = [var.provisioned_concurrency]
}

run "a_mark_with_nothing_to_do" {
  command = plan

  variables {
    migration_mark = "custom:migration"
  }

  expect_failures = [var.migration_mark]
}

run "a_mark_that_is_no_custom_attribute" {
  command = plan

  variables {
    copy_groups    = "*"
    migration_mark = "migration"
  }

  expect_failures = [var.migration_mark]
}

run "source_users_are_not_deleted_and_groups_are_no_switch" {
  command = plan

  variables {
    client_metadata       = "tenant, locale"
    copy_groups           = true
    migration_mark        = "custom:migration"
    source_user           = "delete"
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source" # Without its last six characters.
  }

  expect_failures = [var.client_metadata, var.copy_groups, var.source_user, var.src_client_secret_arn]
}

run "post_migration_steps_without_a_mark_and_a_key_without_a_secret" {
  command = plan

  variables {
    copy_groups               = "*"
    src_client_secret_key_arn = "arn:aws:kms:eu-west-1:444455556666:key/0a1b2c3d"
  }

  expect_failures = [var.migration_mark, var.src_client_secret_key_arn]
}

run "a_source_user_without_a_mark" {
  command = plan

  variables {
    source_user = "disable"
  }

  expect_failures = [var.migration_mark]
}

run "a_mark_where_something_else_is_written" {
  command = plan

  variables {
    copy_groups       = "*"
    migration_mark    = "custom:migration"
    static_attributes = { "custom:migration" = "old" }
  }

  expect_failures = [var.migration_mark]
}

run "blanks_between_groups_and_a_wildcard_for_secrets" {
  command = plan

  variables {
    copy_groups           = "admins, staff"
    migration_mark        = "custom:migration"
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:*-Ab1Cd2"
  }

  expect_failures = [var.copy_groups, var.src_client_secret_arn]
}

run "a_shortened_secret_whose_name_ends_in_six_letters" {
  command = plan

  variables {
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:old-pool-client"
  }

  expect_failures = [var.src_client_secret_arn]
}

run "a_shortened_secret_whose_name_ends_in_six_capitals" {
  command = plan

  variables {
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:OLD-SECRET"
  }

  expect_failures = [var.src_client_secret_arn]
}

run "all_groups_with_a_name_and_the_secret_twice" {
  command = plan

  variables {
    copy_groups           = "admins,*"
    migration_mark        = "custom:migration"
    src_client_secret     = "clientsecret"
    src_client_secret_arn = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"
  }

  expect_failures = [var.copy_groups, var.src_client_secret_arn]
}

run "no_groups_with_a_name_and_a_key_by_its_alias" {
  command = plan

  variables {
    copy_groups               = "none,admins"
    migration_mark            = "custom:migration"
    src_client_secret_arn     = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:source-Ab1Cd2"
    src_client_secret_key_arn = "arn:aws:kms:eu-west-1:444455556666:alias/secrets"
  }

  expect_failures = [var.copy_groups, var.src_client_secret_key_arn]
}
