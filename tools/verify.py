"""make verify: proves a deployed demonstration with two users of its own, whom it removes again.

It needs the AWS CLI (v1 or v2), curl and, unless --outputs is given, terraform. The credentials are those that the AWS CLI
finds; they must be allowed to administer both user pools.

No password, token or secret is printed or put on a command line, where other users of the machine could read it. The AWS CLI gets
them in a file that only the caller can read and that is gone after the call; curl gets them through a pipe.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

TERRAFORM = Path(__file__).resolve().parent.parent / "terraform"

# A new role, permission or stage takes some seconds to be known everywhere in AWS.
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 5


class StepFailed(Exception):
    """What went wrong in a step; the step itself knows where to look."""


class AwsError(StepFailed):
    def __init__(self, operation: str, code: str, message: str):
        super().__init__(f"{operation}: {code}: {message}")
        self.code = code


class UserPool:
    """A user pool and an app client of it, asked through the AWS CLI."""

    def __init__(self, pool_id: str, client_id: str, profile: str | None):
        self.id = pool_id
        self.client_id = client_id
        self.region = pool_id.split("_")[0]
        self._profile = profile
        self._client_secret: str | None = None
        self._email_is_alias = False

    def read_client(self) -> None:
        client = self._call("describe-user-pool-client", UserPoolId=self.id, ClientId=self.client_id)["UserPoolClient"]
        self._client_secret = client.get("ClientSecret")
        if "ALLOW_USER_PASSWORD_AUTH" not in client.get("ExplicitAuthFlows", []):
            raise StepFailed(f"the app client {self.client_id} does not allow ALLOW_USER_PASSWORD_AUTH, which verify signs in with")

    def attributes(self) -> set[str]:
        """The attributes that users of the pool can have."""
        pool = self._call("describe-user-pool", UserPoolId=self.id)["UserPool"]
        self._email_is_alias = "email" in pool.get("AliasAttributes", [])
        return {attribute["Name"] for attribute in pool["SchemaAttributes"]}

    def create_user(self, user: User) -> None:
        # A pool in which the e-mail address is an alias wants a username without "@"; the user signs in with the address.
        username = user.name.partition("@")[0] if self._email_is_alias else user.name
        self._call(
            "admin-create-user",
            UserPoolId=self.id,
            Username=username,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": name, "Value": value} for name, value in user.attributes.items()],
        )
        self._call("admin-set-user-password", UserPoolId=self.id, Username=username, Password=user.password, Permanent=True)

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
        """The id token."""
        parameters = {"USERNAME": user.name, "PASSWORD": user.password}
        if self._client_secret:
            parameters["SECRET_HASH"] = self._secret_hash(user)
        answer = self._call(
            "initiate-auth", ClientId=self.client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        if "AuthenticationResult" not in answer:
            raise StepFailed(f"the pool answered with the challenge {answer.get('ChallengeName')} instead of tokens")
        return answer["AuthenticationResult"]["IdToken"]

    def forgot_password(self, user: User) -> dict[str, Any]:
        """How the code is delivered."""
        secret_hash = {"SecretHash": self._secret_hash(user)} if self._client_secret else {}
        return self._call("forgot-password", ClientId=self.client_id, Username=user.name, **secret_hash)["CodeDeliveryDetails"]

    def _secret_hash(self, user: User) -> str:
        message = (user.name + self.client_id).encode()
        return base64.b64encode(hmac.digest(self._client_secret.encode(), message, hashlib.sha256)).decode()

    def _call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        command = ["aws", "cognito-idp", operation, "--region", self.region, "--output", "json"]
        if self._profile:
            command += ["--profile", self._profile]
        # Not a pipe: version 1 of the AWS CLI reads its input twice.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
            json.dump(parameters, file)
            file.flush()
            command += ["--cli-input-json", f"file://{file.name}"]
            result = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "AWS_PAGER": ""})
        if result.returncode == 0:
            return json.loads(result.stdout or "{}")
        error = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)", result.stderr)
        if error:
            raise AwsError(operation, error[1], error[2])
        raise StepFailed(f"aws cognito-idp {operation}: {result.stderr.strip()}")


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
        except StepFailed as failure:
            print(f"FAILED\n    {failure}\n    Look at: {where_to_look}", flush=True)
            raise
        except (KeyboardInterrupt, SystemExit):
            print("interrupted", flush=True)
            raise
        print("ok" + (f": {result}" if result else ""), flush=True)


def main() -> int:
    arguments = _arguments()
    # A request to end must not leave the users behind.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    try:
        verify(read_outputs(arguments.outputs), arguments.source_profile)
    except StepFailed:
        return 1
    except KeyboardInterrupt:
        return 130
    print("The migration works.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--outputs", type=Path, help="file with what `terraform output -json` printed; default: ask terraform")
    parser.add_argument("--source-profile", help="the AWS CLI's profile for the source pool, if it is in another account")
    return parser.parse_args()


def read_outputs(file: Path | None) -> dict[str, str]:
    for program in ["aws", "curl"] + ([] if file else ["terraform"]):
        if not shutil.which(program):
            sys.exit(f"{program} is not installed, and verify needs it.")
    if file:
        text = file.read_text(encoding="utf-8")
    else:
        result = subprocess.run(
            ["terraform", f"-chdir={TERRAFORM}", "output", "-json"], stdout=subprocess.PIPE, text=True)
        if result.returncode != 0:
            sys.exit("terraform cannot say what it made: run `terraform init` and `terraform apply` in terraform/ first.")
        text = result.stdout
    outputs = {name: output["value"] for name, output in json.loads(text).items()}
    needed = {"log_group", "new_client_id", "new_user_pool_id", "source_client_id", "source_user_pool_id"}
    if needed - outputs.keys():
        missing = ", ".join(sorted(needed - outputs.keys()))
        sys.exit(f"Terraform's outputs lack {missing}: run `terraform apply` in terraform/ first.")
    return outputs


def verify(outputs: dict[str, str], source_profile: str | None) -> None:
    source = UserPool(outputs["source_user_pool_id"], outputs["source_client_id"], source_profile)
    new = UserPool(outputs["new_user_pool_id"], outputs["new_client_id"], None)
    invoke_url, mark = outputs.get("invoke_url"), outputs.get("migration_mark")

    log = (
        "what the function logged:\n"
        f"    aws logs filter-log-events --region {new.region} --log-group-name {outputs['log_group']} "
        f"--start-time {int(time.time() * 1000)} --query 'events[].message' --output text\n"
        "    Nothing there: the new pool's trigger or the function's permission for it is missing."
    )
    source_pool = (
        f"the source pool {source.id} and what your credentials may do there (--source-profile, if it is in another account).")
    new_pool = f"the new pool {new.id}, its app client {new.client_id}, and what your credentials may do there."
    api = f"the API behind {invoke_url}: its stage, and the authorizer on the new pool."

    steps = Steps()
    schema: set[str] = set()
    steps.take("Read both pools", f"{source_pool} And at {new_pool}", lambda: read_pools(source, new, schema))
    first, second = User("first", schema), User("second", schema)
    token = ""

    def sign_in() -> None:
        nonlocal token
        token = patiently(lambda: new.sign_in(first), is_worth_waiting)

    try:
        steps.take(f"Make {first.name} in the source pool", source_pool, lambda: source.create_user(first))
        steps.take("The new pool does not know that user", new_pool, lambda: expect_unknown(new, first))
        steps.take("Sign in through the new pool with the old password", log, sign_in)
        steps.take("The new pool now has the user, CONFIRMED, with all attributes", log, lambda: expect_migrated(new, first))
        if invoke_url:
            steps.take("Call the API with the id token", api, lambda: call_api(invoke_url, token, 200))
            steps.take("Call the API without a token", api, lambda: call_api(invoke_url, None, 401))
        else:
            print("    The calls of the API are left out: there is no output invoke_url.", flush=True)
        if mark:
            # While the source user is there: all steps of a finishing have something to do.
            steps.take("Sign in again, for the migration to be finished", log, sign_in)
            steps.take(
                "The mark says that nothing is left to do, and the old account is as it should be", log,
                lambda: expect_finished(new, source, first, mark, outputs["source_user"]))
        # Without the source user no function could answer for this sign-in.
        steps.take("Remove the user from the source pool", source_pool, lambda: source.delete_user(first))
        steps.take("Sign in again, by the new pool alone", new_pool, sign_in)
        steps.take(f"Make {second.name} in the source pool", source_pool, lambda: source.create_user(second))
        steps.take("Start a password reset in the new pool", log, lambda: reset(new, second))
        steps.take("The new pool now has that user too", log, lambda: expect_known(new, second))
    finally:
        steps.take(
            "Remove both users from both pools",
            f"the users {first.name} and {second.name} in {source.id} and {new.id}: remove what is left.",
            lambda: remove([source, new], [first, second]),
        )


def read_pools(source: UserPool, new: UserPool, schema: set[str]) -> str:
    schema |= source.attributes()
    new.read_client()
    return f"from {source.id} to {new.id}"


def expect_unknown(pool: UserPool, user: User) -> None:
    if pool.find_user(user) is not None:
        raise StepFailed("the user is already there")


def known(pool: UserPool, user: User) -> tuple[str, dict[str, str]]:
    """The user's status and attributes."""
    found = pool.find_user(user)
    if found is None:
        raise StepFailed("the user is not there")
    return found["UserStatus"], {attribute["Name"]: attribute["Value"] for attribute in found["UserAttributes"]}


