"""moto as the Terraform and `make verify` need it.

- It lends moto what it lacks: a function's LoggingConfig, saved queries, and what an update must not drop from a pool.
- It plays Cognito: it checks flow and SECRET_HASH, and calls the triggers where the function's permission allows it.
- It plays Lambda: the function runs with zip and environment that Terraform has deployed, and this front as its AWS.
  The log is what the function printed.
- It plays the demonstration's API under /api, and greets callers with an ID token of its authorizer's pool.

Everything else goes to moto as it came. IAM is not enforced; a test can deny an operation to all callers.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable

import boto3
from moto.cognitoidp.utils import check_secret_hash

from tools.base.processes import Processes
from tools.build.cargo import FUNCTION, unpacked
from tools.stage.front import Front, Reply, Request, forward, json_reply
from tools.stage.function import HostedFunction, outcome
from tools.stage.scenarios import sample

Json = dict[str, Any]

# Where everything is made in the tests.
REGION = "eu-west-1"
COGNITO = "AWSCognitoIdentityProviderService"
LOGS = "Logs_20140328"
# What is said of a pool when it is made, and never again.
FOR_EVER = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
SIGN_INS = ("AdminInitiateAuth", "InitiateAuth")
INVOCATIONS = re.compile(r"^/2015-03-31/functions/([^/]+)/invocations")
FUNCTIONS = re.compile(r"^/2015-03-31/functions(?:/([^/?]+))?(?:/configuration)?/?(?:\?.*)?$")


class CognitoError(Exception):
    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Cognito(Front):
    def __init__(self, processes: Processes, moto: str, test_bed: dict[str, Path], package: Path):
        super().__init__()
        self._moto = moto
        self._cognito, self._lambda, self._gateway = (
            boto3.client(service, region_name=REGION, endpoint_url=moto)
            for service in ("cognito-idp", "lambda", "apigateway")
        )
        self._package = package
        self._function = HostedFunction(processes, {**test_bed, FUNCTION: unpacked(package, processes.directory)})
        self._deployed: dict[str, str] = {}
        # A process ends with the thread that started it: this one stays.
        self._deploying = ThreadPoolExecutor(1)
        self._logging_configs: Json = {}
        # The pool's ARN by ID token.
        self._id_tokens: dict[str, str] = {}
        self.saved_queries: dict[str, Json] = {}
        # Passwords, tokens and client secrets that came by.
        self.seen_secrets: set[str] = set()
        # The events with which the function was invoked by name.
        self.invoked: list[Any] = []
        # Set by a test: the operations of Cognito that are denied.
        self.denied: set[str] = set()
        # Set by a test: who signs in to the destination pool with any password, by a part of the name.
        self.lets_in: str | None = None
        # Set by a test: what DescribeUserPool says of a pool besides what moto knows.
        self.also_described: dict[str, Json] = {}
        # Set by a test: done at the beginning of every sign-in through an app.
        self.on_sign_in: Callable[[], None] = lambda: None

    def users(self) -> list[str]:
        """The names of all users in all pools."""
        found = [user for pool in self._pools() for user in self._cognito.list_users(UserPoolId=pool)["Users"]]
        return [user["Username"] for user in found]

    def outcomes(self) -> list[str]:
        """What the function has logged since its settings were changed."""
        return [outcome(line) for line in self._function.log()]

    def answer(self, request: Request) -> Reply:
        if request.path.startswith("/api"):
            return self._greeting(request.headers.get("Authorization", ""))
        invoked = INVOCATIONS.match(request.path)
        if invoked:
            self.invoked.append(json.loads(request.body))
            error, answer = self._invoke(invoked[1], request.body)
            return Reply(200, {"X-Amz-Function-Error": error} if error else {}, answer)
        service, _, operation = request.headers.get("X-Amz-Target", "").rpartition(".")
        if service == LOGS and operation == "FilterLogEvents":
            return json_reply({"events": [{"message": line} for line in self._function.printed().splitlines()]})
        if service == LOGS and "QueryDefinition" in operation:
            return json_reply(self._on_saved_queries(operation, json.loads(request.body)))
        if service == COGNITO:
            try:
                return self._on_cognito(operation, json.loads(request.body), request)
            except CognitoError as error:
                return json_reply({"__type": error.code, "message": str(error)}, 400)
        return self._with_logging_config(request, forward(self._moto, request))

    # What moto forgets.

    def _on_saved_queries(self, operation: str, request: Json) -> Json:
        if operation == "PutQueryDefinition":
            query_id = request.get("queryDefinitionId") or str(uuid.uuid4())
            self.saved_queries[query_id] = {**request, "queryDefinitionId": query_id}
            return {"queryDefinitionId": query_id}
        if operation == "DeleteQueryDefinition":
            return {"success": self.saved_queries.pop(request["queryDefinitionId"], None) is not None}
        return {"queryDefinitions": [*self.saved_queries.values()]}

    def _with_logging_config(self, request: Request, reply: Reply) -> Reply:
        if not FUNCTIONS.match(request.path) or request.method == "DELETE" or not reply.body:
            return reply
        described = json.loads(reply.body)
        configuration = described.get("Configuration", described)
        name = configuration.get("FunctionName")
        if request.body and "LoggingConfig" in json.loads(request.body):
            self._logging_configs[name] = json.loads(request.body)["LoggingConfig"]
        if name in self._logging_configs:
            configuration["LoggingConfig"] = self._logging_configs[name]
        return reply._replace(body=json.dumps(described).encode())

    # Lambda and API Gateway.

    def _invoke(self, function: str, payload: bytes) -> tuple[str | None, bytes]:
        self._deploying.submit(self._deploy, function).result()
        return self._function.invoke(payload)

    def _deploy(self, function: str) -> None:
        """Starts the function anew if what is deployed has changed."""
        configuration = self._lambda.get_function_configuration(FunctionName=function)
        environment = {
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(configuration["MemorySize"]),
            "AWS_LAMBDA_FUNCTION_NAME": configuration["FunctionName"],
            "AWS_LAMBDA_LOG_LEVEL": self._logging_configs[configuration["FunctionName"]]["ApplicationLogLevel"],
            "AWS_REGION": REGION,
            **configuration["Environment"]["Variables"],
        }
        if environment != self._deployed:
            digest = base64.b64encode(hashlib.sha256(self._package.read_bytes()).digest()).decode()
            assert configuration["CodeSha256"] == digest, "another zip was deployed"
            self._function.deploy(environment, self.url)
            self._deployed = environment

    def _greeting(self, id_token: str) -> Reply:
        pools = [
            pool
            for api in self._gateway.get_rest_apis()["items"]
            for authorizer in self._gateway.get_authorizers(restApiId=api["id"])["items"]
            for pool in authorizer["providerARNs"]
        ]
        if self._id_tokens.get(id_token) in pools:
            return json_reply({"message": "Hello, World!"})
        return json_reply({"message": "Unauthorized"}, 401)

    # Cognito.

    def _on_cognito(self, operation: str, request: Json, came: Request) -> Reply:
        if operation in self.denied:
            raise CognitoError("AccessDeniedException", f"not authorized to perform: cognito-idp:{operation}")
        if operation == "AdminSetUserPassword":
            self.seen_secrets.add(request["Password"])
        if operation == "UpdateUserPool":
            pool = self._pool(request["UserPoolId"])
            kept = {name: pool[name] for name in FOR_EVER if name in pool}
            came = came._replace(body=json.dumps({**kept, **request}).encode())
        if operation == "DescribeUserPool" and request["UserPoolId"] in self.also_described:
            described = json.loads(forward(self._moto, came).body)
            described["UserPool"].update(self.also_described[request["UserPoolId"]])
            return json_reply(described)
        if operation not in (*SIGN_INS, "ForgotPassword"):
            if "Username" in request:
                came = _with_name_of(self._pool(request["UserPoolId"]), request, came)
            return forward(self._moto, came)
        if operation == "InitiateAuth":
            self.on_sign_in()
        client = self._client(request["ClientId"])
        pool = self._pool(client["UserPoolId"])
        parameters = request.get("AuthParameters", request)
        if "PASSWORD" in parameters:
            self.seen_secrets.add(parameters["PASSWORD"])
        # The hash is made over the name as typed.
        self._check_client(client, request.get("AuthFlow"), _name(parameters), parameters)
        if request.get("AuthFlow") == "USER_AUTH":
            # moto has no choice-based sign-in. Here the choice of the password is one by the password.
            request["AuthFlow"] = "USER_PASSWORD_AUTH"
            came = came._replace(body=json.dumps(request).encode())
        came = _with_name_of(pool, request, came)
        name = _name(parameters)
        if operation == "InitiateAuth" and self.lets_in and self.lets_in in name.lower():
            return json_reply({"AuthenticationResult": {"IdToken": "of-no-user", "AccessToken": "of-no-user"}})
        if not self._user(pool, name):
            self._migrate(pool, client, name, parameters.get("PASSWORD"))
        reply = forward(self._moto, came)
        tokens = json.loads(reply.body).get("AuthenticationResult")
        if tokens:
            self._id_tokens[tokens["IdToken"]] = pool["Arn"]
            self.seen_secrets |= {tokens["IdToken"], tokens["AccessToken"], tokens["RefreshToken"]}
            self._after_sign_in(pool, client, name)
        return reply

    def _check_client(self, client: Json, flow: str | None, name: str, parameters: Json) -> None:
        if flow and "ALLOW_" + flow not in client["ExplicitAuthFlows"]:
            raise CognitoError("InvalidParameterException", f"{flow} flow not enabled for this client")
        if "ClientSecret" in client:
            given = parameters.get("SECRET_HASH", parameters.get("SecretHash"))
            self.seen_secrets |= {client["ClientSecret"], given or client["ClientSecret"]}
            if not check_secret_hash(client["ClientSecret"], client["ClientId"], name, given):
                message = "Unable to verify secret hash for client " + client["ClientId"]
                raise CognitoError("NotAuthorizedException", message)

    def _migrate(self, pool: Json, client: Json, name: str, password: str | None) -> None:
        kind = "sign-in" if password else "forgot-password-verified-user"
        answer = self._trigger(pool, client, "UserMigration", kind, name, {"password": password} if password else {})
        if answer is None:
            return
        response = answer["response"]
        attributes = response["userAttributes"]
        if attributes:
            # As what Cognito calls it here is not documented.
            asked, source = {"userAttributes": attributes}, "PreSignUp_AdminCreateUser"
            self._trigger(pool, client, "PreSignUp", "sign-up-free-address", name, asked, triggerSource=source)
        if attributes is None and password:
            raise CognitoError("NotAuthorizedException", "Incorrect username or password.")
        if attributes is None:
            raise CognitoError("UserNotFoundException", "Username/client id combination not found.")
        user = {"UserPoolId": pool["Id"], "Username": attributes.pop("username", name)}
        attributes = [{"Name": key, "Value": value} for key, value in attributes.items()]
        self._cognito.admin_create_user(**user, UserAttributes=attributes, MessageAction=response["messageAction"])
        # moto resets only a password that was chosen.
        password = password or secrets.token_urlsafe(24) + "aA1!"
        self._cognito.admin_set_user_password(**user, Password=password, Permanent=True)
        if response["finalUserStatus"] != "CONFIRMED":
            self._cognito.admin_reset_user_password(**user)

    def _after_sign_in(self, pool: Json, client: Json, name: str) -> None:
        user = self._user(pool, name)
        asked = {"userAttributes": {each["Name"]: each["Value"] for each in user["UserAttributes"]}}
        self._trigger(pool, client, "PostAuthentication", "signed-in-pending", user["Username"], asked)

    def _trigger(
        self, pool: Json, client: Json, name: str, like: str, username: str, asked: Json, **changed: str
    ) -> Json | None:
        """The event that the pool's trigger gives back; None if it has no such trigger. `like`: a sample event."""
        function = pool.get("LambdaConfig", {}).get(name)
        if not function:
            return None
        event = sample(like)
        caller = {**event["callerContext"], "clientId": client["ClientId"]}
        event.update(region=REGION, userPoolId=pool["Id"], userName=username, callerContext=caller, **changed)
        event["request"].update(asked)
        # Who may call it, and for whom, is held by the tests of the module.
        is_allowed = pool["Arn"] in self._lambda.get_policy(FunctionName=function)["Policy"]
        error, payload = self._invoke(function, json.dumps(event).encode()) if is_allowed else ("Unhandled", b"{}")
        answer = json.loads(payload)
        if not error:
            return answer
        if answer.get("errorType", "Runtime.").startswith("Runtime."):
            message = f"{name} invocation failed due to error {payload.decode()}."
            raise CognitoError("UnexpectedLambdaException", message)
        raise CognitoError("UserLambdaValidationException", f"{name} failed with error {answer['errorMessage']}.")

    def _pools(self) -> list[str]:
        return [pool["Id"] for pool in self._cognito.list_user_pools(MaxResults=60)["UserPools"]]

    def _pool(self, pool_id: str) -> Json:
        return self._cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]

    def _client(self, client_id: str) -> Json:
        for pool in self._pools():
            clients = self._cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=60)["UserPoolClients"]
            if any(client["ClientId"] == client_id for client in clients):
                return self._cognito.describe_user_pool_client(UserPoolId=pool, ClientId=client_id)["UserPoolClient"]
        raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def _user(self, pool: Json, name: str) -> Json | None:
        try:
            return self._cognito.admin_get_user(UserPoolId=pool["Id"], Username=name)
        except self._cognito.exceptions.UserNotFoundException:
            return None


def _name(parameters: Json) -> str:
    return parameters["USERNAME" if "USERNAME" in parameters else "Username"]


def _with_name_of(pool: Json, request: Json, came: Request) -> Request:
    """The request with its user's name in lower case where the pool has no regard to case, which moto does not know."""
    if pool.get("UsernameConfiguration", {}).get("CaseSensitive", True):
        return came
    for named in (request, request.get("AuthParameters", {})):
        named.update({key: value.lower() for key, value in named.items() if key in ("USERNAME", "Username")})
    for attribute in request.get("UserAttributes", []):
        if attribute["Name"] == "email":
            attribute["Value"] = attribute["Value"].lower()
    return came._replace(body=json.dumps(request).encode())
