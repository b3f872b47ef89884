# Hardened: a key of your own for environment, log and alarms, a permissions boundary, a VPC, traces, a limit to invocations, the
# client's secret in Secrets Manager, a log that is kept for a year, and no migration by a password reset, which any visitor can start.
# `make test` runs checkov over it. Put your own ids in place of these. A new account can have a concurrency of 10 and take no
# reservation: `aws lambda get-account-settings` shows it.

terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7"
    }
  }
}

locals {
  function_name = "cognito-user-migration"
  tags          = { project = "migration" }
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_service" "logs" {
  service_id = "logs"
}

module "migration_function" {
  source = "../../modules/migration-function"

  kms_key_arn          = aws_kms_key.migration.arn
  log_retention_days   = 365
  name                 = local.function_name
  on_forgot_password   = "ignore"
  permissions_boundary = "arn:aws:iam::444455556666:policy/boundary"
  # At most so many invocations at once, for unknown names and for users who have moved alike: see docs/security.md, Concurrency.
  reserved_concurrency      = 50
  src_client_id             = "1h57kf5cpq17m0eml12EXAMPLE"
  src_client_secret_arn     = "arn:aws:secretsmanager:eu-west-1:444455556666:secret:old-pool-Ab1Cd2"
  src_client_secret_key_arn = aws_kms_key.migration.arn
  src_user_pool_id          = "eu-west-1_Ab1Cd2Ef3"
  tags                      = local.tags
  tracing                   = true
  user_pool_arns            = { new = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Gh4Ij5Kl6" }

  # See ../vpc for what they need.
  vpc_config = { security_group_ids = ["sg-0a1b2c3d4e5f60001"], subnet_ids = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"] }
}

module "monitoring" {
  source = "../../modules/monitoring"

  alarm_topic   = true
  function_name = module.migration_function.function_name
  kms_key_arn   = aws_kms_key.migration.arn
  log_group     = module.migration_function.log_group
  tags          = local.tags
}

resource "aws_kms_key" "migration" {
  description         = "Environment, log and alarms of ${local.function_name}"
  enable_key_rotation = true
  tags                = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LeavePermissionsToThisAccount"
        Effect    = "Allow"
        Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}:root" }
        Action    = ["kms:*"]
        Resource  = ["*"]
      },
      {
        Sid       = "EncryptTheLog"
        Effect    = "Allow"
        Principal = { Service = "logs.${data.aws_service.logs.region}.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
        Resource  = ["*"]
        Condition = { ArnEquals = { "kms:EncryptionContext:aws:logs:arn" = join(":", [
          "arn:${data.aws_partition.current.partition}:logs:${data.aws_service.logs.region}",
          data.aws_caller_identity.current.account_id,
          "log-group:/aws/lambda/${local.function_name}",
        ]) } }
      },
      {
        Sid       = "SendAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey*"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
      },
    ]
  })
}
