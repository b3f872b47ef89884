"""make e2e: ordinary sign-ins to a new pool that has never heard of the users.

The old pool is moto, the new one cognito-local, and between them runs the real function. Each step is one line: what was
done, what the user saw, how long it took, and what the function did if it ran.
"""

from __future__ import annotations

import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable

import boto3
from botocore.exceptions import ClientError

import local_aws
import new_pool
import old_pool
from function import HostedFunction, build
from new_pool import NewPool, claims
from old_pool import OldPool
from processes import Failure, Processes, free_port
from scenarios import EVENTS
from stage import add_packaged_option, finish, say
from terminal import BOLD, DIM, GREEN, RED, paint
from two_pools import TwoPools

TOKENS = "tokens"
REFUSED = "NotAuthorizedException"
# cognito-local's code for the wrong password of a user that it has; Cognito's is NotAuthorizedException there too.
REFUSED_BY_THE_NEW_POOL = "InvalidPasswordException"

PASSWORD = "Made-up-Passw0rd!"
NON_ASCII_PASSWORD = "Ausgedacht-Paßw0rt-✓!"
WRONG_PASSWORD = "Not-the-Passw0rd!"
NEW_PASSWORD = "Another-made-up-Passw0rd!"

ATTRIBUTE_MAP = {"sub": "custom:legacy_sub", "website": None, "custom:plan": "custom:tier", "custom:*": "custom:*"}
CUSTOM_ATTRIBUTES_OF_THE_NEW_POOL = ["legacy_sub", "tier", "team"]
SETTINGS = {
    "ATTRIBUTE_MAP": json.dumps(ATTRIBUTE_MAP),
    # cognito-local takes an unchanged event for a success.
    "ON_REJECT": "error",
}
ADMIN_FLOW = "ADMIN_USER_PASSWORD_AUTH"
PUBLIC_FLOW = "USER_PASSWORD_AUTH"

# The account of the old pool where the function has to assume a role to reach it.
OTHER_ACCOUNT = "111122223333"
ROLE_ARN = f"arn:aws:iam::{OTHER_ACCOUNT}:role/user-migration-reader"

CROWD = 50
INSTANCES_FOR_THE_CROWD = 5


class Story:
    """Does things, compares what happened with what should have, and prints one line about each."""

    def __init__(self, function: HostedFunction):
        self._function = function
        self.passed = 0
        self.failed = 0

    def chapter(self, title: str) -> None:
        print("\n" + paint(title, BOLD), flush=True)

    def step(self, doing: str, act: Callable[[], Any], sees: str = TOKENS, function: str | None = None) -> Any:
        """`sees` is what _seen says of the result, or an error code; `function` the outcome that it logs, None if it must not run;
        semicolons stand between several."""
        invocations, logged = self._function.invocations(), len(self._function.log())
        started = time.monotonic()
        result: Any = None
        try:
            result = act()
            saw = _seen(result)
        except ClientError as error:
            saw = error.response["Error"]["Code"]
        milliseconds = (time.monotonic() - started) * 1000
        ran = [_outcome(line) for line in self._function.log()[logged:]]
        good = saw == sees and ran == ([] if function is None else function.split("; "))
        good = good and self._function.invocations() - invocations == len(ran)
        did = "function: " + "; ".join(ran) if ran else "function did not run"
        self._line(good, doing, saw, f"{milliseconds:5.0f} ms", did)
        if not good:
            raise Failure(f"expected: {sees}; function: {function or 'did not run'}\n{self._function.printed()}")
        return result

    def check(self, what: str, came: Any, expected: Any) -> None:
        self._line(came == expected, what, "", "", "")
        if came != expected:
            raise Failure(f"expected: {expected}\ncame:     {came}\n{self._function.printed()}")

    def _line(self, good: bool, doing: str, saw: str, took: str, function: str) -> None:
        if good:
            self.passed += 1
        else:
            self.failed += 1
        mark = paint("✓", GREEN) if good else paint("✗", BOLD, RED)
        line = f"{mark} {doing:<62}{saw:<31}{took:<10}{paint(function, DIM) if function else ''}"
        print(line.rstrip(), flush=True)


