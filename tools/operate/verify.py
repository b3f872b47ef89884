"""make verify: proves a deployed demonstration with two users of its own, whom it removes again.

It needs the AWS CLI (v1 or v2), curl and, unless --outputs is given, terraform. The credentials are those that the AWS
CLI finds; they must be allowed to administer both user pools.

No password, token or secret is printed or put on a command line, where other users of the machine could read it. The
AWS CLI gets them in a file that only the caller can read and that is removed after the call; curl gets them through a
pipe.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import secrets
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

from tools import Failure
from tools.base import aws, terraform
from tools.base.aws import AwsError

NEEDED = ["log_group", "new_client_id", "new_user_pool_id", "source_client_id", "source_user_pool_id"]

# A new role, permission or stage takes some seconds to be known everywhere in AWS.
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 5


class UserPool:
    """A user pool and an app client of it, asked through the AWS CLI."""

    def __init__(self, pool_id: str, client_id: str, profile: str | None):
        self.id = pool_id
        self.client_id = client_id
        self.region = aws.region_of(pool_id)
        self._profile = profile
        self._client_secret: str | None = None
        self._email_is_alias = False

    def read_client(self) -> None:
        client = self._call("describe-user-pool-client", UserPoolId=self.id, ClientId=self.client_id)["UserPoolClient"]
        self._client_secret = client.get("ClientSecret")
        if "ALLOW_USER_PASSWORD_AUTH" not in client.get("ExplicitAuthFlows", []):
            raise Failure(
                f"the app client {self.client_id} does not allow ALLOW_USER_PASSWORD_AUTH, which verify signs in with"
            )

    def attributes(self) -> set[str]:
        """The attributes that users of the pool can have."""
        pool = self._call("describe-user-pool", UserPoolId=self.id)["UserPool"]
        self._email_is_alias = "email" in pool.get("AliasAttributes", [])
        return {attribute["Name"] for attribute in pool["SchemaAttributes"]}

    def create_user(self, user: User) -> None:
        # Where the e-mail address is an alias, the user name is one without "@". The user signs in with the address.
        username = user.name.partition("@")[0] if self._email_is_alias else user.name
        self._call(
            "admin-create-user",
            UserPoolId=self.id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in user.attributes.items()],
        )
        self._call(
            "admin-set-user-password", UserPoolId=self.id, Username=username, Password=user.password, Permanent=True
        )

    def find_user(self, user: User) -> dict[str, Any] | None:
        try:
            return self._call("admin-get-user", UserPoolId=self.id, Username=user.name)
        except AwsError as error:
            if error.code == "UserNotFoundException":
                return None
            raise

    def delete_user(self, user: User) -> None:
        try:
            self._call("admin-delete-user", UserPoolId=self.id, Username=user.name)
        except AwsError as error:
            if error.code != "UserNotFoundException":
                raise

    def sign_in(self, user: User) -> str:
        """The ID token."""
        parameters = {"USERNAME": user.name, "PASSWORD": user.password}
        if self._client_secret:
            parameters["SECRET_HASH"] = secret_hash(self._client_secret, self.client_id, user.name)
        flow = {"ClientId": self.client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
        answer = self._call("initiate-auth", **flow, AuthParameters=parameters)
        if "AuthenticationResult" not in answer:
            raise Failure(f"the pool answered with the challenge {answer.get('ChallengeName')} instead of tokens")
        return answer["AuthenticationResult"]["IdToken"]

    def forgot_password(self, user: User) -> dict[str, Any]:
        """How the code is delivered."""
        parameters = {"ClientId": self.client_id, "Username": user.name}
        if self._client_secret:
            parameters["SecretHash"] = secret_hash(self._client_secret, self.client_id, user.name)
        return self._call("forgot-password", **parameters)["CodeDeliveryDetails"]

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        return aws.call("cognito-idp", operation, self.region, parameters, profile=self._profile)


def secret_hash(client_secret: str, client_id: str, username: str) -> str:
    message = (username + client_id).encode()
    return base64.b64encode(hmac.digest(client_secret.encode(), message, hashlib.sha256)).decode()


class User:
    """A user of this run's own."""

    def __init__(self, label: str, attributes: set[str]):
        # Amazon's mailbox simulator swallows what is sent to it:
        # https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
        self.name = f"success+{label}-{secrets.token_hex(6)}@simulator.amazonses.com"
        # Satisfies any password policy that a pool can have.
        self.password = secrets.token_urlsafe(24) + "aA1!"
        self.attributes = {"email": self.name, "email_verified": "true"}
        if "custom:tenant" in attributes:
            self.attributes["custom:tenant"] = f"tenant-{label}"


