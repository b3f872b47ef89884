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
from tools.base.terminal import BOLD, DIM, RED, paint
from tools.build.cargo import FUNCTION, PACKAGED_ZIP, as_tested, unpacked
from tools.stage import app, destination_pool, local_aws, node, source_pool
from tools.stage.app import CognitoForApps
from tools.stage.destination_pool import REGION, RESET_CODE, DestinationPool, claims
from tools.stage.front import BothPools
from tools.stage.function import HostedFunction, outcome
from tools.stage.local import arguments_parser, say
from tools.stage.scenarios import sample
from tools.test.checks import Checks

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
ATTRIBUTES = ["legacy_sub", "tier", "team", "migration"]
# cognito-local takes an unchanged event for a success.
SETTINGS = {"ATTRIBUTE_MAP": json.dumps(ATTRIBUTE_MAP), "ON_REJECT": "error"}
# The account of the source pool where the function has to assume a role to reach it.
ROLE_ARN = "arn:aws:iam::111122223333:role/user-migration-reader"

User = dict[str, Any]


class Source:
    """A source pool in moto, seen by its administrator; `settings` are those of the function for it."""

    def __init__(self, moto: source_pool.Moto, users: list[User], flow: str, secret: bool, credentials: dict[str, str]):
        client = {"GenerateSecret": secret, "ExplicitAuthFlows": ["ALLOW_" + ADMIN_FLOW, "ALLOW_" + flow]}
        groups = sorted({group for user in users for group in user.get("groups", [])})
        self._cognito = moto.client("cognito-idp", "eu-west-1", **credentials)
        filled = source_pool.fill(self._cognito, client, groups, users)
        self.settings = {**SETTINGS, "SRC_AUTH_FLOW": flow, **filled}
        self._pool = {"UserPoolId": filled["SRC_USER_POOL_ID"]}

    def enabled(self) -> set[str]:
        """The `sub` of each enabled user."""
        users = self._cognito.list_users(**self._pool)["Users"]
        attributes = [user["Attributes"] for user in users if user["Enabled"]]
        return {each["Value"] for named in attributes for each in named if each["Name"] == "sub"}

    def enable(self, username: str) -> None:
        self._cognito.admin_enable_user(**self._pool, Username=username)

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
        self.pool = self.make_destination("PreSignUp", "UserMigration")
        source_pool.wait_for_moto(processes, self.moto)

    def make_destination(self, *triggers: str) -> DestinationPool:
        functions = dict.fromkeys(triggers, self.function.name)
        return DestinationPool(self.processes, self.function.endpoint, functions, ATTRIBUTES)

    def make_source(self, *users: User, flow: str = ADMIN_FLOW, secret: bool = True, **credentials: str) -> Source:
        return Source(self.moto, list(users), flow, secret, credentials)

    def deploy(self, source: Source, endpoint: str | None = None, **settings: str) -> None:
        self.function.deploy({**source.settings, **settings}, endpoint or self.moto.endpoint)

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
        counted = self.function.invocations() - invocations
        did = "function: " + "; ".join(ran) if ran else "function did not run"
        line = f"{doing:<72}{saw:<31}{milliseconds:5.0f} ms  {paint(did, DIM)}"
        self.check(line, (saw, "; ".join(ran), counted), (sees, function, len(ran)))
        return result

    def check(self, what: str, came: Any, expected: Any) -> None:
        self.expect(paint(what, *([] if came == expected else [BOLD, RED])), came, expected, self.function.printed())

    def sign_in(self, doing: str, person: User, sees: str, function: str) -> None:
        """A first sign-in, and what the destination pool holds after it."""
        before = self.pool.number_of_users()
        name = person["attributes"]["email"]
        self.step(doing, lambda: self.pool.sign_in(name, person["password"]), sees, function)
        if function == "migrated":
            self.check("the destination pool has the mapped attributes", self.pool.attributes(name), mapped(person))
        else:
            self.check("no user was created", self.pool.number_of_users(), before)

    def invoke(self, like: str, user_name: str, **changed: Any) -> dict[str, Any]:
        """A direct invocation with the sample event of that name."""
        event = {**sample(like), "userName": user_name, **changed}
        error, payload = self.function.invoke(json.dumps(event).encode())
        return {"error": error, "payload": json.loads(payload)}


