# Applied with the credentials of the account that owns the source pool.

resource "aws_iam_role" "source_access" {
  name                 = var.name
  description          = "Lets the migration function of another account ask the user pool ${split("/", var.src_user_pool_arn)[1]}"
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = var.function_role_arn }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "source_access" {
  name = "source-pool"
  role = aws_iam_role.source_access.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "AskSourcePool"
      Effect   = "Allow"
      Action   = var.actions
      Resource = var.src_user_pool_arn
    }]
  })
}
