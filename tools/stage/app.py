"""The app of examples/app on this machine, and the destination pool as an app meets it."""

from __future__ import annotations

import json
import runpy
from typing import Any

from botocore.exceptions import ClientError

from tools import ROOT
from tools.stage.destination_pool import DestinationPool
from tools.stage.front import Front, Reply, Request, forward, json_reply

PACKAGE = ROOT / "examples" / "app"

# Where a request holds a new password.
NEW_PASSWORDS = {"ChangePassword": "ProposedPassword", "ConfirmForgotPassword": "Password", "SignUp": "Password"}
MINIMUM_LENGTH = 8


class CognitoForApps(Front):
    """Lends cognito-local what apps meet at Cognito: GetTokensFromRefreshToken, SRP, a password policy, its errors."""

    def __init__(self, pool: DestinationPool):
        super().__init__()
        self._pool = pool
        # The parameters of the sign-ins that were asked for.
        self.sign_ins: list[dict[str, str]] = []

    def answer(self, request: Request) -> Reply:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        asked = json.loads(request.body)
        if operation == "GetTokensFromRefreshToken":
            return self._refresh(asked)
        if len(asked.get(NEW_PASSWORDS.get(operation, ""), " " * MINIMUM_LENGTH)) < MINIMUM_LENGTH:
            message = "Password did not conform with policy: Password not long enough"
            return error_reply("InvalidPasswordException", message)
        if operation == "InitiateAuth":
            self.sign_ins.append(asked["AuthParameters"])
            if asked["AuthFlow"] == "USER_SRP_AUTH":
                return error_reply("NotAuthorizedException", "Incorrect username or password.")
        reply = forward(self._pool.endpoint, request)
        # What is left of cognito-local's own: its code for a wrong password.
        if reply.status != 200 and json.loads(reply.body)["__type"] == "InvalidPasswordException":
            return error_reply("NotAuthorizedException", "Incorrect username or password.")
        return reply

    def _refresh(self, asked: dict[str, str]) -> Reply:
        try:
            return json_reply({"AuthenticationResult": self._pool.refresh(asked)})
        except ClientError as error:
            return error_reply(error.response["Error"]["Code"], error.response["Error"]["Message"])


def python_sign_in() -> Any:
    return runpy.run_path(str(PACKAGE / "sdk.py"))["sign_in"]


def error_reply(code: str, message: str) -> Reply:
    return json_reply({"__type": code, "message": message}, 400)