class Stage:
    def __init__(self, processes: Processes, packaged: bool):
        self.processes = processes
        new_pool.install(processes)
        self.moto = old_pool.start_moto(processes)
        executables = build(processes, packaged)
        self.function = HostedFunction(processes, executables)
        self.new = NewPool(processes, self.function.endpoint, self.function.name, CUSTOM_ATTRIBUTES_OF_THE_NEW_POOL)
        self.story = Story(self.function)
        old_pool.wait_for_moto(processes, self.moto)
        self.lambda_client = boto3.client("lambda", endpoint_url=self.function.endpoint, region_name=new_pool.REGION)

    def make_old_pool(self, users: list[dict[str, Any]], flow: str, confidential: bool, **credentials: str) -> OldSide:
        client: dict[str, Any] = {"flows": ["ALLOW_" + ADMIN_FLOW, "ALLOW_" + flow]}
        if confidential:
            client["secret"] = "moto makes one up"
        cognito = self.moto.client("cognito-idp", "eu-west-1", **credentials)
        settings = old_pool.fill(cognito, {"clients": [client], "users": users})
        return OldSide(cognito, OldPool(self.moto.endpoint, {**SETTINGS, "SRC_AUTH_FLOW": flow, **settings}))

    def deploy(self, old: OldSide, instances: int = 1, **settings: str) -> None:
        pool = OldPool(old.pool.endpoint, {**old.pool.settings, **settings})
        self.function.deploy(pool, instances)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        """Invokes the function as Lambda's callers do; returns Lambda's answer with its payload read."""
        answer = self.lambda_client.invoke(FunctionName=self.function.name, Payload=json.dumps(event))
        return {"error": answer.get("FunctionError"), "payload": json.load(answer["Payload"])}


class OldSide:
    """An old pool, and the administrator's client with which the story looks at it."""

    def __init__(self, cognito: Any, pool: OldPool):
        self._cognito = cognito
        self.pool = pool

    def join(self, group: str, username: str) -> None:
        """Makes the group, and the user a member of it."""
        pool_id = self.pool.settings["SRC_USER_POOL_ID"]
        self._cognito.create_group(UserPoolId=pool_id, GroupName=group)
        self._cognito.admin_add_user_to_group(UserPoolId=pool_id, GroupName=group, Username=username)

    def is_enabled(self, username: str) -> bool:
        return self._cognito.admin_get_user(
            UserPoolId=self.pool.settings["SRC_USER_POOL_ID"], Username=username)["Enabled"]

    def knows(self, username: str) -> bool:
        users = self._cognito.list_users(UserPoolId=self.pool.settings["SRC_USER_POOL_ID"])["Users"]
        return username in [each["Username"] for each in users]

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        answer = self._cognito.admin_initiate_auth(
            UserPoolId=self.pool.settings["SRC_USER_POOL_ID"], ClientId=self.pool.settings["SRC_CLIENT_ID"],
            AuthFlow=ADMIN_FLOW, AuthParameters={"USERNAME": username, "PASSWORD": password})
        return answer["AuthenticationResult"]


def user(number: int, name: str, status: str = "CONFIRMED", **more: Any) -> dict[str, Any]:
    email = f"{name}@example.com"
    attributes = {
        "email": email, "email_verified": "true", "name": name.capitalize(), "website": "https://example.com/" + name,
        "custom:plan": "gold", "custom:team": "team-" + name, **more.pop("attributes", {})}
    return {
        "username": email, "sub": f"{number:08d}-0000-4000-8000-{number:012d}", "password": PASSWORD, "status": status,
        "enabled": True, "attributes": attributes, **more}


def mapped(old: dict[str, Any]) -> dict[str, str]:
    """What ATTRIBUTE_MAP makes of a user, written down once more and by hand."""
    attributes = dict(old["attributes"], **{"custom:legacy_sub": old["sub"], "custom:tier": old["attributes"]["custom:plan"]})
    del attributes["website"], attributes["custom:plan"]
    return attributes


def stored(new: NewPool, username: str) -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in new.user(username)["UserAttributes"]}