class Steps:
    """Prints each step with its result."""

    def __init__(self) -> None:
        self._number = 0

    def take(self, title: str, where_to_look: str, step: Callable[[], str | None]) -> None:
        self._number += 1
        print(f"{self._number:2}. {title} ... ", end="", flush=True)
        try:
            result = step()
        except Failure as failure:
            print(f"FAILED\n    {failure}\n    Look at: {where_to_look}", flush=True)
            raise
        except (KeyboardInterrupt, SystemExit):
            print("interrupted", flush=True)
            raise
        print("ok" + (f": {result}" if result else ""), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--outputs", type=Path, help="file with what `terraform output -json` printed; default: ask terraform"
    )
    parser.add_argument(
        "--source-profile", help="the AWS CLI's profile for the source pool, if it is in another account"
    )
    arguments = parser.parse_args()
    if not shutil.which("curl"):
        raise Failure("curl is not installed, and verify needs it.")
    # A request to end must not leave the users behind.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    outputs = terraform.outputs(dict.fromkeys(NEEDED), arguments.outputs)
    try:
        verify(outputs, arguments.source_profile)
    except Failure:
        # Its step has said it.
        return 1
    print("The migration works.")
    return 0


def verify(outputs: dict[str, str], source_profile: str | None) -> None:
    source = UserPool(outputs["source_user_pool_id"], outputs["source_client_id"], source_profile)
    destination = UserPool(outputs["new_user_pool_id"], outputs["new_client_id"], None)
    invoke_url, mark = outputs.get("invoke_url"), outputs.get("migration_mark")

    log = (
        "what the function logged:\n"
        f"    aws logs filter-log-events --region {destination.region} --log-group-name {outputs['log_group']} "
        f"--start-time {int(time.time() * 1000)} --query 'events[].message' --output text\n"
        "    Nothing is logged: the destination pool's trigger or the function's permission for it is missing."
    )
    at_source = f"the source pool {source.id} and what your credentials may do there (see --source-profile)."
    at_destination = (
        f"the destination pool {destination.id}, its app client {destination.client_id}, and what your credentials may "
        "do there."
    )
    at_api = f"the API behind {invoke_url}: its stage, and the authorizer on the destination pool."

    steps = Steps()
    schema: set[str] = set()
    both = f"{at_source} And at {at_destination}"
    steps.take("Read both pools", both, lambda: read_pools(source, destination, schema))
    first, second = User("first", schema), User("second", schema)
    token = ""

    def sign_in() -> None:
        nonlocal token
        token = patiently(lambda: destination.sign_in(first), is_worth_waiting)

    try:
        steps.take(f"Create {first.name} in the source pool", at_source, lambda: source.create_user(first))
        steps.take(
            "The destination pool does not know the user", at_destination, lambda: expect_unknown(destination, first)
        )
        steps.take("Sign in to the destination pool with the password of the source pool", log, sign_in)
        title = "The destination pool has the user, CONFIRMED, with all attributes"
        steps.take(title, log, lambda: expect_migrated(destination, first))
        if invoke_url:
            steps.take("Call the API with the ID token", at_api, lambda: call_api(invoke_url, token, 200))
            steps.take("Call the API without a token", at_api, lambda: call_api(invoke_url, None, 401))
        else:
            print("    The calls of the API are left out: Terraform has no output invoke_url.", flush=True)
        if mark:
            # While the source user exists: all post-migration steps have something to do.
            steps.take("Sign in again, for the post-migration steps", log, sign_in)
            title = "The mark says that nothing is left to do, and the source user is as it should be"
            steps.take(title, log, lambda: expect_done(destination, source, first, mark, outputs["source_user"]))
        # Without the source user no function could answer for this sign-in.
        steps.take("Delete the user from the source pool", at_source, lambda: source.delete_user(first))
        steps.take("Sign in again, by the destination pool alone", at_destination, sign_in)
        steps.take(f"Create {second.name} in the source pool", at_source, lambda: source.create_user(second))
        steps.take("Start a password reset in the destination pool", log, lambda: reset(destination, second))
        steps.take("The destination pool has that user too", log, lambda: known(destination, second)[0])
    finally:
        steps.take(
            "Delete both users from both pools",
            f"the users {first.name} and {second.name} in {source.id} and {destination.id}: delete what is left.",
            lambda: delete([source, destination], [first, second]),
        )


