# What the function's role may do, and what the role in the source account must allow. The policies are written as JSON, not as
# policy documents: once the log group exists, every plan shows them.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# For the Region. No attribute of aws_region is right in both versions of the provider: 5 knows no region, and 6 deprecates id and name.
data "aws_service" "lambda" {
  service_id = "lambda"
}

locals {
  copies_groups  = var.copy_groups != "none"
  signed_sign_in = var.src_auth_flow != "USER_PASSWORD_AUTH"

  # In the flow USER_PASSWORD_AUTH the access token of a sign-in reads the profile, and an ID token holds it. AdminGetUser is for
  # users without one: those with an unanswered challenge, those who reset their password, those who sign up and those who have
  # moved.
  profile_without_token = anytrue([
    local.copies_groups,
    var.on_forgot_password != "ignore",
    var.on_mfa != "refuse",
    var.on_temporary_password != "refuse",
    var.sign_up_guard,
    var.source_user != "keep",
  ])

  source_actions = concat(
    local.signed_sign_in ? ["cognito-idp:AdminInitiateAuth"] : [],
    (local.signed_sign_in && var.src_profile == "after") || local.profile_without_token ? ["cognito-idp:AdminGetUser"] : [],
    # After the migration, users are found by their sub.
    anytrue([var.src_lookup != "none", local.copies_groups, var.source_user != "keep"]) ? ["cognito-idp:ListUsers"] : [],
    local.copies_groups ? ["cognito-idp:AdminListGroupsForUser"] : [],
    # Where MFA is on, a user can have a second factor that the profile does not list.
    var.on_forgot_password != "ignore" && var.on_mfa != "drop" ? ["cognito-idp:GetUserPoolMfaConfig"] : [],
    var.source_user == "disable" ? ["cognito-idp:AdminDisableUser"] : [],
    var.preflight ? ["cognito-idp:DescribeUserPool", "cognito-idp:DescribeUserPoolClient"] : [],
  )

  source_user_pool_arn = join(":", [
    "arn",
    data.aws_partition.current.partition,
    "cognito-idp",
    coalesce(var.src_region, split("_", var.src_user_pool_id)[0]),
    var.src_role_arn == null ? data.aws_caller_identity.current.account_id : split(":", var.src_role_arn)[4],
    "userpool/${var.src_user_pool_id}",
  ])

  # Written out, because the role must have its policies before the function exists.
  function_arn = join(":", ["arn", data.aws_partition.current.partition, "lambda", local.here, "function", var.name])
  here         = "${data.aws_service.lambda.region}:${data.aws_caller_identity.current.account_id}"

  # Lambda manages the function's network interfaces with the function's role:
  # https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
  ec2 = "arn:${data.aws_partition.current.partition}:ec2:${data.aws_service.lambda.region}"
  network_statements = [for statement in [
    {
      Sid    = "CreateNetworkInterfaces"
      Effect = "Allow"
      Action = ["ec2:CreateNetworkInterface"]
      # Subnets can be shared by another account.
      Resource = concat(
        ["${local.ec2}:${data.aws_caller_identity.current.account_id}:network-interface/*"],
        [for id in try(sort(var.vpc_config.security_group_ids), []) : "${local.ec2}:*:security-group/${id}"],
        [for id in try(sort(var.vpc_config.subnet_ids), []) : "${local.ec2}:*:subnet/${id}"],
      )
    },
    {
      Sid    = "ManageNetworkInterfaces"
      Effect = "Allow"
      Action = ["ec2:AssignPrivateIpAddresses", "ec2:DeleteNetworkInterface", "ec2:UnassignPrivateIpAddresses"]
      # Lambda takes no narrower resource for DeleteNetworkInterface.
      Resource = ["${local.ec2}:${data.aws_caller_identity.current.account_id}:*/*"]
    },
    {
      Sid    = "LookAtNetworkInterfaces"
      Effect = "Allow"
      Action = ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"]
      # These two know no resources.
      Resource = ["*"]
    },
    {
      # Lambda only, never what runs in the function.
      Sid       = "LeaveNetworkInterfacesToLambda"
      Effect    = "Deny"
      Action    = ["ec2:*"]
      Resource  = ["*"]
      Condition = { ArnEquals = { "lambda:SourceFunctionArn" = local.function_arn } }
    },
  ] : statement if var.vpc_config != null]
}

resource "aws_iam_role" "function" {
  name                 = var.name
  description          = "Role of the Lambda function ${var.name}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy" "function" {
  name = "migration"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid    = "WriteLogs"
        Effect = "Allow"
        Action = ["logs:CreateLogStream", "logs:PutLogEvents"]
        # The wildcard stands for the log streams of this group: Lambda chooses their names.
        Resource = ["${aws_cloudwatch_log_group.function.arn}:*"]
      }],
      var.src_role_arn == null && length(local.source_actions) > 0 ? [{
        Sid      = "AskSourcePool"
        Effect   = "Allow"
        Action   = local.source_actions
        Resource = [local.source_user_pool_arn]
      }] : [],
      # What that role may do is decided in the source account: see modules/source-access-role.
      var.src_role_arn == null ? [] : [{
        Sid      = "AssumeSourceRole"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole"]
        Resource = [var.src_role_arn]
      }],
      # Never through that role: the secret is read with the function's own permissions.
      var.src_client_secret_arn == null ? [] : [{
        Sid      = "ReadClientSecret"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [var.src_client_secret_arn]
      }],
      # Secrets Manager decrypts in the name of its caller, and names the secret.
      var.src_client_secret_key_arn == null ? [] : [{
        Sid       = "DecryptClientSecret"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.src_client_secret_key_arn]
        Condition = { StringEquals = { "kms:EncryptionContext:SecretARN" = var.src_client_secret_arn } }
      }],
      # Lambda decrypts in the name of the role, and names the function.
      var.kms_key_arn == null ? [] : [{
        Sid      = "DecryptEnvironment"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.kms_key_arn]
        # Also a version, should Lambda name it.
        Condition = { StringLike = { "kms:EncryptionContext:aws:lambda:FunctionArn" = [local.function_arn, "${local.function_arn}:*"] } }
      }],
      # These two know no resources.
      var.tracing ? [{
        Sid      = "WriteTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = ["*"]
      }] : [],
      local.network_statements,
    )
  })
}

# The post-migration steps in the destination pools. A policy of its own: the function does not wait for it, so that a pool can
# name the function as its trigger in the same apply.
resource "aws_iam_role_policy" "finish" {
  count = var.migration_mark != null ? 1 : 0

  name = "finish"
  role = aws_iam_role.function.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "FinishMigrations"
      Effect = "Allow"
      Action = concat(
        ["cognito-idp:AdminGetUser", "cognito-idp:AdminUpdateUserAttributes"],
        local.copies_groups ? ["cognito-idp:AdminAddUserToGroup", "cognito-idp:AdminListGroupsForUser"] : [],
      )
      Resource = values(var.user_pool_arns)
    }]
  })
}
