"""make e2e: ordinary sign-ins to a destination pool that has never heard of the users.

The source pool is moto, the destination pool cognito-local, and between them runs the real function. Each step is one
line: what was done, what the user saw, how long it took, and what the function did if it ran.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Callable

from botocore.exceptions import ClientError

from tools import ROOT, Failure
from tools.base.processes import Processes, free_port
from tools.base.terminal import BOLD, DIM, GREEN, RED, paint
from tools.build.cargo import FUNCTION, OPERATORS_PROGRAM, PACKAGED_ZIP, as_tested, unpacked
from tools.stage import app, destination_pool, local_aws, node, source_pool
from tools.stage.app import App, CognitoForApps
from tools.stage.destination_pool import RESET_CODE, DestinationPool, claims
from tools.stage.front import BothPools
from tools.stage.function import HostedFunction, outcome
from tools.stage.local import arguments_parser, say
from tools.stage.operators_program import OperatorsProgram, PoolsOfAnOperator, rows
from tools.stage.scenarios import sample

TOKENS = "tokens"
REJECTED = "NotAuthorizedException"
# cognito-local's code for the wrong password of a user that it has; Cognito's is NotAuthorizedException there too.
REJECTED_BY_THE_DESTINATION_POOL = "InvalidPasswordException"
RESET = "PasswordResetRequiredException"

PASSWORD = "Made-up-Passw0rd!"
NON_ASCII_PASSWORD = "Ausgedacht-Paßw0rt-✓!"
WRONG_PASSWORD = "Not-the-Passw0rd!"
NEW_PASSWORD = "Another-made-up-Passw0rd!"

ADMIN_FLOW = "ADMIN_USER_PASSWORD_AUTH"
PUBLIC_FLOW = "USER_PASSWORD_AUTH"
ATTRIBUTE_MAP = {"sub": "custom:legacy_sub", "website": None, "custom:plan": "custom:tier", "custom:*": "custom:*"}
ATTRIBUTES = ["legacy_sub", "tier", "team"]
# cognito-local takes an unchanged event for a success.
SETTINGS = {"ATTRIBUTE_MAP": json.dumps(ATTRIBUTE_MAP), "ON_REJECT": "error"}
PHONE = {"phone_number": "+491555000001", "phone_number_verified": "true"}
SMS = {"attributes": PHONE, "mfa": ["SMS_MFA"], "preferred_mfa": "SMS_MFA"}
TOTP = {"mfa": ["SOFTWARE_TOKEN_MFA"], "preferred_mfa": "SOFTWARE_TOKEN_MFA"}

# The account of the source pool where the function has to assume a role to reach it.
ROLE_ARN = "arn:aws:iam::111122223333:role/user-migration-reader"

WORDS_OF_THE_APP = ROOT / "tests" / "e2e" / "auth.test.mjs"

CROWD = 50
INSTANCES_FOR_THE_CROWD = 5

User = dict[str, Any]


class Source:
    """A source pool in moto, seen by its administrator; `settings` are those of the function for it."""

    def __init__(self, moto: source_pool.Moto, users: list[User], flow: str, secret: bool, credentials: dict[str, str]):
        client = {"flows": ["ALLOW_" + ADMIN_FLOW, "ALLOW_" + flow], **({"secret": "moto's own"} if secret else {})}
        self._cognito = moto.client("cognito-idp", "eu-west-1", **credentials)
        filled = source_pool.fill(self._cognito, {"clients": [client], "users": users})
        self.settings = {**SETTINGS, "SRC_AUTH_FLOW": flow, **filled}
        self._pool = {"UserPoolId": filled["SRC_USER_POOL_ID"]}

    def make_group(self, name: str, *members: str) -> None:
        self._cognito.create_group(**self._pool, GroupName=name)
        for username in members:
            self._cognito.admin_add_user_to_group(**self._pool, GroupName=name, Username=username)

    def enabled(self) -> set[str]:
        """The `sub` of each enabled user."""
        users = self._cognito.list_users(**self._pool)["Users"]
        attributes = [user["Attributes"] for user in users if user["Enabled"]]
        return {each["Value"] for named in attributes for each in named if each["Name"] == "sub"}

    def is_enabled(self, username: str) -> bool:
        return self._cognito.admin_get_user(**self._pool, Username=username)["Enabled"]

    def disable(self, username: str) -> None:
        self._cognito.admin_disable_user(**self._pool, Username=username)

    def enable(self, username: str) -> None:
        self._cognito.admin_enable_user(**self._pool, Username=username)

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        parameters = {"USERNAME": username, "PASSWORD": password}
        client = self.settings["SRC_CLIENT_ID"]
        return self._cognito.admin_initiate_auth(
            **self._pool, ClientId=client, AuthFlow=ADMIN_FLOW, AuthParameters=parameters
        )["AuthenticationResult"]


class Story:
    """Both pools and the function. Does things, compares what came of them, and prints a line about each."""

    def __init__(self, processes: Processes, packaged: bool):
        self.passed = 0
        self.failed = 0
        self.processes = processes
        for package in (destination_pool.PACKAGE, app.PACKAGE):
            node.install(processes, package)
        self.moto = source_pool.start_moto(processes)
        built = as_tested(processes)
        self.program = built[OPERATORS_PROGRAM]
        if packaged:
            built[FUNCTION] = unpacked(PACKAGED_ZIP, processes.directory)
        self.function = HostedFunction(processes, built)
        self.pool = self.make_destination("PreSignUp", "UserMigration")
        source_pool.wait_for_moto(processes, self.moto)

    def make_destination(
        self, *triggers: str, attributes: tuple[str, ...] = (), names: tuple[str, ...] = ("email",)
    ) -> DestinationPool:
        functions = dict.fromkeys(triggers, self.function.name)
        return DestinationPool(self.processes, self.function.endpoint, functions, [*ATTRIBUTES, *attributes], names)

    def make_source(self, *users: User, flow: str = ADMIN_FLOW, secret: bool = True, **credentials: str) -> Source:
        return Source(self.moto, list(users), flow, secret, credentials)

    def deploy(self, source: Source, endpoint: str | None = None, instances: int = 1, **settings: str) -> None:
        self.function.deploy({**source.settings, **settings}, endpoint or self.moto.endpoint, instances)

    def deploy_without_source(self, source: Source) -> None:
        self.deploy(source, f"http://127.0.0.1:{free_port()}")

    def chapter(self, title: str) -> None:
        print("\n" + paint(title, BOLD), flush=True)

    def step(self, doing: str, act: Callable[[], Any], sees: str = TOKENS, function: str = "") -> Any:
        """`sees`: what _seen says of the result, or an error code; `function`: the outcomes that it logs."""
        invocations, logged = self.function.invocations(), len(self.function.log())
        started = time.monotonic()
        result: Any = None
        try:
            result = act()
            saw = _seen(result)
        except ClientError as error:
            saw = error.response["Error"]["Code"]
        milliseconds = (time.monotonic() - started) * 1000
        ran = [outcome(line) for line in self.function.log()[logged:]]
        good = saw == sees and "; ".join(ran) == function and self.function.invocations() - invocations == len(ran)
        did = "function: " + "; ".join(ran) if ran else "function did not run"
        self._line(good, f"{doing:<72}{saw:<31}{milliseconds:5.0f} ms  {paint(did, DIM)}")
        if not good:
            raise Failure(f"expected: {sees}; function: {function or 'did not run'}\n{self.function.printed()}")
        return result

    def check(self, what: str, came: Any, expected: Any) -> None:
        self._line(came == expected, what)
        if came != expected:
            raise Failure(f"expected: {expected}\ncame:     {came}\n{self.function.printed()}")

    def sign_in(self, doing: str, person: User, sees: str, function: str) -> None:
        """A first sign-in, and what the destination pool holds after it."""
        before = self.pool.number_of_users()
        name = person["attributes"]["email"]
        self.step(doing, lambda: self.pool.sign_in(name, person["password"]), sees, function)
        if function == "migrated":
            self.check("the destination pool has the mapped attributes", self.pool.attributes(name), mapped(person))
        else:
            self.check("no user was created", self.pool.number_of_users(), before)

    def invoke(self, event: dict[str, Any]) -> dict[str, Any]:
        error, payload = self.function.invoke(json.dumps(event).encode())
        return {"error": error, "payload": json.loads(payload)}

    def _line(self, good: bool, text: str) -> None:
        self.passed, self.failed = self.passed + good, self.failed + (not good)
        print(paint("✓", GREEN) if good else paint("✗", BOLD, RED), text, flush=True)


def user(number: int, name: str, status: str = "CONFIRMED", **more: Any) -> User:
    email = f"{name}@example.com"
    attributes = {
        "email": email,
        "email_verified": "true",
        "name": name.capitalize(),
        "website": "https://example.com/" + name,
        "custom:plan": "gold",
        "custom:team": "team-" + name,
        **more.pop("attributes", {}),
    }
    sub = f"{number:08d}-0000-4000-8000-{number:012d}"
    known = {"username": email, "sub": sub, "password": PASSWORD, "status": status, "enabled": True}
    return {**known, "attributes": attributes, **more}


def mapped(person: User) -> dict[str, str]:
    """What ATTRIBUTE_MAP makes of a user, written down once more and by hand."""
    attributes = dict(person["attributes"])
    del attributes["website"]
    attributes["custom:tier"] = attributes.pop("custom:plan")
    return {**attributes, "custom:legacy_sub": person["sub"]}


def one_life(story: Story) -> None:
    pool, ada = story.pool, user(1, "ada", password=NON_ASCII_PASSWORD)
    name, password = ada["username"], ada["password"]
    source = story.make_source(ada)
    story.chapter("One life: a confidential client, the admin flow, a password beyond ASCII")
    story.deploy_without_source(source)
    story.step("looks up the user in the destination pool: unknown", lambda: pool.user(name), "UserNotFoundException")
    story.sign_in("signs in while the source pool is down", ada, REJECTED, "failed, SourceUnavailable")
    story.deploy(source)
    wrong = {**ada, "password": WRONG_PASSWORD}
    story.sign_in("signs in with a wrong password", wrong, REJECTED, "rejected, wrong_credentials")
    doing = "signs in with the password of the source pool"
    tokens = story.step(doing, lambda: pool.sign_in(name, password), TOKENS, "migrated")
    carried = claims(tokens["IdToken"])
    wanted = {key: value for key, value in mapped(ada).items() if key.startswith("custom:") or key == "email"}
    story.check("the ID token carries the mapped attributes", {key: carried.get(key) for key in wanted}, wanted)
    story.check("the user is CONFIRMED", pool.user(name)["UserStatus"], "CONFIRMED")
    story.check("with exactly the mapped attributes, the source sub among them", pool.attributes(name), mapped(ada))
    story.step("signs in again", lambda: pool.sign_in(name, password))
    doing = "signs in with a wrong password"
    story.step(doing, lambda: pool.sign_in(name, WRONG_PASSWORD), REJECTED_BY_THE_DESTINATION_POOL)
    story.step("refreshes the tokens", lambda: pool.refresh(tokens))
    story.step("changes the password", lambda: pool.change_password(tokens, password, NEW_PASSWORD), "done")
    doing = "signs in with the password of the source pool"
    story.step(doing, lambda: pool.sign_in(name, password), REJECTED_BY_THE_DESTINATION_POOL)
    story.step("signs in with the new password", lambda: pool.sign_in(name, NEW_PASSWORD))
    story.step("at the source pool: its password is still right", lambda: source.sign_in(name, password))
    story.step("at the source pool: the new password is unknown", lambda: source.sign_in(name, NEW_PASSWORD), REJECTED)


def differences(story: Story) -> None:
    disabled, invited = user(11, "disabled", enabled=False), user(12, "invited", "FORCE_CHANGE_PASSWORD")
    texter, dropper, app = user(13, "texter", **SMS), user(14, "dropper", **SMS), user(15, "app", **TOTP)
    prover, weak = user(16, "prover", **TOTP), user(17, "weak")
    alias, bob, zoe = user(31, "alias"), user(2, "bob"), user(3, "zoe")
    source = story.make_source(disabled, invited, texter, dropper, app, prover, weak, alias)

    story.chapter("Users that are rejected, and the settings under which they migrate")
    for setting, person, who, sees, function in [
        ("ON_MFA=refuse", disabled, "a disabled user", REJECTED, "rejected, user_disabled"),
        ("ON_TEMPORARY_PASSWORD=refuse", invited, "an invited user", REJECTED, "rejected, temporary_password"),
        ("ON_TEMPORARY_PASSWORD=reset", invited, "an invited user", RESET, "migrated"),
        ("ON_MFA=refuse", texter, "a user with SMS MFA", REJECTED, "rejected, mfa_refused"),
        ("ON_MFA=refuse", app, "a user with an authenticator app", REJECTED, "rejected, mfa_refused"),
        ("ON_MFA=sms", app, "a user with an authenticator app", REJECTED, "rejected, mfa_refused"),
        ("ON_MFA=sms", texter, "a user with SMS MFA", TOKENS, "migrated"),
        ("ON_MFA=reset", prover, "a user with an authenticator app", RESET, "migrated"),
        ("ON_MFA=drop", dropper, "a user with SMS MFA", TOKENS, "migrated"),
        ("ON_MFA=drop", app, "a user with an authenticator app", TOKENS, "migrated"),
        ('PASSWORD_POLICY={"minimumLength":40}', weak, "a user", RESET, "migrated"),
    ]:
        story.deploy(source, **dict([setting.split("=")]))
        story.sign_in(f"{setting}: {who} signs in", person, sees, function)
    status = story.pool.user(invited["username"])["UserStatus"]
    story.check("ON_TEMPORARY_PASSWORD=reset: the user is RESET_REQUIRED", status, "RESET_REQUIRED")
    story.deploy(source, ON_MFA="sms")
    event = sample("sign-in")
    event.update(userName=texter["username"], request={**event["request"], "password": PASSWORD})
    doing = "ON_MFA=sms: direct invocation for the user with SMS MFA"
    answer = story.step(doing, lambda: story.invoke(event), "an answer", "migrated")
    # cognito-local does not look at this field.
    story.check("the answer asks for SMS MFA", answer["payload"]["response"]["enableSMSMFA"], True)
    story.deploy(source, DST_USERNAME="sub")
    address = alias["username"]
    doing = "DST_USERNAME=sub: signs in with the address, an alias"
    story.step(doing, lambda: story.pool.sign_in(address, PASSWORD), TOKENS, "migrated")
    story.check("the user name is the source sub", story.pool.user(address)["Username"], alias["sub"])

    story.chapter("Another flow, another account")
    story.deploy(story.make_source(bob, flow=PUBLIC_FLOW, secret=False))
    story.sign_in("signs in, a public client and the public flow", bob, TOKENS, "migrated")
    role = story.moto.client("sts", "eu-west-1").assume_role(RoleArn=ROLE_ARN, RoleSessionName="story")["Credentials"]
    names = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token"]
    keys = dict(zip(names, (role["AccessKeyId"], role["SecretAccessKey"], role["SessionToken"])))
    other = story.make_source(zoe, secret=False, **keys)
    story.deploy(other)
    story.sign_in("signs in while the function has no role there", zoe, REJECTED, "failed, Misconfigured")
    story.deploy(other, SRC_ROLE_ARN=ROLE_ARN, SRC_EXTERNAL_ID="made-up-external-id")
    story.sign_in("signs in with a role to assume", zoe, TOKENS, "migrated")


def forgotten_passwords(story: Story) -> None:
    verified, unverified = user(21, "forgetful"), user(22, "unverified", attributes={"email_verified": "false"})
    disabled = user(23, "locked", enabled=False)
    story.chapter("Forgotten passwords, by direct invocation: cognito-local does not invoke the function for them")
    story.deploy(story.make_source(verified, unverified, disabled))
    error = {"errorType": "Rejected", "errorMessage": "Incorrect username or password."}
    for name, doing, reason in (
        (verified["username"], "a user with a verified e-mail address", ""),
        (unverified["username"], "a user with an unverified e-mail address", "no_verified_contact"),
        (disabled["username"], "a disabled user", "user_disabled"),
        ("unknown@example.com", "a user unknown to the source pool too", "user_not_found"),
    ):
        event = {**sample("forgot-password-verified-user"), "userName": name}
        sees, function = ("a Lambda error", "rejected, " + reason) if reason else ("an answer", "migrated")
        answer = story.step(doing, lambda event=event: story.invoke(event), sees, function)
        if reason:
            story.check("the answer is a constant error", answer, {"error": "Unhandled", "payload": error})
        else:
            response = answer["payload"]["response"]
            story.check("the mapped attributes would be stored", response["userAttributes"], mapped(verified))
            story.check("the status is left to Cognito: RESET_REQUIRED", response["finalUserStatus"], None)


def another_sign_in_name(story: Story) -> None:
    # In the source pool people sign in with a number, in the destination pool with the address.
    unverified = {"email_verified": "false"}
    people = [user(35, "walker"), user(36, "twin"), user(37, "twin"), user(38, "boaster", attributes=unverified)]
    person, twin, _, boaster = people = [{**each, "username": f"staff-{number}"} for number, each in enumerate(people)]
    source = story.make_source(*people)
    story.chapter("SRC_LOOKUP=email: the source pool knows people under another name")
    story.deploy(source)
    story.sign_in("signs in with the address, SRC_LOOKUP=none", person, REJECTED, "rejected, user_not_found")
    story.deploy(source, SRC_LOOKUP="email")
    wrong = {**person, "password": WRONG_PASSWORD}
    story.sign_in("signs in with a wrong password", wrong, REJECTED, "rejected, wrong_credentials")
    story.sign_in("signs in with the address", person, TOKENS, "migrated")
    story.step("signs in again", lambda: story.pool.sign_in(person["attributes"]["email"], PASSWORD))
    story.sign_in("signs in with an address that two users have", twin, REJECTED, "rejected, ambiguous_user")
    story.sign_in("signs in with an unverified address", boaster, REJECTED, "rejected, user_not_found")


def guarded_sign_ups(story: Story) -> None:
    owner, disabled = user(41, "owner"), user(42, "former", enabled=False)
    source = story.make_source(owner, disabled)
    pool, name = story.pool, owner["username"]
    before = pool.number_of_users()
    story.chapter("The sign-up guard: no sign-up takes a name of a user who can still migrate")
    story.deploy(source)
    guarded = "UserLambdaValidationException"

    def sign_up(doing: str, username: str, sees: str, function: str) -> None:
        story.step(doing, lambda: pool.sign_up(username, PASSWORD), sees, function)

    sign_up("a stranger signs up with the owner's address", name, guarded, "rejected, account_exists")
    story.check("no user was created", pool.number_of_users(), before)
    sign_up("a newcomer signs up", "newcomer@example.com", "done", "allowed")
    sign_up("a stranger signs up with the address of a disabled user", disabled["username"], "done", "allowed")
    story.sign_in("the owner signs in", owner, TOKENS, "migrated")
    sign_up("a stranger signs up with it now: Cognito's own answer", name, "UsernameExistsException", "")
    story.deploy_without_source(source)
    doing = "a user signs up while the source pool is down"
    sign_up(doing, "late@example.com", guarded, "failed, SourceUnavailable")


def post_migration_steps(story: Story) -> None:
    mover, stayer, victim = user(51, "mover"), user(52, "stayer"), user(53, "victim")
    source = story.make_source(mover, stayer, victim)
    source.make_group("editors", mover["username"], victim["username"])
    source.make_group("left-behind", mover["username"])
    pool = story.make_destination("UserMigration", "PostAuthentication", attributes=("migration",))
    pool.make_group("editors")
    marked = {"MIGRATION_MARK": "custom:migration", "AWS_LAMBDA_LOG_LEVEL": "DEBUG"}
    everything = {**marked, "COPY_GROUPS": "*", "SOURCE_USER": "disable"}
    name, sub = mover["username"], mover["sub"]

    def sign_in(doing: str, username: str, function: str) -> None:
        story.step(doing, lambda: pool.sign_in(username, PASSWORD), TOKENS, function)

    story.chapter("MIGRATION_MARK, COPY_GROUPS and SOURCE_USER: the post-migration steps")
    with BothPools(story.moto.endpoint, pool.endpoint) as both:
        story.deploy(source, **everything)
        doing = "signs in while the function cannot reach the destination pool"
        sign_in(doing, name, "migrated; failed, SourceUnavailable")
        story.check("the source user is enabled", source.is_enabled(name), True)
        story.check("the mark says what is left to do", pool.attributes(name)["custom:migration"], "pending/" + sub)
        story.deploy(source, both.url, **everything)
        sign_in("signs in again", name, "finished")
        story.check("is in the groups that the destination pool has", pool.groups_of(name), ["editors"])
        story.check("the source user is disabled", source.is_enabled(name), False)
        # cognito-local has written its older copy of the user over the mark: once more, outside of a sign-in.
        source.enable(name)
        event = {**sample("signed-in-pending"), "userPoolId": pool.id, "userName": pool.user(name)["Username"]}
        event["request"]["userAttributes"] = pool.attributes(name)
        story.step("direct invocation, as after a sign-in", lambda: story.invoke(event), "an answer", "finished")
        story.check(
            "the mark says who disabled the source user", pool.attributes(name)["custom:migration"], "off/" + sub
        )
        story.check("the source user is disabled", source.is_enabled(name), False)
        sign_in("signs in once more", name, "not_marked")
        story.deploy(source, both.url, **marked)
        sign_in("another user signs in, SOURCE_USER=keep", stayer["username"], "migrated; finished")
        way_back(story, source, pool, mover, stayer)
        story.check("the source user is enabled", source.is_enabled(stayer["username"]), True)
        # Where an app client may write it, users can.
        pool.set_attribute(stayer["username"], "custom:migration", "pending/" + victim["sub"])
        story.deploy(source, both.url, **everything)
        sign_in("signs in with a mark of another user", stayer["username"], "rejected, mark_of_another_user")
        story.check("is in no group of the other's", pool.groups_of(stayer["username"]), [])
        story.check("the other's source user is enabled", source.is_enabled(victim["username"]), True)


def way_back(story: Story, source: Source, pool: DestinationPool, mover: User, shut_out: User) -> None:
    """The function has disabled the one source user, and an administrator the other."""
    name = mover["username"]
    source.disable(shut_out["username"])
    with PoolsOfAnOperator(story.moto.endpoint, pool) as pools:
        settings = {**source.settings, "MIGRATION_MARK": "custom:migration"}
        program = OperatorsProgram(story.program, pools, settings, pool.id)
        came = program.run("restore")
        story.check("restore counts the user whom the function disabled", came["to_restore"], [mover["sub"]])
        story.check("restore: the source user is still disabled", source.is_enabled(name), False)
        came = program.run("restore", "--apply")
        story.check("restore --apply: it names the user", came["restored"], [mover["sub"]])
        kept = [sub for subs in came["kept"].values() for sub in subs]
        story.check("restore --apply: the other one stays", kept, [shut_out["sub"]])
        signed_in = "AccessToken" in source.sign_in(name, PASSWORD)
        story.check("restore --apply: the old password signs in to the source pool again", signed_in, True)
        story.check("restore --apply: who was shut out stays out", source.is_enabled(shut_out["username"]), False)
        story.check("the stand-in for Cognito had no fault", pools.faults, [])
    source.enable(shut_out["username"])


def crowd(story: Story) -> None:
    people = [user(100 + number, f"guest{number}") for number in range(CROWD)]
    story.chapter(f"{CROWD} users at once, {INSTANCES_FOR_THE_CROWD} instances of the function")
    story.deploy(story.make_source(*people), instances=INSTANCES_FOR_THE_CROWD)

    def sub_after_sign_in(person: User) -> str:
        return claims(story.pool.sign_in(person["username"], PASSWORD)["IdToken"])["custom:legacy_sub"]

    for doing, invocations in (("all sign in for the first time", CROWD), ("all sign in again", 0)):
        before, started = story.function.invocations(), time.monotonic()
        with ThreadPoolExecutor(CROWD) as pool:
            subs = list(pool.map(sub_after_sign_in, people))
        ran = story.function.invocations() - before
        took = (time.monotonic() - started) * 1000
        story.check(f"{doing}: {took:.0f} ms; the function ran {ran} times", ran, invocations)
        story.check("every user got their own tokens", subs, [person["sub"] for person in people])
    attributes = [story.pool.attributes(person["username"]) for person in people]
    story.check("every user has their own attributes", attributes, [mapped(person) for person in people])


def operators_program(story: Story) -> None:
    ana, bo, late, later = (user(70 + number, name) for number, name in enumerate(("ana", "bo", "late", "later")))
    unreachable = user(74, "unreachable", attributes={"email_verified": "false"})
    # By the reason for which they neither migrate nor are imported.
    others = {
        "user_disabled": user(75, "dismissed", enabled=False),
        "not_confirmed": user(76, "unfinished", "UNCONFIRMED"),
        "temporary_password": user(77, "guest", "FORCE_CHANGE_PASSWORD"),
        "external_provider": user(78, "social", attributes={"identities": "[]"}),
    }
    people = [ana, bo, late, later, unreachable, *others.values()]
    reasons = {person["sub"]: reason for reason, person in others.items()}
    # moto's other flow signs in users who never confirmed.
    source = story.make_source(*people, flow=PUBLIC_FLOW, secret=False)
    pool = story.make_destination("UserMigration")
    folder = story.processes.directory / "stragglers"
    folder.mkdir()
    match = ("--match", "custom:legacy_sub")
    happened: dict[str, Counter[str]] = {"sign_in": Counter(), "forgot_password": Counter()}

    def happens(column: str, person: User, doing: str, act: Callable[[], Any], sees: dict[bool, str]) -> None:
        """Something that the survey has foreseen."""
        foreseen = predicted[person["sub"]][column]
        # A user of an identity provider has no known password. Here it is a wrong one.
        is_guess = (column, foreseen) == ("sign_in", "external_provider")
        logged = "rejected, wrong_credentials" if is_guess else f"rejected, {foreseen}"
        is_migrated = foreseen == "migrated"
        story.step(doing, act, sees[is_migrated], "migrated" if is_migrated else logged)
        happened[column][foreseen] += 1

    def sign_in(person: User) -> None:
        name = person["username"]
        password = WRONG_PASSWORD if "identities" in person["attributes"] else PASSWORD
        sees = {True: TOKENS, False: REJECTED}
        happens("sign_in", person, f"{name} signs in", lambda: pool.sign_in(name, password), sees)

    def reset(person: User) -> None:
        event = {**sample("forgot-password-verified-user"), "userName": person["username"]}
        doing = f"direct invocation: {person['username']} has forgotten the password"
        sees = {True: "an answer", False: "a Lambda error"}
        happens("forgot_password", person, doing, lambda: story.invoke(event), sees)

    story.chapter("The operator's program: survey, progress, stragglers, retire, restore and subs")
    story.deploy(source)
    with PoolsOfAnOperator(story.moto.endpoint, pool) as pools:
        program = OperatorsProgram(story.program, pools, source.settings, pool.id)
        survey = program.run("survey", "--csv", str(folder / "survey.csv"))
        predicted = {row["sub"]: row for row in rows(folder / "survey.csv")}
        once = dict.fromkeys(others, 1)
        story.check("survey: five users will migrate at a sign-in", survey["sign_in"], {"migrated": 5, **once})
        expected = {"migrated": 4, "no_verified_contact": 1, **once}
        story.check("survey: four will at a password reset", survey["forgot_password"], expected)
        for person in people:
            reset(person)
        for person in (ana, bo, *others.values()):
            sign_in(person)
        moved = {person["sub"]: pool.user(person["username"])["Username"] for person in (ana, bo)}

        progress = program.run("progress")
        came = (progress["users"], progress["left"])
        # Estimates do not tell who has moved from who signed up.
        story.check("progress: nine users and two", came, ({"source": 9, "destination": 2}, None))

        came = program.run("stragglers", "--out", str(folder), *match)
        counts = (came["moved"], came["import"], came["left_out"])
        expected = (2, 2, {"no_verified_contact": 1, **once})
        story.check("stragglers: two can be imported, five are left out", counts, expected)
        imported = {row["custom:legacy_sub"]: row["cognito:username"] for row in rows(folder / "import-001.csv")}
        expected = {person["sub"]: person["username"] for person in (late, later)}
        story.check("stragglers: the file holds those who can", imported, expected)
        left_out = {row["sub"]: row["reason"] for row in rows(folder / "left-out.csv")}
        expected = {**reasons, unreachable["sub"]: "no_verified_contact"}
        story.check("stragglers: and another one the rest, with the reason", left_out, expected)

        # An administrator shuts out a user who has moved.
        source.disable(bo["username"])
        enabled = source.enabled()
        came = program.run("retire", *match)
        story.check("retire counts those who have moved", came["to_retire"], [ana["sub"]])
        story.check("retire: no user was disabled", source.enabled(), enabled)
        record = folder / "retired.txt"
        came = program.run("retire", *match, "--record", str(record), "--apply")
        story.check("retire --apply: it names them", came["retired"], [ana["sub"]])
        story.check("retire --apply: they are disabled, and no others", source.enabled(), enabled - {ana["sub"]})
        came = program.run("retire", *match, "--apply")
        counts = (came["retired"], came["already_disabled"])
        story.check("retire --apply, once more: nothing is left", counts, ([], 2))
        came = program.run("restore", *match, "--record", str(record), "--apply")
        story.check("restore --apply: it names those of the record", came["restored"], [ana["sub"]])
        story.check("restore --apply: no user who was shut out is enabled", source.enabled(), enabled)
        signed_in = "AccessToken" in source.sign_in(ana["username"], PASSWORD)
        story.check("restore --apply: the old password signs in to the source pool again", signed_in, True)
        story.step("ana signs in again", lambda: pool.sign_in(ana["username"], PASSWORD))

        attribute = ("--attribute", "custom:legacy_sub")
        program.run("subs", *attribute, "--out", str(folder / "subs.csv"), pools=("--pool",))
        pairs = {row["source_sub"]: row["destination_sub"] for row in rows(folder / "subs.csv")}
        story.check("subs: each sub of the source pool has its new one", pairs, moved)

        for person in (late, later, unreachable):
            sign_in(person)
        came = program.run("progress")["users"]["destination"]
        story.check("progress: all five have moved whom the survey had foreseen", came, 5)
        foreseen = {column: survey[column] for column in happened}
        story.check("what happened is what the survey had foreseen, for every user", foreseen, happened)
        story.check("the stand-in for Cognito had no fault", pools.faults, [])


def where_users_end_up(story: Story) -> None:
    """What `survey` calls the result is what two sign-ins lead to, in each shape of pool that cognito-local knows."""
    number = "+491555000090"
    users = {
        "an address as the name": user(90, "named-by-address"),
        "a plain name": user(91, "plain", username="plain-name"),
        "an old address as the name": user(92, "moved-house", username="before@example.com"),
        "a phone number as the name": user(
            93, "named-by-number", username=number, attributes={**PHONE, "phone_number": number}
        ),
        "an unproven address": user(94, "unproven", attributes={"email_verified": "false"}),
        "an invitation": user(95, "guest-of-honour", "FORCE_CHANGE_PASSWORD"),
        "a disabled user": user(96, "shut-out", enabled=False),
    }
    # cognito-local takes every user. Those whom Cognito refuses it does not find again.
    shown = {"refused": "locked_out"}
    seen: set[str] = set()

    def end(pool: DestinationPool, name: str) -> str:
        """What two sign-ins lead to."""

        def sign_in() -> tuple[str, bool]:
            before = story.function.invocations()
            try:
                saw = _seen(pool.sign_in(name, PASSWORD))
            except ClientError as error:
                saw = error.response["Error"]["Code"]
            return saw, story.function.invocations() > before

        saw, _ = sign_in()
        if saw == REJECTED:
            return "stays"
        _, is_unknown = sign_in()
        if is_unknown:
            return "locked_out"
        return {TOKENS: "moves", RESET: "moves_after_reset"}[saw]

    story.chapter("Where users end up: what survey foresees is what two sign-ins lead to")
    source = story.make_source(*users.values())
    for names in (("email",), ("phone_number",), ("email", "phone_number")):
        for lookup in ("none", "email"):
            settings = {"SRC_LOOKUP": lookup, "ON_TEMPORARY_PASSWORD": "reset"}
            story.deploy(source, **settings)
            pool = story.make_destination("UserMigration", names=names)
            with PoolsOfAnOperator(story.moto.endpoint, pool) as pools:
                program = OperatorsProgram(story.program, pools, {**source.settings, **settings}, pool.id)
                survey = story.processes.directory / f"{'-'.join(names)}-{lookup}.csv"
                program.run("survey", "--csv", str(survey))
                story.check("the stand-in for Cognito had no fault", pools.faults, [])
            foreseen = {row["sub"]: row["result"] for row in rows(survey)}
            seen.update(foreseen.values())
            expected = {kind: shown.get(foreseen[each["sub"]], foreseen[each["sub"]]) for kind, each in users.items()}
            typed = {
                kind: each["attributes"]["email"] if lookup == "email" else each["username"]
                for kind, each in users.items()
            }
            came = {kind: end(pool, typed[kind]) for kind in users}
            story.check(f"by {' or '.join(names)}, SRC_LOOKUP={lookup}: all {len(users)} users", came, expected)
    story.check("each result but locked_out was foreseen", seen, {"moves", "moves_after_reset", "refused", "stays"})


def an_app(story: Story) -> None:
    owner, invited = user(61, "owner-of-an-app"), user(62, "invited-to-an-app", "FORCE_CHANGE_PASSWORD")
    others = {name: user(63 + number, name) for number, name in enumerate(("javascript", "python", "late-riser"))}
    invitees = [user(66 + number, f"invitee-{number}", "FORCE_CHANGE_PASSWORD") for number in range(2)]
    source = story.make_source(owner, invited, *others.values(), *invitees)
    name, guest, late = owner["username"], invited["username"], others["late-riser"]["username"]
    weak = "short"
    story.chapter("An app with Amplify: examples/app/auth.js")
    story.deploy(source, ON_TEMPORARY_PASSWORD="reset")
    with CognitoForApps(story.pool) as cognito:
        application = App(story.processes, cognito)
        settings = {
            "userPoolId": story.pool.id,
            "userPoolClientId": story.pool.client_id,
            "userPoolEndpoint": cognito.url,
        }

        def step(doing: str, sees: str, call: str, *arguments: Any, function: str = "") -> None:
            story.step(doing, lambda: application.call(call, *arguments), sees, function)

        def signed_in() -> Any:
            return application.call("currentUser")

        application.call("configure", settings)
        doing = "signs up with an address that can still migrate"
        step(doing, "account-exists", "signUp", name, PASSWORD, function="rejected, account_exists")
        doing = "signs in with a wrong password"
        step(doing, "rejected", "signIn", name, WRONG_PASSWORD, function="rejected, wrong_credentials")
        doing = "signs in with the password of the source pool"
        step(doing, "signed-in", "signIn", name, PASSWORD, function="migrated")
        before = signed_in()
        story.check("the app has the ID token of the migrated user", before["custom:legacy_sub"], owner["sub"])
        step("refreshes the tokens", "done", "currentUser", {"refresh": True})
        story.check("the ID token is another one", signed_in()["jti"] != before["jti"], True)
        step("chooses a password that is too short", "weak-password", "changePassword", PASSWORD, weak)
        step("chooses one with a wrong old password", "rejected", "changePassword", WRONG_PASSWORD, NEW_PASSWORD)
        step("changes the password", "password-changed", "changePassword", PASSWORD, NEW_PASSWORD)
        step("signs out", "done", "signOut")
        story.check("no user is signed in", signed_in(), None)
        step("signs in with the old password", "rejected", "signIn", name, PASSWORD)
        step("signs in with the new password", "signed-in", "signIn", name, NEW_PASSWORD)
        step("signs out", "done", "signOut")
        doing = "another user, migrated with RESET_REQUIRED, signs in"
        step(doing, "code-sent", "signIn", guest, PASSWORD, function="migrated")
        confirm = "confirmPasswordReset"
        step("confirms with a wrong code", "wrong-code", confirm, guest, "000000", NEW_PASSWORD)
        step("chooses a password that is too short", "weak-password", confirm, guest, RESET_CODE, weak)
        step("confirms with the code", "password-changed", confirm, guest, RESET_CODE, NEW_PASSWORD)
        step("signs in with the new password", "signed-in", "signIn", guest, NEW_PASSWORD)
        step("signs out", "done", "signOut")
        step("signs up with the address of a migrated user", "account-exists", "signUp", name, PASSWORD)
        application.call("configure", {**settings, "authFlow": "USER_SRP_AUTH"})
        step("another user tries SRP, to which the stand-in says no", "rejected", "signIn", late, PASSWORD)
        story.check("the password was not sent", set(cognito.sign_ins[-1]), {"USERNAME", "SRP_A"})
        story.deploy_without_source(source)
        doing = "signs up while the source pool is down"
        step(doing, "unavailable", "signUp", "later@example.com", PASSWORD, function="failed, SourceUnavailable")

        story.chapter("Apps with the AWS SDKs: examples/app/sdk.js, examples/app/sdk.py")
        story.deploy(source, ON_TEMPORARY_PASSWORD="reset")
        client, python_sign_in = story.pool.client_id, app.python_sign_in()
        doing = "JavaScript: signs in"
        username = others["javascript"]["username"]
        step(doing, TOKENS, "signInWithSdk", client, username, PASSWORD, function="migrated")
        doing = "JavaScript: signs in, migrated with RESET_REQUIRED"
        username = invitees[0]["username"]
        step(doing, "reset-required", "signInWithSdk", client, username, PASSWORD, function="migrated")
        for doing, username, sees in (
            ("Python: signs in", others["python"]["username"], TOKENS),
            ("Python: signs in, migrated with RESET_REQUIRED", invitees[1]["username"], "reset-required"),
        ):
            act = partial(python_sign_in, story.pool.cognito, client, username, PASSWORD)
            story.step(doing, act, sees, "migrated")
        story.check("the stand-in for Cognito had no fault", cognito.faults, [])


def the_words_of_the_app(story: Story) -> None:
    story.chapter("What the app makes of names and of Cognito's errors")
    command = ["node", "--no-warnings", "--test", "--test-reporter=tap", str(WORDS_OF_THE_APP)]
    printed = story.processes.run("node --test", command, quiet=True)
    tests = re.findall(r"^ok \d+ - (.*)$", printed, re.MULTILINE)
    if not tests:
        raise Failure(f"node --test found no test in {WORDS_OF_THE_APP}")
    for test in tests:
        story.check(test, True, True)


def the_page_of_the_app(story: Story) -> None:
    page, module, outcomes = (
        (ROOT / path).read_text(encoding="utf-8")
        for path in ("docs/your-app.md", "examples/app/auth.js", "crates/rules/src/outcome.rs")
    )

    def table(head: str) -> str:
        return page.partition(f"\n| {head} |")[2].partition("\n- ")[0]

    def found(pattern: str, text: str) -> set[str]:
        return set(re.findall(pattern, text, re.MULTILINE))

    story.chapter("The page, the app and the function say the same")
    sentences = found(r'^const \w+: &str =\s+"(.+)";', outcomes)
    story.check("the app looks for the function's sentences", found(r'^  "(.+)": ', module), sentences)
    story.check("the page has them", found(r'^\| "(.+?)"', table("the sentence")), sentences)
    functions = found(r"^export (?:async )?function (\w+)", module)
    described = table("the function of the module")
    story.check("the page has the app's functions", found(r"^\| `(\w+)\(", described), functions)
    words = found(r'(?:return|:) "([a-z-]+)"', module)
    story.check("the page has what they return", found("`([a-z-]+)`", described), words)


def _seen(result: Any) -> str:
    if isinstance(result, str):
        return result
    if isinstance(result, dict) and "AccessToken" in result:
        return TOKENS
    if isinstance(result, dict) and "payload" in result:
        return "a Lambda error" if result["error"] else "an answer"
    return "done"


CHAPTERS = (
    one_life,
    differences,
    forgotten_passwords,
    another_sign_in_name,
    guarded_sign_ups,
    post_migration_steps,
    operators_program,
    where_users_end_up,
    an_app,
    the_words_of_the_app,
    the_page_of_the_app,
    crowd,
)


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument(
        "--if-node", action="store_true", help="without Node.js: say so and succeed, except where CI=true"
    )
    arguments = parser.parse_args()
    if arguments.if_node and not node.is_installed() and os.environ.get("CI") != "true":
        print("Node.js is not installed: the end-to-end story was left out")
        return 0
    local_aws.isolate()
    with Processes() as processes:
        say("Installing emulator and app, building (five minutes of processor time the first time), starting the pools")
        story = Story(processes, arguments.packaged)
        started = time.monotonic()
        try:
            for chapter in CHAPTERS:
                chapter(story)
        finally:
            print(f"\n{time.monotonic() - started:.1f} s\ne2e: {story.passed} passed, {story.failed} failed")
    return 0
