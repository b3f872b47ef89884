"""make e2e: ordinary sign-ins to a destination pool that has never heard of the users.

The source pool is moto, the destination pool cognito-local, and between them runs the real function. Each step is one
line: what was done, what the user saw, how long it took, and what the function did if it ran.
"""

from __future__ import annotations

import json
import os
import re
import time
from functools import partial
from typing import Any, Callable

from botocore.exceptions import ClientError

from tools.base.processes import Processes, free_port
from tools.base.terminal import BOLD, DIM, paint
from tools.build.cargo import FUNCTION, PACKAGED_ZIP, as_tested, unpacked
from tools.stage import app, destination_pool, local_aws, node, source_pool
from tools.stage.app import CognitoForApps
from tools.stage.destination_pool import REGION, RESET_CODE, DestinationPool, claims
from tools.stage.function import HostedFunction, outcome
from tools.stage.local import arguments_parser, say
from tools.stage.source_pool import PASSWORD, User, made_up_user
from tools.test.checks import Checks

TOKENS = "tokens"
REJECTED = "NotAuthorizedException"
# cognito-local's code for the wrong password of a user that it has; Cognito's is NotAuthorizedException there too.
REJECTED_BY_THE_DESTINATION_POOL = "InvalidPasswordException"
RESET = "PasswordResetRequiredException"

NON_ASCII_PASSWORD = "Ausgedacht-Paßw0rt-✓!"
WRONG_PASSWORD = "Not-the-Passw0rd!"
NEW_PASSWORD = "Another-made-up-Passw0rd!"

ADMIN_FLOW = "ADMIN_USER_PASSWORD_AUTH"
PUBLIC_FLOW = "USER_PASSWORD_AUTH"
ATTRIBUTE_MAP = {"sub": "custom:legacy_sub", "website": None, "custom:plan": "custom:tier", "custom:*": "custom:*"}
ATTRIBUTES = ["legacy_sub", "tier", "team"]
# cognito-local takes an unchanged event for a success.
SETTINGS = {"ATTRIBUTE_MAP": json.dumps(ATTRIBUTE_MAP), "ON_REJECT": "error"}
# The account of the source pool where the function has to assume a role to reach it.
ROLE_ARN = "arn:aws:iam::111122223333:role/user-migration-reader"


class Source:
    """A source pool in moto with these users; `settings` are those of the function for it.

    moto chooses ids and secrets itself. Each of the users is told its `sub`.
    """

    def __init__(self, moto: source_pool.Moto, users: list[User], flow: str, secret: bool, credentials: dict[str, str]):
        cognito = self._cognito = moto.client("cognito-idp", "eu-west-1", **credentials)
        custom = {name for user in users for name in user["attributes"] if name.startswith("custom:")}
        schema = [{"Name": name[len("custom:") :], "AttributeDataType": "String", "Mutable": True} for name in custom]
        made = cognito.create_user_pool(PoolName="source", MfaConfiguration="OPTIONAL", Schema=schema)
        pool = self._pool = {"UserPoolId": made["UserPool"]["Id"]}
        client = {
            "ClientName": "app",
            "GenerateSecret": secret,
            "ExplicitAuthFlows": [f"ALLOW_{ADMIN_FLOW}", f"ALLOW_{flow}"],
        }
        client = cognito.create_user_pool_client(**pool, **client)["UserPoolClient"]
        for user in users:
            who = {**pool, "Username": user["username"]}
            attributes = [{"Name": key, "Value": value} for key, value in user["attributes"].items()]
            created = cognito.admin_create_user(**who, MessageAction="SUPPRESS", UserAttributes=attributes)["User"]
            user["sub"] = next(each["Value"] for each in created["Attributes"] if each["Name"] == "sub")
            is_permanent = user["status"] != "FORCE_CHANGE_PASSWORD"
            cognito.admin_set_user_password(**who, Password=user["password"], Permanent=is_permanent)
            if "mfa" in user:
                cognito.admin_set_user_mfa_preference(**who, SMSMfaSettings=user["mfa"])
        found = {"SRC_USER_POOL_ID": pool["UserPoolId"], "SRC_CLIENT_ID": client["ClientId"]}
        secret_of = {"SRC_CLIENT_SECRET": client.get("ClientSecret", "")}
        self.settings = {**SETTINGS, "SRC_AUTH_FLOW": flow, **found, **secret_of}

    def sign_in(self, username: str, password: str) -> dict[str, str]:
        parameters = {"USERNAME": username, "PASSWORD": password}
        client = self.settings["SRC_CLIENT_ID"]
        return self._cognito.admin_initiate_auth(
            **self._pool, ClientId=client, AuthFlow=ADMIN_FLOW, AuthParameters=parameters
        )["AuthenticationResult"]


