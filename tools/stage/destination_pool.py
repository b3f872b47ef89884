"""The destination pool on this machine: cognito-local, which invokes the function when an unknown user signs in.

The client here is an application's: it signs in the way any program with an AWS SDK does.
"""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import boto3

from tools import ROOT
from tools.base.processes import Processes, accepts_connections, free_port

PACKAGE = ROOT / "tests" / "e2e"
PROGRAM = PACKAGE / "node_modules" / "cognito-local" / "lib" / "bin" / "start.js"
REGION = "eu-central-1"
# The code of every password reset.
RESET_CODE = "246810"


class DestinationPool:
    """A user pool that verifies e-mail addresses itself, and an app client without a secret."""

    def __init__(self, processes: Processes, lambda_endpoint: str, triggers: dict[str, str], attributes: list[str]):
        """`triggers`: the function's name by trigger; `attributes`: the names of the pool's custom attributes."""
        port = free_port()
        home = processes.directory / f"destination-{port}"
        (home / ".cognito").mkdir(parents=True)
        settings = {
            "ServerConfig": {"hostname": "127.0.0.1", "port": port},
            "LambdaClient": {"endpoint": lambda_endpoint, "region": REGION},
            "TriggerFunctions": triggers,
        }
        (home / ".cognito" / "config.json").write_text(json.dumps(settings))
        process = processes.start(
            f"cognito-local {port}", ["node", str(PROGRAM)], {**os.environ, "CODE": RESET_CODE}, home
        )
        processes.wait_until(process, lambda: accepts_connections(port))
        self.endpoint = f"http://127.0.0.1:{port}"
        self.cognito = boto3.client("cognito-idp", endpoint_url=self.endpoint, region_name=REGION)
        schema = [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in attributes]
        signed_in_with = {"AutoVerifiedAttributes": ["email"], "UsernameAttributes": ["email"]}
        pool = self.cognito.create_user_pool(PoolName="destination", Schema=schema, **signed_in_with)
        self.id = pool["UserPool"]["Id"]
        client = self.cognito.create_user_pool_client(
            UserPoolId=self.id,
            ClientName="app",
            ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            # No custom attribute: users who write one could claim to be another user.
            WriteAttributes=["email", "name"],
        )
        self.client_id = client["UserPoolClient"]["ClientId"]

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        return self._initiate("USER_PASSWORD_AUTH", USERNAME=username, PASSWORD=password)

    def refresh(self, tokens: dict[str, str]) -> dict[str, str]:
        return self._initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])

    def _initiate(self, flow: str, **parameters: str) -> dict[str, str]:
        answer = self.cognito.initiate_auth(ClientId=self.client_id, AuthFlow=flow, AuthParameters=parameters)
        return answer["AuthenticationResult"]

    def change_password(self, tokens: dict[str, str], old: str, new: str) -> None:
        self.cognito.change_password(AccessToken=tokens["AccessToken"], PreviousPassword=old, ProposedPassword=new)

    def user(self, username: str) -> dict[str, Any]:
        """What an administrator sees of a user."""
        return self.cognito.admin_get_user(UserPoolId=self.id, Username=username)

    def attributes(self, username: str) -> dict[str, str]:
        return {item["Name"]: item["Value"] for item in self.user(username)["UserAttributes"]}

    def make_group(self, name: str) -> None:
        self.cognito.create_group(UserPoolId=self.id, GroupName=name)

    def number_of_users(self) -> int:
        return len(self.cognito.list_users(UserPoolId=self.id)["Users"])


def claims(token: str) -> dict[str, Any]:
    """What a JSON web token says; its signature is the emulator's own and of no interest here."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
