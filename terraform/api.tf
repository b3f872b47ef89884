# GET / answers a greeting to callers with an ID token of the destination pool.

resource "aws_api_gateway_rest_api" "demonstration" {
  name = var.name

  endpoint_configuration {
    types = ["REGIONAL"]
  }
}

resource "aws_api_gateway_authorizer" "new_pool" {
  name          = "new-pool"
  rest_api_id   = aws_api_gateway_rest_api.demonstration.id
  type          = "COGNITO_USER_POOLS"
  provider_arns = [aws_cognito_user_pool.new.arn]
}

resource "aws_api_gateway_method" "hello" {
  rest_api_id   = aws_api_gateway_rest_api.demonstration.id
  resource_id   = aws_api_gateway_rest_api.demonstration.root_resource_id
  http_method   = "GET"
  authorization = "COGNITO_USER_POOLS"
  authorizer_id = aws_api_gateway_authorizer.new_pool.id
}

resource "aws_api_gateway_integration" "hello" {
  rest_api_id       = aws_api_gateway_rest_api.demonstration.id
  resource_id       = aws_api_gateway_method.hello.resource_id
  http_method       = aws_api_gateway_method.hello.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_method_response" "hello" {
  rest_api_id     = aws_api_gateway_rest_api.demonstration.id
  resource_id     = aws_api_gateway_method.hello.resource_id
  http_method     = aws_api_gateway_method.hello.http_method
  status_code     = "200"
  response_models = { "application/json" = "Empty" }
}

resource "aws_api_gateway_integration_response" "hello" {
  rest_api_id        = aws_api_gateway_rest_api.demonstration.id
  resource_id        = aws_api_gateway_method.hello.resource_id
  http_method        = aws_api_gateway_method.hello.http_method
  status_code        = aws_api_gateway_method_response.hello.status_code
  response_templates = { "application/json" = jsonencode({ message = "Hello, World!" }) }

  # API Gateway accepts this only once the integration exists.
  depends_on = [aws_api_gateway_integration.hello]
}

resource "aws_api_gateway_deployment" "demonstration" {
  rest_api_id = aws_api_gateway_rest_api.demonstration.id

  # A deployment is a copy of the API: a new one is needed when any of these changes.
  triggers = {
    configuration = sha256(jsonencode([
      aws_api_gateway_authorizer.new_pool.provider_arns,
      aws_api_gateway_authorizer.new_pool.type,
      aws_api_gateway_integration.hello.request_templates,
      aws_api_gateway_integration.hello.type,
      aws_api_gateway_integration_response.hello.response_templates,
      aws_api_gateway_integration_response.hello.status_code,
      aws_api_gateway_method.hello.authorization,
      aws_api_gateway_method.hello.authorizer_id,
      aws_api_gateway_method.hello.http_method,
      aws_api_gateway_method_response.hello.response_models,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_api_gateway_stage" "demonstration" {
  rest_api_id   = aws_api_gateway_rest_api.demonstration.id
  deployment_id = aws_api_gateway_deployment.demonstration.id
  stage_name    = "demonstration"
}
