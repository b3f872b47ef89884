# The role in the source account: whom it trusts, and what it may do.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  actions           = ["cognito-idp:AdminInitiateAuth", "cognito-idp:AdminGetUser"]
  external_id       = "external-id"
  function_role_arn = "arn:aws:iam::444455556666:role/cognito-user-migration"
  src_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
}

run "one_role_for_one_function_and_one_pool" {
  command = plan

  assert {
    condition = jsondecode(aws_iam_role.source_access.assume_role_policy).Statement == [{
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = "external-id" } }
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::444455556666:role/cognito-user-migration" }
    }]
    error_message = "The role must trust the function's role only, and only with the external id."
  }

  assert {
    condition = jsondecode(aws_iam_role_policy.source_access.policy).Statement == [{
      Action   = ["cognito-idp:AdminGetUser", "cognito-idp:AdminInitiateAuth"]
      Effect   = "Allow"
      Resource = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_Source123"
      Sid      = "AskSourcePool"
    }]
    error_message = "The role may do what it is given, on the source pool, and nothing else."
  }
}

run "a_boundary_and_tags" {
  command = plan

  variables {
    permissions_boundary = "arn:aws:iam::111122223333:policy/boundary"
    tags                 = { project = "migration" }
  }

  assert {
    condition = (
      aws_iam_role.source_access.permissions_boundary == "arn:aws:iam::111122223333:policy/boundary" &&
      aws_iam_role.source_access.tags == tomap({ project = "migration" })
    )
    error_message = "The role must have them."
  }
}

run "an_unneeded_role_is_refused" {
  command = plan

  variables {
    actions = []
  }

  expect_failures = [var.actions]
}

run "actions_that_cannot_be_taken_back_are_refused" {
  command = plan

  variables {
    actions              = ["cognito-idp:AdminGetUser", "cognito-idp:AdminDeleteUser"]
    external_id          = "x"
    function_role_arn    = "arn:aws:iam::444455556666:root"
    name                 = "source/access"
    permissions_boundary = "boundary"
    src_user_pool_arn    = "eu-west-1_Source123"
  }

  expect_failures = [
    var.actions, var.external_id, var.function_role_arn, var.name, var.permissions_boundary, var.src_user_pool_arn,
  ]
}

run "wildcards_and_a_trust_in_every_account_are_refused" {
  command = plan

  variables {
    actions           = ["cognito-idp:*", "iam:PassRole"]
    external_id       = "external id"
    function_role_arn = "arn:aws:iam::444455556666:role/*"
    src_user_pool_arn = "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/*"
  }

  expect_failures = [var.actions, var.external_id, var.function_role_arn, var.src_user_pool_arn]
}