def user(name: str, status: str = "CONFIRMED", **more: Any) -> User:
    """A user whose `sub` is known once a source pool has been made."""
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
    known = {"username": email, "password": PASSWORD, "status": status, "enabled": True}
    return {**known, "attributes": attributes, **more}


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
    sms = {"attributes": {"phone_number": "+491555000001", "phone_number_verified": "true"}, "mfa": ["SMS_MFA"]}
    disabled, invited = user("disabled", enabled=False), user("invited", "FORCE_CHANGE_PASSWORD")
    texter, weak = user("texter", **sms), user("weak")
    alias = user("alias")
    # In the source pool these sign in with a number, in the destination pool with the address.
    walker, *twins = (user(name, username=f"staff-{number}") for number, name in enumerate(("walker", "twin", "twin")))
    source = story.make_source(disabled, invited, texter, weak, alias, walker, *twins)
    story.chapter("Users that are rejected, and the settings under which they migrate")
    for setting, person, who, sees, function in [
        ("ON_MFA=refuse", disabled, "a disabled user", REJECTED, "rejected, user_disabled"),
        ("ON_MFA=refuse", texter, "a user with SMS MFA", REJECTED, "rejected, mfa_refused"),
        ("ON_MFA=sms", texter, "a user with SMS MFA", TOKENS, "migrated"),
        ("ON_TEMPORARY_PASSWORD=reset", invited, "an invited user", RESET, "migrated"),
        ('PASSWORD_POLICY={"minimumLength":40}', weak, "a user", RESET, "migrated"),
        ("SRC_LOOKUP=none", walker, "a user with another name there", REJECTED, "rejected, user_not_found"),
        ("SRC_LOOKUP=email", walker, "a user with another name there", TOKENS, "migrated"),
        ("SRC_LOOKUP=email", twins[0], "one of two users with the address", REJECTED, "rejected, ambiguous_user"),
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


def forgotten_passwords(story: Story) -> None:
    verified, disabled = user("forgetful"), user("locked", enabled=False)
    story.chapter("Forgotten passwords, by direct invocation: cognito-local does not invoke the function for them")
    story.deploy(story.make_source(verified, disabled))
    forgot = partial(story.invoke, "forgot-password-verified-user")
    doing = "a user with a verified e-mail address"
    answer = story.step(doing, lambda: forgot(verified["username"]), "an answer", "migrated")
    response = answer["payload"]["response"]
    story.check("the mapped attributes would be stored", response["userAttributes"], mapped(verified))
    story.check("the status is left to Cognito: RESET_REQUIRED", response["finalUserStatus"], None)
    function = "rejected, user_disabled"
    answer = story.step("a disabled user", lambda: forgot(disabled["username"]), "a Lambda error", function)
    error = {"errorType": "Rejected", "errorMessage": "Incorrect username or password."}
    story.check("the answer is a constant error", answer, {"error": "Unhandled", "payload": error})


def guarded_sign_ups(story: Story) -> None:
    owner, disabled = user("owner"), user("former", enabled=False)
    source, pool, name = story.make_source(owner, disabled), story.pool, owner["username"]
    before = pool.number_of_users()
    story.chapter("The sign-up guard: no sign-up takes a name of a user who can still migrate")
    guarded = "UserLambdaValidationException"

    def sign_up(doing: str, username: str, sees: str, function: str) -> None:
        story.step(doing, lambda: pool.sign_up(username, PASSWORD), sees, function)

    story.deploy_without_source(source)
    doing = "a user signs up while the source pool is down"
    sign_up(doing, "late@example.com", guarded, "failed, SourceUnavailable")
    story.deploy(source)
    sign_up("a stranger signs up with the owner's address", name, guarded, "rejected, account_exists")
    story.check("no user was created", pool.number_of_users(), before)
    sign_up("a newcomer signs up", "newcomer@example.com", "done", "allowed")
    sign_up("a stranger signs up with the address of a disabled user", disabled["username"], "done", "allowed")
    story.sign_in("the owner signs in", owner, TOKENS, "migrated")
    sign_up("a stranger signs up with it now: Cognito's own answer", name, "UsernameExistsException", "")


def post_migration_steps(story: Story) -> None:
    mover = user("mover", groups=["editors", "left-behind"])
    source, pool = story.make_source(mover), story.make_destination("UserMigration", "PostAuthentication")
    name, sub = mover["username"], mover["sub"]
    pool.make_group("editors")
    settings = {"MIGRATION_MARK": "custom:migration", "COPY_GROUPS": "*", "SOURCE_USER": "disable"}
    settings["AWS_LAMBDA_LOG_LEVEL"] = "DEBUG"

    def sign_in(doing: str, function: str) -> None:
        story.step(doing, lambda: pool.sign_in(name, PASSWORD), TOKENS, function)

    story.chapter("MIGRATION_MARK, COPY_GROUPS and SOURCE_USER: the post-migration steps")
    with BothPools(story.moto.endpoint, pool.endpoint) as both:
        story.deploy(source, **settings)
        doing = "signs in while the function cannot reach the destination pool"
        sign_in(doing, "migrated; failed, SourceUnavailable")
        story.check("the source user is enabled", source.enabled(), {sub})
        story.check("the mark says what is left to do", pool.attributes(name)["custom:migration"], "pending/" + sub)
        story.deploy(source, both.url, **settings)
        sign_in("signs in again", "finished")
        story.check("is in the groups that the destination pool has", pool.groups_of(name), ["editors"])
        story.check("the source user is disabled", source.enabled(), set())
        # cognito-local has written its older copy of the user over the mark: once more, outside of a sign-in.
        source.enable(name)
        own_name, request = pool.user(name)["Username"], {"userAttributes": pool.attributes(name)}
        again = partial(story.invoke, "signed-in-pending", own_name, userPoolId=pool.id, request=request)
        story.step("direct invocation, as after a sign-in", again, "an answer", "finished")
        mark = pool.attributes(name)["custom:migration"]
        story.check("the mark says who disabled the source user", (mark, source.enabled()), ("off/" + sub, set()))
        sign_in("signs in once more", "not_marked")


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
    ran = story.processes.start(file, command, {**os.environ, **variables})
    status, printed = ran.popen.wait(), ran.printed()
    tests = re.findall(r"^ok \d+ - (.*)$", printed, re.MULTILINE)
    story.expect(f"node --test {file}", (status, bool(tests)), (0, True), printed)
    for test in tests:
        story.expect(test, True)


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
    guarded_sign_ups,
    post_migration_steps,
    apps,
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
        for chapter in CHAPTERS:
            chapter(story)
    story.close("e2e")
    return 0
