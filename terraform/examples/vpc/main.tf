# In a VPC without a way to the internet: the function asks the source pool through an interface endpoint. That endpoint serves no
# user pool that has a domain: for a source pool with one, give the subnets a NAT gateway. Put your own ids in place of these.

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
  subnet_ids = ["subnet-0a1b2c3d4e5f60001", "subnet-0a1b2c3d4e5f60002"]
  vpc_id     = "vpc-0a1b2c3d4e5f60001"
}

data "aws_service" "cognito" {
  service_id = "cognito-idp"
}

module "migration_function" {
  source = "../../modules/migration-function"

  src_client_id    = "1h57kf5cpq17m0eml12EXAMPLE"
  src_user_pool_id = "eu-west-1_Ab1Cd2Ef3"
  user_pool_arns   = { new = "arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Gh4Ij5Kl6" }
  vpc_config       = { security_group_ids = [aws_security_group.function.id], subnet_ids = local.subnet_ids }
}

# With src_client_secret_arn also one for secretsmanager, with src_role_arn one for sts.
resource "aws_vpc_endpoint" "cognito" {
  vpc_id              = local.vpc_id
  service_name        = "com.amazonaws.${data.aws_service.cognito.region}.cognito-idp"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  security_group_ids  = [aws_security_group.endpoint.id]
  subnet_ids          = local.subnet_ids
}

resource "aws_security_group" "function" {
  name        = "cognito-user-migration"
  description = "The migration function"
  vpc_id      = local.vpc_id
}

resource "aws_security_group" "endpoint" {
  name        = "cognito-user-migration-endpoint"
  description = "The endpoint of Cognito"
  vpc_id      = local.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "function" {
  description                  = "To the endpoint"
  security_group_id            = aws_security_group.function.id
  referenced_security_group_id = aws_security_group.endpoint.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_ingress_rule" "endpoint" {
  description                  = "From the function"
  security_group_id            = aws_security_group.endpoint.id
  referenced_security_group_id = aws_security_group.function.id
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