class Story(Checks):
    """Both pools and the function. Does things, compares what came of them, and prints a line about each."""

    def __init__(self, processes: Processes, packaged: bool):
        super().__init__()
        self.processes = processes
        for package in (destination_pool.PACKAGE, app.PACKAGE):
            node.install(processes, package)
        self.moto = source_pool.start_moto(processes)
        built = as_tested(processes)
        if packaged:
            built[FUNCTION] = unpacked(PACKAGED_ZIP, processes.directory)
        self.function = HostedFunction(processes, built)
        triggers = dict.fromkeys(("PreSignUp", "UserMigration"), self.function.name)
        self.pool = DestinationPool(processes, self.function.endpoint, triggers, ATTRIBUTES)
        source_pool.wait_for_moto(processes, self.moto)

    def make_source(self, *users: User, flow: str = ADMIN_FLOW, secret: bool = True, **credentials: str) -> Source:
        return Source(self.moto, list(users), flow, secret, credentials)

    def deploy(self, source: Source, endpoint: str | None = None, **settings: str) -> None:
        self.function.deploy({**source.settings, **settings}, endpoint or self.moto.endpoint)

    def chapter(self, title: str) -> None:
        print("\n" + paint(title, BOLD), flush=True)

    def step(self, doing: str, act: Callable[[], Any], sees: str = TOKENS, function: str = "") -> Any:
        """`sees`: what _seen says of the result, or an error code; `function`: the outcomes that it logs."""
        logged, started = len(self.function.log()), time.monotonic()
        result: Any = None
        try:
            result = act()
            saw = _seen(result)
        except ClientError as error:
            saw = error.response["Error"]["Code"]
        milliseconds = (time.monotonic() - started) * 1000
        ran = [outcome(line) for line in self.function.log()[logged:]]
        did = "function: " + "; ".join(ran) if ran else "function did not run"
        line = f"{doing:<72}{saw:<31}{milliseconds:5.0f} ms  {paint(did, DIM)}"
        self.check(line, (saw, "; ".join(ran)), (sees, function))
        return result

    def check(self, what: str, came: Any, expected: Any) -> None:
        self.expect(what, came, expected, self.function.printed())

    def sign_in(self, doing: str, person: User, sees: str, function: str) -> None:
        """A first sign-in, and what the destination pool holds after it."""
        before = self.pool.number_of_users()
        name = person["attributes"]["email"]
        self.step(doing, lambda: self.pool.sign_in(name, person["password"]), sees, function)
        if function == "migrated":
            self.check("the destination pool has the mapped attributes", self.pool.attributes(name), mapped(person))
        else:
            self.check("no user was created", self.pool.number_of_users(), before)


def user(name: str, status: str = "CONFIRMED", **more: Any) -> User:
    """A user whose `sub` is known once a source pool has been made."""
    own = {"website": "https://example.com/" + name, "custom:team": "team-" + name, **more.pop("attributes", {})}
    return made_up_user(0, name, status, attributes=own, **more)


def mapped(person: User) -> dict[str, str]:
    """What ATTRIBUTE_MAP makes of a user, written down once more and by hand."""
    attributes = dict(person["attributes"])
    del attributes["website"]
    attributes["custom:tier"] = attributes.pop("custom:plan")
    return {**attributes, "custom:legacy_sub": person["sub"]}


def one_life(story: Story) -> None:
    pool, ada = story.pool, user("ada", password=NON_ASCII_PASSWORD)
    name, password = ada["username"], ada["password"]
    source = story.make_source(ada)
    story.chapter("One life: a confidential client, the admin flow, a password beyond ASCII")
    story.deploy(source, f"http://127.0.0.1:{free_port()}")
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
    unknown = REJECTED_BY_THE_DESTINATION_POOL
    for doing, act, sees in (
        ("signs in again", lambda: pool.sign_in(name, password), TOKENS),
        ("signs in with a wrong password", lambda: pool.sign_in(name, WRONG_PASSWORD), unknown),
        ("refreshes the tokens", lambda: pool.refresh(tokens), TOKENS),
        ("changes the password", lambda: pool.change_password(tokens, password, NEW_PASSWORD), "done"),
        ("signs in with the password of the source pool", lambda: pool.sign_in(name, password), unknown),
        ("signs in with the new password", lambda: pool.sign_in(name, NEW_PASSWORD), TOKENS),
        ("at the source pool: its password is still right", lambda: source.sign_in(name, password), TOKENS),
        ("at the source pool: the new password is unknown", lambda: source.sign_in(name, NEW_PASSWORD), REJECTED),
    ):
        story.step(doing, act, sees)