def expect_known(pool: UserPool, user: User) -> str:
    status, _ = known(pool, user)
    return status


def expect_migrated(pool: UserPool, user: User) -> str:
    status, attributes = known(pool, user)
    if status != "CONFIRMED":
        raise StepFailed(f"the user's status is {status}")
    wrong = sorted(name for name, value in user.attributes.items() if attributes.get(name) != value)
    if wrong:
        raise StepFailed("missing or different: " + ", ".join(wrong))
    return ", ".join(sorted(user.attributes))


def expect_finished(pool: UserPool, source: UserPool, user: User, mark: str, source_user: str) -> str:
    _, attributes = known(pool, user)
    if not attributes.get(mark, "").startswith("done/"):
        raise StepFailed(f"{mark} is {attributes.get(mark, 'not set')}")
    old = source.find_user(user)
    state = "gone" if old is None else "enabled" if old["Enabled"] else "disabled"
    expected = {"keep": "enabled", "disable": "disabled", "delete": "gone"}[source_user]
    if state != expected:
        raise StepFailed(f"the user in the source pool is {state} and should be {expected}")
    return state


def reset(pool: UserPool, user: User) -> str:
    delivery = patiently(lambda: pool.forgot_password(user), is_worth_waiting)
    return f"code by {delivery.get('DeliveryMedium', 'an unnamed way')}"


