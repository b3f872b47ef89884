"""make verify: proves a deployed demonstration with three users of its own, whom it removes again.

It also says what Cognito does where AWS's documentation leaves a doubt. That fails the run only if it is unsafe.

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


class Challenged(Failure):
    """The password was right, and the pool asks for more."""


class NotLogged(Failure):
    """The log does not show yet what is looked for."""


class UserPool:
    """A user pool and an app client of it, asked through the AWS CLI."""

    def __init__(self, pool_id: str, client_id: str, profile: str | None):
        self.id = pool_id
        self.client_id = client_id
        self.region = aws.region_of(pool_id)
        self._profile = profile
        self._client_secret: str | None = None
        self._email_is_alias = False
        # Whether the app client hides which users exist.
        self.hides_users = False
        # Whether names that differ in case only are different names.
        self.regards_case = True
        self.triggers: dict[str, Any] = {}

    def read_client(self) -> None:
        client = self._call("describe-user-pool-client", UserPoolId=self.id, ClientId=self.client_id)["UserPoolClient"]
        self._client_secret = client.get("ClientSecret")
        self.hides_users = client.get("PreventUserExistenceErrors") == "ENABLED"
        if "ALLOW_USER_PASSWORD_AUTH" not in client.get("ExplicitAuthFlows", []):
            raise Failure(
                f"the app client {self.client_id} does not allow ALLOW_USER_PASSWORD_AUTH, which verify signs in with"
            )

    def read_pool(self) -> set[str]:
        """The attributes that users of the pool can have."""
        pool = self._call("describe-user-pool", UserPoolId=self.id)["UserPool"]
        self._email_is_alias = "email" in pool.get("AliasAttributes", [])
        self.regards_case = pool.get("UsernameConfiguration", {}).get("CaseSensitive", True)
        self.triggers = pool.get("LambdaConfig", {})
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
        # The destination pool may have got the user under the name in lower case.
        for name in sorted({user.name, user.name.lower()}):
            try:
                self._call("admin-delete-user", UserPoolId=self.id, Username=name)
            except AwsError as error:
                if error.code != "UserNotFoundException":
                    raise

    def sign_in(self, name: str, password: str) -> str:
        """The ID token."""
        parameters = {"USERNAME": name, "PASSWORD": password}
        if self._client_secret:
            parameters["SECRET_HASH"] = secret_hash(self._client_secret, self.client_id, name)
        flow = {"ClientId": self.client_id, "AuthFlow": "USER_PASSWORD_AUTH"}
        answer = self._call("initiate-auth", **flow, AuthParameters=parameters)
        if "AuthenticationResult" not in answer:
            raise Challenged(f"the challenge {answer.get('ChallengeName')} instead of tokens")
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


def random_password() -> str:
    """One that satisfies any password policy that a pool can have."""
    return secrets.token_urlsafe(24) + "aA1!"


class User:
    """A user of this run's own."""

    def __init__(self, label: str, attributes: set[str]):
        # Amazon's mailbox simulator swallows what is sent to it:
        # https://docs.aws.amazon.com/ses/latest/dg/send-an-email-from-console.html
        self.name = f"success+{label}-{secrets.token_hex(6)}@simulator.amazonses.com"
        self.password = random_password()
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

    started = int(time.time() * 1000)
    log = (
        "what the function logged:\n"
        f"    aws logs filter-log-events --region {destination.region} --log-group-name {outputs['log_group']} "
        f"--start-time {started} --query 'events[].message' --output text\n"
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
    first, second, cased = users = [User(label, schema) for label in ("first", "second", "Mixed-Case")]
    token = ""

    def sign_in() -> None:
        nonlocal token
        token = patiently(lambda: destination.sign_in(first.name, first.password), is_worth_waiting)

    try:
        steps.take(f"Create {first.name} in the source pool", at_source, lambda: source.create_user(first))
        steps.take(
            "The destination pool does not know the user", at_destination, lambda: expect_unknown(destination, first)
        )
        steps.take("Sign in to the destination pool with the password of the source pool", log, sign_in)
        title = "The destination pool has the user, CONFIRMED, with all attributes"
        steps.take(title, log, lambda: expect_migrated(destination, first))
        title = "Look whether Cognito calls pre_sign_up for a migration"
        steps.take(title, log, lambda: see_pre_sign_up(destination, outputs["log_group"], started))
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
        title = "Sign in with the password of the source pool all the same"
        steps.take(title, at_destination, lambda: see_sign_in_after_reset(destination, second))
        steps.take(f"Create {cased.name} in the source pool", at_source, lambda: source.create_user(cased))
        steps.take("A wrong password lets nobody in", log, lambda: expect_rejected(destination, cased))
        title = "Sign in as typed and in lower case"
        steps.take(title, log, lambda: see_case(source, destination, cased))
    finally:
        names = ", ".join(user.name for user in users)
        steps.take(
            "Delete all users from both pools",
            f"the users {names} in {source.id} and {destination.id}: delete what is left.",
            lambda: delete([source, destination], users),
        )


def read_pools(source: UserPool, destination: UserPool, schema: set[str]) -> str:
    schema |= source.read_pool()
    destination.read_pool()
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


def see_pre_sign_up(pool: UserPool, log_group: str, since: int) -> str:
    function = pool.triggers.get("UserMigration")
    if function is None or pool.triggers.get("PreSignUp") != function:
        return "this cannot be seen: the function is not the destination pool's pre_sign_up trigger"

    def triggers_logged() -> set[str]:
        asked = {"logGroupName": log_group, "startTime": since}
        events = aws.call("logs", "filter-log-events", pool.region, asked).get("events", [])
        found = {trigger for event in events if (trigger := trigger_logged(event["message"]))}
        if "UserMigration_Authentication" not in found:
            raise NotLogged("the log does not show the migration")
        return found

    try:
        found = patiently(triggers_logged, lambda failure: isinstance(failure, NotLogged))
    except Failure as failure:
        return f"this cannot be seen: {failure}"
    # The function calls a trigger "unknown" that it does not serve.
    called = sorted(trigger for trigger in found if trigger.startswith("PreSignUp_") or trigger == "unknown")
    if not called:
        return "it does not, which is not as documented"
    return f"it does, as documented. The trigger is {', '.join(called)}, which AWS does not document"


def trigger_logged(line: str) -> str | None:
    """The trigger, if this is the function's line about an invocation."""
    try:
        fields = json.loads(line)
    except ValueError:
        return None
    return fields.get("trigger") if isinstance(fields, dict) and "outcome" in fields else None


def see_sign_in_after_reset(pool: UserPool, user: User) -> str:
    # https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-managing-errors.html
    documented = "NotAuthorizedException" if pool.hides_users else "PasswordResetRequiredException"
    setting = "is" if pool.hides_users else "is not"
    try:
        code, told = rejection(pool, user.name, user.password)
    except Challenged as challenge:
        code, told = "", str(challenge)
    verdict = "as documented" if code == documented else f"{documented} is documented"
    return f"{told}. PreventUserExistenceErrors {setting} ENABLED; {verdict} for imported users"


def expect_rejected(pool: UserPool, user: User) -> str:
    """With a wrong password, in both spellings."""
    return ", ".join(rejection(pool, name, random_password())[0] for name in (user.name, user.name.lower()))


def rejection(pool: UserPool, name: str, password: str) -> tuple[str, str]:
    """The code with which the pool rejects somebody who must not get in; and in words, with its message's subject."""
    try:
        pool.sign_in(name, password)
    except AwsError as error:
        about = "another message"
        if "Incorrect username or password" in error.message:
            about = "the message of a wrong password"
        elif "reset" in error.message.lower():
            about = "a message about a reset"
        return error.code, f"{error.code} with {about}"
    raise Failure("the user got in")


def see_case(source: UserPool, destination: UserPool, user: User) -> str:
    typed, typed_told = who_signs_in(destination, user.name, user.password)
    lower, lower_told = who_signs_in(destination, user.name.lower(), user.password)
    if typed and lower:
        lower_told += " as the same user" if typed == lower else " as another user"
    # A destination pool without regard to case hands every name over in lower case.
    is_found = destination.regards_case or not source.regards_case
    is_documented = is_found == bool(typed) and (destination.regards_case or typed == lower)
    pools = f"a {sensitivity(source)} source pool and a {sensitivity(destination)} destination pool"
    verdict = f"This is{'' if is_documented else ' not'} as documented for {pools} without SRC_LOOKUP"
    return f"as typed: {typed_told}; in lower case: {lower_told}. {verdict}"


def who_signs_in(pool: UserPool, name: str, password: str) -> tuple[str | None, str]:
    """The user's `sub` in the pool, None for nobody; and what happened, in words."""
    try:
        token = pool.sign_in(name, password)
    except Challenged as challenge:
        return None, str(challenge)
    except AwsError as error:
        return None, f"rejected with {error.code}"
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sub"], "signed in"


def sensitivity(pool: UserPool) -> str:
    return "case-sensitive" if pool.regards_case else "case-insensitive"


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
