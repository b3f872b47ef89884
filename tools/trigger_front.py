"""A front for moto that plays those parts of AWS which moto lacks and which the Terraform and `verify` need.

- It remembers a function's LoggingConfig, which moto forgets, and what an update cannot change about a pool, which moto drops.
- It calls the migration trigger as Cognito would: for a sign-in or password reset of a user whom the pool does not know, it
  follows what Terraform made, from the pool's trigger to the function's permission and environment and on to the source pool. The
  function itself does not run: its answer is played here, and what it does after a sign-in, too.
- It checks SECRET_HASH, which moto does not.
- It keeps saved queries, which moto does not know, and answers an invocation of the function with a preflight's report.
- Under /api it plays the demonstration's API: it greets whoever brings an id token that it has seen issued.

Everything else goes to moto as it came.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import re
import secrets
import threading
import traceback
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
from botocore.exceptions import ClientError

# Where everything is made in the tests.
REGION = "eu-west-1"
TEMPORARILY_UNAVAILABLE = "Sign-in is temporarily unavailable. Please try again."
COGNITO = "AWSCognitoIdentityProviderService."
LOGS = "Logs_20140328."
# What is said of a pool when it is made, and never again.
FOR_EVER = ("AliasAttributes", "UsernameAttributes", "UsernameConfiguration")
CONNECTION_HEADERS = {"connection", "content-length", "transfer-encoding", "date", "server"}


class CognitoError(Exception):
    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class TriggerFront:
    """Serves until the `with` block is left."""

    def __init__(self, moto_port: int):
        self._moto_port = moto_port
        moto = f"http://127.0.0.1:{moto_port}"
        self._cognito = boto3.client("cognito-idp", region_name=REGION, endpoint_url=moto)
        self._lambda = boto3.client("lambda", region_name=REGION, endpoint_url=moto)
        self._logging_configs: dict[str, Any] = {}
        self._id_tokens: set[str] = set()
        # What went wrong in here: a test fails if there is any.
        self.faults: list[str] = []
        # Passwords, tokens and client secrets that came by.
        self.seen_secrets: set[str] = set()
        # Set by a test: the function then refuses everybody.
        self.refuses = False
        # What the function reports of both pools, and the events with which it was asked to.
        self.report: dict[str, Any] = {}
        self.preflights: list[dict[str, Any]] = []
        # The users of the source pool who were disabled after their first sign-in to the new one.
        self.retired: list[str] = []
        self.saved_queries: dict[str, dict[str, Any]] = {}
        front = self

        class Handler(BaseHTTPRequestHandler):
            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, headers, answer = front.answer(self.command, self.path, dict(self.headers), body)
                except Exception:
                    front.faults.append(traceback.format_exc())
                    status, headers, answer = 500, {}, b""
                self.send_response(status)
                for name, value in headers.items():
                    if name.lower() not in CONNECTION_HEADERS:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            do_DELETE = do_GET = do_HEAD = do_PATCH = do_POST = do_PUT = handle_one

            def log_message(self, *_arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> TriggerFront:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/api"):
            known = headers.get("Authorization") in self._id_tokens
            return (200, {}, b'{"message": "Hello, World!"}') if known else (401, {}, b'{"message": "Unauthorized"}')
        if method == "POST" and re.match(r"^/2015-03-31/functions/[^/]+/invocations", path):
            self.preflights.append(json.loads(body))
            return 200, {"Content-Type": "application/json"}, json.dumps(self.report).encode()
        operation = headers.get("X-Amz-Target", "")
        if operation.startswith(LOGS) and operation.endswith(("QueryDefinition", "QueryDefinitions")):
            answered = json.dumps(self._on_saved_queries(operation[len(LOGS):], json.loads(body))).encode()
            return 200, {"Content-Type": "application/x-amz-json-1.1"}, answered
        if operation in (COGNITO + "InitiateAuth", COGNITO + "ForgotPassword"):
            try:
                self._before_cognito(operation[len(COGNITO):], json.loads(body))
            except CognitoError as error:
                answer = json.dumps({"__type": error.code, "message": str(error)}).encode()
                return 400, {"Content-Type": "application/x-amz-json-1.1"}, answer
        if operation == COGNITO + "AdminSetUserPassword":
            self.seen_secrets.add(json.loads(body)["Password"])
        if operation == COGNITO + "UpdateUserPool":
            request = json.loads(body)
            pool = self._cognito.describe_user_pool(UserPoolId=request["UserPoolId"])["UserPool"]
            body = json.dumps({**{name: pool[name] for name in FOR_EVER if name in pool}, **request}).encode()
        status, answer_headers, answer = self._forward(method, path, headers, body)
        if operation == COGNITO + "InitiateAuth" and status == 200:
            tokens = json.loads(answer)["AuthenticationResult"]
            self._id_tokens.add(tokens["IdToken"])
            self.seen_secrets |= {tokens["IdToken"], tokens["AccessToken"], tokens["RefreshToken"]}
            self._after_sign_in(json.loads(body))
        return status, answer_headers, self._with_logging_config(method, path, body, answer)

    def _forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        moto = http.client.HTTPConnection("127.0.0.1", self._moto_port, timeout=60)
        try:
            own_length = {name: value for name, value in headers.items() if name.lower() != "content-length"}
            moto.request(method, path, body, own_length)
            response = moto.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            moto.close()

    def _on_saved_queries(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        if operation == "PutQueryDefinition":
            query_id = request.get("queryDefinitionId") or str(uuid.uuid4())
            kept = {name: value for name, value in request.items() if name in ("name", "queryString", "logGroupNames")}
            self.saved_queries[query_id] = {"queryDefinitionId": query_id, **kept}
            return {"queryDefinitionId": query_id}
        if operation == "DeleteQueryDefinition":
            return {"success": self.saved_queries.pop(request["queryDefinitionId"], None) is not None}
        prefix = request.get("queryDefinitionNamePrefix", "")
        return {"queryDefinitions": [query for query in self.saved_queries.values() if query["name"].startswith(prefix)]}

    def _with_logging_config(self, method: str, path: str, body: bytes, answer: bytes) -> bytes:
        function = re.match(r"^/2015-03-31/functions(?:/([^/?]+))?(?:/configuration)?/?(?:\?.*)?$", path)
        if not function or method == "DELETE" or not answer:
            return answer
        described = json.loads(answer)
        configuration = described.get("Configuration", described)
        name = configuration.get("FunctionName")
        if body and "LoggingConfig" in json.loads(body):
            self._logging_configs[name] = json.loads(body)["LoggingConfig"]
        if name in self._logging_configs:
            configuration["LoggingConfig"] = self._logging_configs[name]
        return json.dumps(described).encode()

    # What Cognito does before it answers.

    def _before_cognito(self, operation: str, request: dict[str, Any]) -> None:
        client = self._client(request["ClientId"])
        parameters = request.get("AuthParameters", {})
        username = parameters.get("USERNAME", request.get("Username"))
        self._check_secret_hash(client, username, parameters.get("SECRET_HASH", request.get("SecretHash")))
        pool = self._cognito.describe_user_pool(UserPoolId=client["UserPoolId"])["UserPool"]
        trigger = pool.get("LambdaConfig", {}).get("UserMigration")
        if not trigger or self._user(pool["Id"], username):
            return
        settings = self._settings(trigger, pool["Arn"])
        user = None if self.refuses else self._source_user(settings, username, parameters.get("PASSWORD"))
        if user is None and operation == "InitiateAuth":
            raise CognitoError("NotAuthorizedException", "Incorrect username or password.")
        if user is None:
            raise CognitoError("UserNotFoundException", "Username/client id combination not found.")
        new_user = {"UserPoolId": pool["Id"], "Username": username}
        attributes = _mapped(user["UserAttributes"], json.loads(settings["ATTRIBUTE_MAP"]))
        if "MIGRATION_MARK" in settings:
            attributes.append({"Name": settings["MIGRATION_MARK"], "Value": "pending/" + _attributes(user)["sub"]})
        self._cognito.admin_create_user(**new_user, UserAttributes=attributes, MessageAction="SUPPRESS")
        if operation == "InitiateAuth":
            self._cognito.admin_set_user_password(**new_user, Password=parameters["PASSWORD"], Permanent=True)
        else:
            # moto resets only a password that was chosen.
            self._cognito.admin_set_user_password(**new_user, Password=secrets.token_urlsafe(24) + "aA1!", Permanent=True)
            self._cognito.admin_reset_user_password(**new_user)

    def _after_sign_in(self, request: dict[str, Any]) -> None:
        pool = self._cognito.describe_user_pool(UserPoolId=self._client(request["ClientId"])["UserPoolId"])["UserPool"]
        trigger = pool.get("LambdaConfig", {}).get("PostAuthentication")
        if not trigger:
            return
        settings = self._settings(trigger, pool["Arn"])
        user = {"UserPoolId": pool["Id"], "Username": request["AuthParameters"]["USERNAME"]}
        mark = _attributes(self._cognito.admin_get_user(**user)).get(settings["MIGRATION_MARK"], "")
        if not mark.startswith("pending/"):
            return
        source_user = self._user(settings["SRC_USER_POOL_ID"], user["Username"])
        if source_user and settings["SOURCE_USER"] == "disable":
            self._cognito.admin_disable_user(UserPoolId=settings["SRC_USER_POOL_ID"], Username=user["Username"])
            self.retired.append(user["Username"])
        done = {"Name": settings["MIGRATION_MARK"], "Value": mark.replace("pending/", "done/")}
        self._cognito.admin_update_user_attributes(**user, UserAttributes=[done])

    def _check_secret_hash(self, client: dict[str, Any], username: str, given: str | None) -> None:
        secret = client.get("ClientSecret")
        if not secret:
            return
        message = (username + client["ClientId"]).encode()
        expected = base64.b64encode(hmac.digest(secret.encode(), message, hashlib.sha256)).decode()
        self.seen_secrets |= {secret, expected}
        if given != expected:
            raise CognitoError("NotAuthorizedException", "SecretHash does not match for the client: " + client["ClientId"])

    def _settings(self, trigger: str, pool_arn: str) -> dict[str, str]:
        """The function's environment, if Cognito may call it for the pool."""
        allowed = any(
            statement["Action"] == "lambda:InvokeFunction"
            and statement["Principal"] == {"Service": "cognito-idp.amazonaws.com"}
            and statement["Condition"]["ArnLike"]["AWS:SourceArn"] == pool_arn
            and statement["Condition"]["StringEquals"]["AWS:SourceAccount"] == pool_arn.split(":")[4]
            for statement in json.loads(self._lambda.get_policy(FunctionName=trigger)["Policy"])["Statement"]
        )
        if not allowed:
            raise CognitoError("UnexpectedLambdaException", "UserMigration invocation failed: AccessDeniedException.")
        return self._lambda.get_function_configuration(FunctionName=trigger)["Environment"]["Variables"]

    def _source_user(self, settings: dict[str, str], username: str, password: str | None) -> dict[str, Any] | None:
        pool_id, flow = settings["SRC_USER_POOL_ID"], settings["SRC_AUTH_FLOW"]
        client = self._client(settings["SRC_CLIENT_ID"])
        fits = client["UserPoolId"] == pool_id and "ALLOW_" + flow in client["ExplicitAuthFlows"]
        if not fits or client.get("ClientSecret") != settings.get("SRC_CLIENT_SECRET"):
            raise CognitoError("UserLambdaValidationException", f"UserMigration failed with error {TEMPORARILY_UNAVAILABLE}.")
        if password is not None:
            try:
                self._cognito.admin_initiate_auth(
                    UserPoolId=pool_id, ClientId=client["ClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                    AuthParameters={"USERNAME": username, "PASSWORD": password})
            except ClientError:
                return None
        return self._user(pool_id, username)

    # What moto knows.

    def users(self) -> list[str]:
        """The names of all users in all pools."""
        pools = self._cognito.list_user_pools(MaxResults=60)["UserPools"]
        return [user["Username"] for pool in pools for user in self._cognito.list_users(UserPoolId=pool["Id"])["Users"]]

    def _client(self, client_id: str) -> dict[str, Any]:
        for pool in self._cognito.list_user_pools(MaxResults=60)["UserPools"]:
            clients = self._cognito.list_user_pool_clients(UserPoolId=pool["Id"], MaxResults=60)["UserPoolClients"]
            if any(client["ClientId"] == client_id for client in clients):
                return self._cognito.describe_user_pool_client(UserPoolId=pool["Id"], ClientId=client_id)["UserPoolClient"]
        raise CognitoError("ResourceNotFoundException", f"User pool client {client_id} does not exist.")

    def _user(self, pool_id: str, username: str) -> dict[str, Any] | None:
        try:
            return self._cognito.admin_get_user(UserPoolId=pool_id, Username=username)
        except self._cognito.exceptions.UserNotFoundException:
            return None


def _attributes(user: dict[str, Any]) -> dict[str, str]:
    return {attribute["Name"]: attribute["Value"] for attribute in user["UserAttributes"]}


def _mapped(attributes: list[dict[str, str]], attribute_map: dict[str, str | None]) -> list[dict[str, str]]:
    mapped = []
    for attribute in attributes:
        name = attribute["Name"]
        destination = attribute_map.get(name, None if name.startswith("custom:") else name)
        if destination and name != "sub":
            mapped.append({"Name": destination, "Value": attribute["Value"]})
    return mapped