def call_api(url: str, token: str | None, expected_status: int) -> str:
    def call() -> str:
        header = f'header = "Authorization: {token}"\n' if token else ""
        result = subprocess.run(
            ["curl", "--silent", "--show-error", "--max-time", "20", "--write-out", "\n%{http_code}", "--config", "-", url],
            input=header, capture_output=True, text=True)
        if result.returncode != 0:
            raise StepFailed(result.stderr.strip())
        body, _, status = result.stdout.rpartition("\n")
        if int(status) != expected_status:
            raise StepFailed(f"status {status} instead of {expected_status}: {body}")
        if expected_status == 200 and json.loads(body) != {"message": "Hello, World!"}:
            raise StepFailed(f"an unexpected answer: {body}")
        return f"status {status}, {body}"

    return patiently(call, lambda _failure: True)


def remove(pools: list[UserPool], users: list[User]) -> None:
    problems = []
    for pool in pools:
        for user in users:
            try:
                pool.delete_user(user)
            except StepFailed as problem:
                problems.append(str(problem))
    if problems:
        raise StepFailed("; ".join(problems))


def is_worth_waiting(failure: StepFailed) -> bool:
    """Whether the function could not be called, or could not ask the source pool: after an apply that settles by itself."""
    return isinstance(failure, AwsError) and failure.code in ("UnexpectedLambdaException", "UserLambdaValidationException")


def patiently(attempt: Callable[[], Any], is_worth_another: Callable[[StepFailed], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except StepFailed as failure:
            if time.monotonic() > deadline or not is_worth_another(failure):
                raise
            time.sleep(PAUSE_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