def differences(story: Story) -> None:
    """One setting for each shape of an answer: `rules` has them all."""
    phone = {"phone_number": "+491555000001", "phone_number_verified": "true"}
    texter = user("texter", attributes=phone, mfa={"Enabled": True, "PreferredMfa": True})
    invited, alias = user("invited", "FORCE_CHANGE_PASSWORD"), user("alias")
    # In the source pool this one signs in with a number, in the destination pool with the address.
    walker = user("walker", username="staff-1")
    source = story.make_source(texter, invited, alias, walker)
    story.chapter("Users that are rejected, and the settings under which they migrate")
    for setting, person, who, sees, function in [
        ("ON_MFA=refuse", texter, "a user with SMS MFA", REJECTED, "rejected, mfa_refused"),
        ("ON_MFA=sms", texter, "a user with SMS MFA", TOKENS, "migrated"),
        ("ON_TEMPORARY_PASSWORD=reset", invited, "an invited user", RESET, "migrated"),
        ("SRC_LOOKUP=email", walker, "a user with another name there", TOKENS, "migrated"),
    ]:
        story.deploy(source, **dict([setting.split("=")]))
        story.sign_in(f"{setting}: {who} signs in", person, sees, function)
    status = story.pool.user(invited["username"])["UserStatus"]
    story.check("ON_TEMPORARY_PASSWORD=reset: the user is RESET_REQUIRED", status, "RESET_REQUIRED")
    story.deploy(source, DST_USERNAME="sub")
    address, doing = alias["username"], "DST_USERNAME=sub: signs in with the address, an alias"
    story.step(doing, lambda: story.pool.sign_in(address, PASSWORD), TOKENS, "migrated")
    story.check("the user name is the source sub", story.pool.user(address)["Username"], alias["sub"])

    story.chapter("Another flow, another account")
    bob, zoe = user("bob"), user("zoe")
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


def apps(story: Story) -> None:
    owner, late, *others = map(user, ("owner-of-an-app", "late-riser", "javascript", "python"))
    guest, *invitees = (user(f"invitee-{number}", "FORCE_CHANGE_PASSWORD") for number in range(3))
    source = story.make_source(owner, late, guest, *others, *invitees)
    story.chapter("Apps: examples/app, with Amplify and AWS's SDKs")
    story.deploy(source, ON_TEMPORARY_PASSWORD="reset")
    pool = story.pool
    with CognitoForApps(pool) as cognito:
        settings = {"userPoolId": pool.id, "userPoolClientId": pool.client_id, "userPoolEndpoint": cognito.url}
        names = {"owner": owner["username"], "guest": guest["username"], "late": late["username"]}
        names["others"] = [others[0]["username"], invitees[0]["username"]]
        passwords = {"old": PASSWORD, "wrong": WRONG_PASSWORD, "chosen": NEW_PASSWORD}
        told = {"settings": settings, **names, "sub": owner["sub"], "code": RESET_CODE, **passwords}
        variables = {"E2E": json.dumps(told), "AWS_ENDPOINT_URL": cognito.url, "AWS_REGION": REGION}
        _node_tests(story, "app.test.mjs", variables)
        came = [outcome(line) for line in story.function.log()]
        known = ["rejected, account_exists", "rejected, wrong_credentials", *["migrated"] * 4]
        story.check("the function ran for who had not moved, and for no other", came, known)
        sent = [set(parameters) for parameters in cognito.sign_ins if "SRP_A" in parameters]
        story.check("with SRP the password is not sent", sent, [{"USERNAME", "SRP_A"}])
        story.check("the stand-in for Cognito had no fault", cognito.faults, [])
    sign_in = partial(app.python_sign_in(), pool.cognito, pool.client_id)
    for doing, who, sees in (("signs in", others[1], TOKENS), ("with RESET_REQUIRED", invitees[1], "reset-required")):
        story.step(f"Python: {doing}", partial(sign_in, who["username"], PASSWORD), sees, "migrated")
    _node_tests(story, "auth.test.mjs", {})


def _node_tests(story: Story, file: str, variables: dict[str, str]) -> None:
    command = ["node", "--no-warnings", "--test", "--test-reporter=tap", str(destination_pool.PACKAGE / file)]
    status, printed = story.processes.ended(command, environment={**os.environ, **variables})
    tests = re.findall(r"^ok \d+ - (.*)$", printed, re.MULTILINE)
    story.expect(f"node --test {file}", (status, bool(tests)), (0, True), printed)
    for test in tests:
        story.expect(test, True)


def _seen(result: Any) -> str:
    if isinstance(result, str):
        return result
    return TOKENS if isinstance(result, dict) and "AccessToken" in result else "done"


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("--if-node", action="store_true", help="without Node.js: say so and succeed, except in CI")
    arguments = parser.parse_args()
    if arguments.if_node and (status := node.left_out("the end-to-end story")) is not None:
        return status
    local_aws.isolate()
    with Processes() as processes:
        say("Installing emulator and app, building (five minutes of processor time the first time), starting the pools")
        story = Story(processes, arguments.packaged)
        for chapter in (one_life, differences, apps):
            chapter(story)
    story.close("e2e")
    return 0