def life_of_a_user(stage: Stage, title: str, old: OldSide, person: dict[str, Any], **settings: str) -> None:
    story, new = stage.story, stage.new
    name, password = person["username"], person["password"]
    story.chapter(title)
    stage.deploy(old, **settings)
    before = new.number_of_users()
    story.step("looks up the user in the new pool: unknown", lambda: new.user(name), "UserNotFoundException")
    story.step(
        "signs in with a wrong password", lambda: new.sign_in(name, WRONG_PASSWORD), REFUSED, "rejected, wrong_credentials")
    story.check("nobody was created", new.number_of_users(), before)
    tokens = story.step(
        "signs in with the password of the old pool", lambda: new.sign_in(name, password), TOKENS, "migrated")
    carried = claims(tokens["IdToken"])
    wanted = {key: value for key, value in mapped(person).items() if key.startswith("custom:") or key == "email"}
    story.check("the id token carries the mapped attributes", {key: carried.get(key) for key in wanted}, wanted)
    story.check("the user stands CONFIRMED", new.user(name)["UserStatus"], "CONFIRMED")
    story.check("with exactly the mapped attributes, the old sub among them", stored(new, name), mapped(person))
    story.step("signs in again", lambda: new.sign_in(name, password))
    story.step("signs in with a wrong password", lambda: new.sign_in(name, WRONG_PASSWORD), REFUSED_BY_THE_NEW_POOL)
    story.step("refreshes the tokens", lambda: new.refresh(tokens))
    story.step("changes the password", lambda: new.change_password(tokens, password, NEW_PASSWORD), "done")
    story.step("signs in with the old password", lambda: new.sign_in(name, password), REFUSED_BY_THE_NEW_POOL)
    story.step("signs in with the new password", lambda: new.sign_in(name, NEW_PASSWORD))
    story.step("at the old pool: the old password is still right", lambda: old.sign_in(name, password))
    story.step("at the old pool: the new password is unknown", lambda: old.sign_in(name, NEW_PASSWORD), REFUSED)