def read_pools(source: UserPool, destination: UserPool, schema: set[str]) -> str:
    schema |= source.attributes()
    destination.read_client()
    return f"from {source.id} to {destination.id}"


def expect_unknown(pool: UserPool, user: User) -> None:
    if pool.find_user(user) is not None:
        raise Failure("the user exists already")


def known(pool: UserPool, user: User) -> tuple[str, dict[str, str]]:
    """The user's status and attributes."""
    found = pool.find_user(user)
    if found is None:
        raise Failure("the user does not exist")
    return found["UserStatus"], {attribute["Name"]: attribute["Value"] for attribute in found["UserAttributes"]}


def expect_migrated(pool: UserPool, user: User) -> str:
    status, attributes = known(pool, user)
    if status != "CONFIRMED":
        raise Failure(f"the user's status is {status}")
    wrong = sorted(name for name, value in user.attributes.items() if attributes.get(name) != value)
    if wrong:
        raise Failure("missing or different: " + ", ".join(wrong))
    return ", ".join(sorted(user.attributes))


def expect_done(pool: UserPool, source: UserPool, user: User, mark: str, source_user: str) -> str:
    _, attributes = known(pool, user)
    if not attributes.get(mark, "").startswith("done/"):
        raise Failure(f"{mark} is {attributes.get(mark, 'not set')}")
    found = source.find_user(user)
    state = "missing" if found is None else "enabled" if found["Enabled"] else "disabled"
    expected = {"keep": "enabled", "disable": "disabled"}[source_user]
    if state != expected:
        raise Failure(f"the user in the source pool is {state} and should be {expected}")
    return state


def reset(pool: UserPool, user: User) -> str:
    delivery = patiently(lambda: pool.forgot_password(user), is_worth_waiting)
    return f"code by {delivery.get('DeliveryMedium', 'an unnamed way')}"


def call_api(url: str, token: str | None, expected_status: int) -> str:
    def call() -> str:
        header = f'header = "Authorization: {token}"\n' if token else ""
        result = subprocess.run(
            [
                "curl",
                "--silent",
                "--show-error",
                "--max-time",
                "20",
                "--write-out",
                "\n%{http_code}",
                "--config",
                "-",
                url,
            ],
            input=header,
            capture_output=True,
            text=True,
        )
        if result.returncode != 0:
            raise Failure(result.stderr.strip())
        body, _, status = result.stdout.rpartition("\n")
        if int(status) != expected_status:
            raise Failure(f"status {status} instead of {expected_status}: {body}")
        if expected_status == 200 and json.loads(body) != {"message": "Hello, World!"}:
            raise Failure(f"an unexpected answer: {body}")
        return f"status {status}, {body}"

    return patiently(call, lambda _failure: True)


def delete(pools: list[UserPool], users: list[User]) -> None:
    problems = []
    for pool in pools:
        for user in users:
            try:
                pool.delete_user(user)
            except Failure as problem:
                problems.append(str(problem))
    if problems:
        raise Failure("; ".join(problems))


def is_worth_waiting(failure: Failure) -> bool:
    """Whether the function could not be called, or could not ask the source pool. After an apply that passes."""
    passing = ("UnexpectedLambdaException", "UserLambdaValidationException")
    return isinstance(failure, AwsError) and failure.code in passing


def patiently(attempt: Callable[[], Any], is_worth_another: Callable[[Failure], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except Failure as failure:
            if time.monotonic() > deadline or not is_worth_another(failure):
                raise
            time.sleep(PAUSE_SECONDS)
