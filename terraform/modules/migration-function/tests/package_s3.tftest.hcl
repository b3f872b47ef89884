# A zip in S3. It passes on a machine that has no zip: tools/test/terraform.py runs it there too.

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

override_data {
  target = data.aws_caller_identity.current
  values = { account_id = "444455556666" }
}

variables {
  src_client_id    = "sourceclient"
  src_user_pool_id = "eu-west-1_Source123"
  user_pool_arns   = { new = "arn:aws:cognito-idp:eu-west-1:777788889999:userpool/eu-west-1_New123" }
}

run "a_zip_in_s3" {
  command = plan

  variables {
    architecture = "arm64"
    package_s3   = { bucket = "artifacts", key = "v1.2.3/cognito-user-migration-arm64.zip", version = "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY" }
  }

  assert {
    condition = (
      aws_lambda_function.migration.s3_bucket == "artifacts" &&
      aws_lambda_function.migration.s3_key == "v1.2.3/cognito-user-migration-arm64.zip" &&
      aws_lambda_function.migration.s3_object_version == "3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY" &&
      aws_lambda_function.migration.filename == null
    )
    error_message = "The zip must come from S3, and no file of this machine may be looked at."
  }
}