def lives(stage: Stage) -> None:
    ada, bob, zoe = user(1, "ada", password=NON_ASCII_PASSWORD), user(2, "bob"), user(3, "zoe")
    life_of_a_user(
        stage, "A confidential client of the old pool, the admin flow, a password beyond ASCII",
        stage.make_old_pool([ada], ADMIN_FLOW, confidential=True), ada)
    life_of_a_user(
        stage, "A public client of the old pool, the public flow",
        stage.make_old_pool([bob], PUBLIC_FLOW, confidential=False), bob)
    role = stage.moto.client("sts", "eu-west-1").assume_role(RoleArn=ROLE_ARN, RoleSessionName="story")["Credentials"]
    old = stage.make_old_pool(
        [zoe], ADMIN_FLOW, confidential=False, aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"], aws_session_token=role["SessionToken"])
    stage.story.chapter("The old pool in another account")
    stage.deploy(old)
    stage.story.step(
        "signs in while the function has no role there", lambda: stage.new.sign_in(zoe["username"], PASSWORD),
        REFUSED, "failed, Misconfigured")
    life_of_a_user(
        stage, "The old pool in another account, with a role to assume", old, zoe,
        SRC_ROLE_ARN=ROLE_ARN, SRC_EXTERNAL_ID="made-up-external-id")


def refusals_and_policies(stage: Stage) -> None:
    story, new = stage.story, stage.new
    phone = {"phone_number": "+491555000001", "phone_number_verified": "true"}
    sms = {"mfa": ["SMS_MFA"], "preferred_mfa": "SMS_MFA"}
    disabled, invited = user(11, "disabled", enabled=False), user(12, "invited", "FORCE_CHANGE_PASSWORD")
    texter, dropper = user(13, "texter", attributes=phone, **sms), user(14, "dropper", attributes=phone, **sms)
    app = user(15, "app", mfa=["SOFTWARE_TOKEN_MFA"], preferred_mfa="SOFTWARE_TOKEN_MFA")
    old = stage.make_old_pool([disabled, invited, texter, dropper, app], ADMIN_FLOW, confidential=True)

    def sign_in(person: dict[str, Any], doing: str, sees: str, function: str) -> None:
        before = new.number_of_users()
        story.step(doing, lambda: new.sign_in(person["username"], PASSWORD), sees, function)
        if function.startswith("migrated"):
            story.check("the new pool has the mapped attributes", stored(new, person["username"]), mapped(person))
        else:
            story.check("nobody was created", new.number_of_users(), before)

    story.chapter("Users that may not come over")
    stage.deploy(old)
    sign_in(disabled, "a disabled user signs in", REFUSED, "rejected, user_disabled")
    sign_in(invited, "a user signs in with a temporary password", REFUSED, "rejected, temporary_password")
    sign_in(texter, "a user with SMS MFA signs in", REFUSED, "rejected, mfa_refused")
    sign_in(app, "a user with an authenticator app signs in", REFUSED, "rejected, mfa_refused")

    story.chapter("ON_TEMPORARY_PASSWORD=reset")
    stage.deploy(old, ON_TEMPORARY_PASSWORD="reset")
    sign_in(invited, "a user signs in with a temporary password", "PasswordResetRequiredException", "migrated")
    story.check("the user stands RESET_REQUIRED", new.user(invited["username"])["UserStatus"], "RESET_REQUIRED")

    story.chapter("ON_MFA=sms")
    stage.deploy(old, ON_MFA="sms")
    sign_in(app, "a user with an authenticator app signs in", REFUSED, "rejected, mfa_refused")
    answer = story.step(
        "direct invocation for the user with SMS MFA", lambda: stage.invoke(sign_in_event(texter)), "an answer", "migrated")
    # cognito-local does not look at this field.
    story.check("the answer asks for SMS MFA in the new pool", answer["payload"]["response"]["enableSMSMFA"], True)
    sign_in(texter, "the user with SMS MFA signs in", TOKENS, "migrated")

    story.chapter("ON_MFA=drop")
    stage.deploy(old, ON_MFA="drop")
    sign_in(dropper, "a user with SMS MFA signs in", TOKENS, "migrated")
    sign_in(app, "the user with an authenticator app signs in", TOKENS, "migrated")


def forgotten_passwords(stage: Stage) -> None:
    story = stage.story
    verified, unverified = user(21, "forgetful"), user(22, "unverified", attributes={"email_verified": "false"})
    disabled = user(23, "gone", enabled=False)
    old = stage.make_old_pool([verified, unverified, disabled], ADMIN_FLOW, confidential=True)
    story.chapter("Forgotten passwords, by direct invocation: cognito-local does not invoke the function for them")
    stage.deploy(old)

    def ask(username: str, doing: str, sees: str, function: str) -> dict[str, Any]:
        event = dict(sample("forgot-password-verified-user"), userName=username)
        return story.step(doing, lambda: stage.invoke(event), sees, function)

    answer = ask(verified["username"], "a user with a verified e-mail address", "an answer", "migrated")
    response = answer["payload"]["response"]
    story.check("the new pool would store the mapped attributes", response["userAttributes"], mapped(verified))
    story.check("the status is left to Cognito: RESET_REQUIRED", response["finalUserStatus"], None)
    for username, doing, reason in (
        (unverified["username"], "a user with an unverified e-mail address", "no_verified_contact"),
        (disabled["username"], "a disabled user", "user_disabled"),
        ("nobody@example.com", "somebody unknown to the old pool too", "user_not_found"),
    ):
        answer = ask(username, doing, "a Lambda error", "rejected, " + reason)
        story.check(
            "the answer is a constant error", answer,
            {"error": "Unhandled", "payload": {"errorType": "Rejected", "errorMessage": "Incorrect username or password."}})


def usernames_and_outages(stage: Stage) -> None:
    story, new = stage.story, stage.new
    alias, patient = user(31, "alias"), user(32, "patient")
    old = stage.make_old_pool([alias, patient], ADMIN_FLOW, confidential=True)

    story.chapter("DST_USERNAME=sub, for new pools where e-mail addresses are aliases")
    stage.deploy(old, DST_USERNAME="sub")
    story.step("signs in with the e-mail address", lambda: new.sign_in(alias["username"], PASSWORD), TOKENS, "migrated")
    story.check("the new username is the old sub", new.user(alias["username"])["Username"], alias["sub"])

    story.chapter("The old pool is down")
    stage.deploy(OldSide(None, OldPool(f"http://127.0.0.1:{free_port()}", old.pool.settings)))
    before = new.number_of_users()
    story.step(
        "signs in with the right password", lambda: new.sign_in(patient["username"], PASSWORD),
        REFUSED, "failed, SourceUnavailable")
    story.check("nobody was created", new.number_of_users(), before)
    stage.deploy(old)
    story.step("signs in once it is up again", lambda: new.sign_in(patient["username"], PASSWORD), TOKENS, "migrated")


def other_sign_in_names(stage: Stage) -> None:
    story, new = stage.story, stage.new
    # In the old pool people sign in with a number, in the new one with the address.
    person, twin = ({**user(number, name), "username": f"staff-{number}"} for number, name in ((35, "walker"), (36, "twin")))
    other_twin = {**user(37, "twin"), "username": "staff-37"}
    boaster = {**user(38, "boaster", attributes={"email_verified": "false"}), "username": "staff-38"}
    old = stage.make_old_pool([person, twin, other_twin, boaster], ADMIN_FLOW, confidential=True)
    name = person["attributes"]["email"]
    story.chapter("SRC_LOOKUP=email: the old pool knows people under another name")
    stage.deploy(old)
    story.step("signs in with the address, SRC_LOOKUP=none", lambda: new.sign_in(name, PASSWORD), REFUSED, "rejected, user_not_found")
    stage.deploy(old, SRC_LOOKUP="email")
    story.step("signs in with a wrong password", lambda: new.sign_in(name, "Wrong-Passw0rd!"), REFUSED, "rejected, wrong_credentials")
    story.step("signs in with the address", lambda: new.sign_in(name, PASSWORD), TOKENS, "migrated")
    story.check("the attributes are those of the old user", stored(new, name), mapped(person))
    story.step("signs in again", lambda: new.sign_in(name, PASSWORD), TOKENS)
    story.step(
        "signs in with an address that two users have", lambda: new.sign_in(twin["attributes"]["email"], PASSWORD),
        REFUSED, "rejected, ambiguous_user")
    story.step(
        "signs in with an address that was never verified", lambda: new.sign_in(boaster["attributes"]["email"], PASSWORD),
        REFUSED, "rejected, user_not_found")


def guarded_sign_ups(stage: Stage) -> None:
    story, new = stage.story, stage.new
    owner, retired = user(41, "owner"), user(42, "retired", enabled=False)
    old = stage.make_old_pool([owner, retired], ADMIN_FLOW, confidential=True)
    name = owner["username"]
    story.chapter("The sign-up guard: nobody signs up as somebody who has yet to migrate")
    stage.deploy(old)
    before = new.number_of_users()
    story.step(
        "a stranger signs up with the owner's address", lambda: new.sign_up(name, PASSWORD),
        "UserLambdaValidationException", "rejected, account_exists")
    story.check("nobody was created", new.number_of_users(), before)
    story.step("a newcomer signs up", lambda: new.sign_up("newcomer@example.com", PASSWORD), "done", "allowed")
    story.step(
        "somebody signs up with the address of a disabled user", lambda: new.sign_up(retired["username"], PASSWORD),
        "done", "allowed")
    story.step("the owner signs in", lambda: new.sign_in(name, PASSWORD), TOKENS, "migrated")
    story.step(
        "a stranger signs up with it now: Cognito's own answer", lambda: new.sign_up(name, PASSWORD),
        "UsernameExistsException")
    stage.deploy(OldSide(None, OldPool(f"http://127.0.0.1:{free_port()}", old.pool.settings)))
    story.step(
        "somebody signs up while the old pool is down", lambda: new.sign_up("late@example.com", PASSWORD),
        "UserLambdaValidationException", "failed, SourceUnavailable")


def finished_migrations(stage: Stage) -> None:
    story, function = stage.story, stage.function
    mover, stayer, leaver = user(51, "mover"), user(52, "stayer"), user(53, "leaver")
    old = stage.make_old_pool([mover, stayer, leaver], ADMIN_FLOW, confidential=True)
    for group in ("editors", "left-behind"):
        old.join(group, mover["username"])
    new = NewPool(
        stage.processes, function.endpoint, function.name, [*CUSTOM_ATTRIBUTES_OF_THE_NEW_POOL, "migration"],
        triggers=("UserMigration", "PostAuthentication"))
    new.make_group("editors")
    marked = {"MIGRATION_MARK": "custom:migration", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
    story.chapter("MIGRATION_MARK, COPY_GROUPS and SOURCE_USER: what is left to do at the first sign-in")
    with TwoPools(stage.moto.endpoint, new.endpoint) as both:
        reachable = OldSide(None, OldPool(both.url, old.pool.settings))
        name = mover["username"]
        stage.deploy(old, **marked, COPY_GROUPS="true", SOURCE_USER="delete")
        story.step(
            "signs in, while the function cannot reach the new pool", lambda: new.sign_in(name, PASSWORD), TOKENS,
            "migrated; failed, SourceUnavailable")
        story.check("nobody was retired", old.knows(name), True)
        story.check("the mark stays", stored(new, name)["custom:migration"], "pending/" + mover["sub"])
        stage.deploy(reachable, **marked, COPY_GROUPS="true", SOURCE_USER="delete")
        story.step("signs in again", lambda: new.sign_in(name, PASSWORD), TOKENS, "finished")
        story.check("is in the groups that the new pool has", new.groups_of(name), ["editors"])
        story.check("is gone from the old pool", old.knows(name), False)
        # cognito-local has written its older copy of the user over the mark: once more, outside of a sign-in.
        event = {
            "version": "1", "triggerSource": "PostAuthentication_Authentication", "userPoolId": new.id,
            "userName": new.user(name)["Username"], "request": {"userAttributes": stored(new, name)}, "response": {}}
        story.step("direct invocation, as after a sign-in", lambda: stage.invoke(event), "an answer", "finished")
        story.check("the mark says so", stored(new, name)["custom:migration"], "done/" + mover["sub"])
        story.step("signs in once more", lambda: new.sign_in(name, PASSWORD), TOKENS, "not_marked")
        stage.deploy(reachable, **marked)
        name = stayer["username"]
        story.step("another user signs in, SOURCE_USER=keep", lambda: new.sign_in(name, PASSWORD), TOKENS, "migrated; finished")
        story.check("is still in the old pool, enabled", old.is_enabled(name), True)
        stage.deploy(reachable, **marked, SOURCE_USER="disable")
        name = leaver["username"]
        story.step("a third one, SOURCE_USER=disable", lambda: new.sign_in(name, PASSWORD), TOKENS, "migrated; finished")
        story.check("is disabled in the old pool", old.is_enabled(name), False)


def crowd(stage: Stage) -> None:
    story, new = stage.story, stage.new
    people = [user(100 + number, f"guest{number}") for number in range(CROWD)]
    old = stage.make_old_pool(people, ADMIN_FLOW, confidential=True)
    story.chapter(f"{CROWD} users at once, {INSTANCES_FOR_THE_CROWD} instances of the function")
    stage.deploy(old, INSTANCES_FOR_THE_CROWD)

    def sign_all_in() -> list[str]:
        with ThreadPoolExecutor(CROWD) as pool:
            tokens = pool.map(lambda person: new.sign_in(person["username"], PASSWORD), people)
            return [claims(each["IdToken"])["custom:legacy_sub"] for each in tokens]

    for doing, invocations in (("all sign in for the first time", CROWD), ("all sign in again", 0)):
        before, started = stage.function.invocations(), time.monotonic()
        subs = sign_all_in()
        ran = stage.function.invocations() - before
        story.check(f"{doing}: {(time.monotonic() - started) * 1000:.0f} ms; the function ran {ran} times", ran, invocations)
        story.check("everybody got their own tokens", subs, [person["sub"] for person in people])
    for person in people:
        if stored(new, person["username"]) != mapped(person):
            raise Failure(f"{person['username']} has other attributes than expected")
    story.check("everybody has their own attributes", len(people), CROWD)


def sign_in_event(person: dict[str, Any]) -> dict[str, Any]:
    event = dict(sample("sign-in"), userName=person["username"])
    event["request"] = dict(event["request"], password=person["password"])
    return event


def sample(name: str) -> dict[str, Any]:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def _seen(result: Any) -> str:
    if isinstance(result, dict) and "AccessToken" in result:
        return TOKENS
    if isinstance(result, dict) and "payload" in result:
        return "a Lambda error" if result["error"] else "an answer"
    return "done"


def _outcome(line: dict[str, Any]) -> str:
    return line["outcome"] + (", " + line["reason"] if line.get("reason") else "")


STORY = (
    lives, refusals_and_policies, usernames_and_outages, other_sign_in_names, forgotten_passwords, guarded_sign_ups,
    finished_migrations, crowd)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_packaged_option(parser)
    parser.add_argument("--if-node", action="store_true", help="without Node.js: say so and succeed, except where CI=true")
    arguments = parser.parse_args()
    if arguments.if_node and not new_pool.node_is_installed() and os.environ.get("CI") != "true":
        print("Node.js is not installed: the end-to-end story was left out")
        return 0
    local_aws.isolate()
    with Processes() as processes:
        say("Installing the new pool's emulator, building the function, starting both pools")
        stage = Stage(processes, arguments.packaged)
        started = time.monotonic()
        try:
            for part in STORY:
                part(stage)
        finally:
            story = stage.story
            print(f"\n{time.monotonic() - started:.1f} s\ne2e: {story.passed} passed, {story.failed} failed")
    return 0


if __name__ == "__main__":
    finish(main, "The story ended early")
