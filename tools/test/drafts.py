"""make test-drafts: 50 source pools in an emulated account, a draft of each, and the pools that come of them.

The drafts are modules of one root: one init, one validate, one apply, one second plan, because each start of the
provider takes ten seconds. Every member of AWS's description of a pool and of an app client is then equal, or named in
the notes of the draft, or in ALLOWED. planned.json is what the pool says of itself. For three pools the preflight has
nothing that fails, the survey finds no user who is refused or locked out, and a user signs in through the real
function.

Not proven here: what Cognito itself refuses. The emulated account, moto, checks little.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.build import cargo
from tools.stage import source_pool, terraform
from tools.stage.front import Passing
from tools.stage.function import HostedFunction
from tools.stage.scenarios import sample
from tools.stage.terraform import APPLY, REGION
from tools.test.checks import Checks

POOLS = 50
# Those that are also looked at by the preflight, surveyed, and signed in to: by address, by alias, by user name.
NAMES = {0: "ana@example.com", 1: "ana", 2: "ana"}
PASSWORD = "Right-horse-7-battery!"
MARKS = {"custom:migration", "custom:legacy_sub"}
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:cognito-user-migration"
ROLE = "arn:aws:iam::123456789012:role/x"
SMS = {"SnsCallerArn": ROLE, "ExternalId": "an-id", "SnsRegion": REGION}
URLS = ["https://example.com/a?b=${c}&d=%{e}", "https://example.com/umlaut"]

# Members that are never equal, each with the reason.
ALLOWED = {
    "Id": "each pool has its own",
    "Arn": "it holds the id",
    "CreationDate": "each is made at its own time",
    "LastModifiedDate": "each is changed at its own time",
    "EstimatedNumberOfUsers": "the new pool is empty",
    "UserPoolId": "each client names its own pool",
    "ClientId": "each client has its own",
}

# What the other files take from migration.tf: the ARN of the function. The function's module is tested elsewhere.
FUNCTION_STUB = f'output "function_arn" {{\n  value = "{FUNCTION_ARN}"\n}}\n'
USES_STUB = 'module "migration_function" {\n  source = "../function"\n}\n'
WRITTEN = ["app_clients.tf", "destination_pool.tf", "groups.tf", "resource_servers.tf"]

SIGN_IN: list[dict[str, Any]] = [
    {"UsernameAttributes": ["email"]},
    {"AliasAttributes": ["email"]},
    {},
    {"UsernameAttributes": ["email", "phone_number"]},
    {"AliasAttributes": ["email", "preferred_username"]},
    {"UsernameAttributes": ["phone_number"]},
    {"AliasAttributes": ["phone_number"]},
]
CUSTOM = {
    "team": "String",
    "age": "Number",
    "member": "Boolean",
    "since": "DateTime",
    "größe": "String",
    "code_1": "String",
}
FLOWS = [
    ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    ["ADMIN_NO_SRP_AUTH"],
]
FORMAT = ["fmt", "-check", "-diff", "-recursive"]
ODD = [
    "plain",
    'with "quotes"',
    "${not.a.reference}",
    "$${twice}",
    "%{ if }",
    "Größe Ümlaut",
    "back\\slash",
    "line\nbreak",
    "日本",
]


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if (status := terraform.left_out("the round trip of the drafts")) is not None:
        return status
    with Processes() as processes:
        RoundTrip(processes, cargo.function_and_test_bed(processes, packaged=True)).run()
    return 0


class Choices(random.Random):
    """What one pool has of everything that Terraform can write: the same in every run."""

    def text(self) -> str:
        return self.choice(ODD)

    def line(self) -> str:
        return self.text().replace("\n", " ")

    def is_so(self, share: float = 0.5) -> bool:
        return self.random() < share

    def maybe(self, share: float, **members: Any) -> dict[str, Any]:
        return members if self.is_so(share) else {}

    def attribute(self, name: str, kind: str) -> dict[str, Any]:
        limits: dict[str, Any] = {}
        if kind == "String":
            limits = {"StringAttributeConstraints": {"MinLength": "0", "MaxLength": str(self.randrange(64, 2048))}}
        elif kind == "Number":
            limits = {"NumberAttributeConstraints": {"MinValue": "1", "MaxValue": str(self.randrange(2, 100))}}
        described = {"Name": name, "AttributeDataType": kind, "Mutable": self.is_so(0.7), "Required": False}
        return {**described, "DeveloperOnlyAttribute": False, **limits}

    def pool(self, number: int, has_texts: bool) -> dict[str, Any]:
        required = {f"Require{kind}": self.is_so() for kind in ("Uppercase", "Lowercase", "Numbers", "Symbols")}
        passwords = {"MinimumLength": self.randrange(6, 20), "TemporaryPasswordValidityDays": self.randrange(1, 30)}
        contacts = self.choice([["email"], ["email", "phone_number"], ["phone_number"]])
        email = {
            "Name": "email",
            "AttributeDataType": "String",
            "Mutable": True,
            "Required": number % len(SIGN_IN) != 5,
            "DeveloperOnlyAttribute": False,
            "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"},
        }
        custom = self.sample(sorted(CUSTOM.items()), self.randrange(1, 6))
        devices = ("ChallengeRequiredOnNewDevice", "DeviceOnlyRememberedOnUserPrompt")
        return {
            "PoolName": f"{self.line()} {number}",
            "Schema": [email, *(self.attribute(*each) for each in custom)],
            "AutoVerifiedAttributes": ["email"] + (["phone_number"] if has_texts and self.is_so(0.6) else []),
            "UsernameConfiguration": {"CaseSensitive": number not in NAMES and self.is_so()},
            "Policies": {"PasswordPolicy": {**required, **passwords}},
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [
                    {"Name": f"verified_{name}", "Priority": rank} for rank, name in enumerate(contacts, 1)
                ]
            },
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": self.is_so(),
                "InviteMessageTemplate": {
                    "EmailMessage": f"{self.text()} {{username}} {{####}}",
                    "EmailSubject": self.text(),
                    "SMSMessage": "{username} {####}",
                },
            },
            "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
            "VerificationMessageTemplate": {
                "DefaultEmailOption": self.choice(["CONFIRM_WITH_CODE", "CONFIRM_WITH_LINK"]),
                "EmailMessage": f"{self.text()} {{####}}",
                "EmailSubject": self.text(),
                "EmailMessageByLink": f"{self.text()} {{##here##}}",
                "EmailSubjectByLink": self.text(),
                "SmsMessage": "{####}",
            },
            # The provider does not send ESSENTIALS, which Cognito gives every new pool and moto does not.
            "UserPoolTier": self.choice(["LITE", "PLUS"]),
            "DeletionProtection": "INACTIVE",
            **SIGN_IN[number % len(SIGN_IN)],
            **({"SmsConfiguration": SMS} if has_texts else {}),
            **self.maybe(0.3, UserPoolTags={"team": "shop"}),
            **self.maybe(0.3, LambdaConfig={"CustomMessage": FUNCTION_ARN}),
            **self.maybe(0.4, DeviceConfiguration={name: self.is_so() for name in devices}),
            **self.maybe(0.5, UserAttributeUpdateSettings={"AttributesRequireVerificationBeforeUpdate": ["email"]}),
            **self.maybe(0.2, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}),
        }

    def client(self, count: int, is_functions: bool, scopes: list[str]) -> dict[str, Any]:
        """`is_functions`: through it the function signs users in."""
        units = {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"}
        return {
            "ClientName": f"{self.line()} {count}",
            "GenerateSecret": not is_functions and self.is_so(0.4),
            "ExplicitAuthFlows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"] if is_functions else self.choice(FLOWS),
            "RefreshTokenValidity": self.randrange(1, 90),
            "AccessTokenValidity": self.randrange(5, 60),
            "IdTokenValidity": self.randrange(5, 60),
            "TokenValidityUnits": units,
            "PreventUserExistenceErrors": self.choice(["ENABLED", "LEGACY"]),
            "EnableTokenRevocation": self.is_so(),
            "AuthSessionValidity": self.randrange(3, 16),
            **self.maybe(0.6, ReadAttributes=["email", "name"], WriteAttributes=["email", "name"]),
            **self.maybe(
                0.5,
                AllowedOAuthFlows=["code"],
                AllowedOAuthScopes=["openid", *scopes],
                AllowedOAuthFlowsUserPoolClient=True,
                CallbackURLs=URLS,
                LogoutURLs=URLS[:1],
                DefaultRedirectURI=URLS[0],
                SupportedIdentityProviders=["COGNITO"],
            ),
        }


class RoundTrip(Checks):
    def __init__(self, processes: Processes, executables: dict[str, Path]):
        super().__init__()
        self._processes = processes
        self._executables = executables
        self._program = str(executables[cargo.OPERATORS_PROGRAM])
        self._root = processes.directory / "root"

    def run(self) -> None:
        terraform.isolate()
        moto = source_pool.start_moto(self._processes)
        source_pool.wait_for_moto(self._processes, moto)
        with Passing(moto.endpoint) as account:
            terraform.use_account(account.url)
            self._round_trip(moto.endpoint)
            self.expect("what went wrong in front of moto", account.faults, [])
        self.close("drafts")

    def _round_trip(self, moto: str) -> None:
        self._cognito = boto3.client("cognito-idp")
        pools = [self._make(number) for number in range(POOLS)]
        self._root.mkdir()
        for number, pool in enumerate(pools):
            self._draft(number, pool)
        self._whole(pools)
        self._terraform(pools)
        for number, pool in enumerate(pools):
            self._compare(number, pool)
        for number, name in NAMES.items():
            self._sign_in(number, pools[number], name, moto)

    def _make(self, number: int) -> dict[str, Any]:
        """A source pool, and its description."""
        choose, cognito = Choices(number), self._cognito
        has_texts = number in NAMES or "phone_number" in str(SIGN_IN[number % len(SIGN_IN)]) or choose.is_so()
        pool_id = cognito.create_user_pool(**choose.pool(number, has_texts))["UserPool"]["Id"]
        pool, scopes = {"UserPoolId": pool_id}, []
        if number not in NAMES and choose.is_so(0.7):
            factors: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
            if has_texts and choose.is_so():
                factors["SmsMfaConfiguration"] = {"SmsConfiguration": SMS, "SmsAuthenticationMessage": "{####}"}
            cognito.set_user_pool_mfa_config(**pool, MfaConfiguration=choose.choice(["OPTIONAL", "ON"]), **factors)
        for count in range(choose.randrange(3)):
            identifier = f"https://api{count}.example.com"
            scope = {"ScopeName": "read", "ScopeDescription": choose.line()}
            cognito.create_resource_server(**pool, Identifier=identifier, Name=choose.line(), Scopes=[scope])
            scopes.append(f"{identifier}/read")
        for rank in range(choose.randrange(4)):
            more = {**choose.maybe(0.7, Precedence=rank), **choose.maybe(0.3, RoleArn=ROLE)}
            cognito.create_group(**pool, GroupName=f"group{rank}", Description=choose.line(), **more)
        for count in range(choose.randrange(1, 4)):
            client = choose.client(count, count == 0 and number in NAMES, scopes)
            cognito.create_user_pool_client(**pool, **client)
        if choose.is_so(0.2):
            google = {"ProviderName": "Google", "ProviderType": "Google", "ProviderDetails": {"client_id": "x"}}
            cognito.create_identity_provider(**pool, **google)
        return cognito.describe_user_pool(**pool)["UserPool"]

    def _draft(self, number: int, pool: dict[str, Any]) -> None:
        choose, options = Choices(1000 + number), []
        if number > 6:
            texts = ["phone_number", "email,phone_number"] if "SmsConfiguration" in pool else []
            options = ["--sign-in", choose.choice(["keep", "email", "username", *texts])]
            options += ["--case-sensitive"] if choose.is_so(0.3) else []
        self._write(pool["Id"], self._root / f"pool{number}", options)

    def _write(self, pool: str, out: Path, options: list[str]) -> None:
        command = [self._program, "draft", "--source-pool", pool, "--out", str(out), *options]
        self._processes.run("draft", command, quiet=True)

    def _whole(self, pools: list[dict[str, Any]]) -> None:
        """Whole drafts, with the real modules: Terraform takes every setting and plans the function and the alarms."""
        root = self._processes.directory / "whole"
        root.mkdir()
        modules = ROOT / "terraform" / "modules"
        zipped = modules / "migration-function" / "tests" / "combinations" / "function.zip"
        ids, role = [pool["Id"] for pool in pools], "arn:aws:iam::444455556666:role/migration"
        drafts: list[tuple[str, list[str]]] = [(ids[number], []) for number in NAMES]
        drafts += [(ids[0], ["--pool", ids[1]]), (ids[1], ["--source-role", role])]
        main = []
        for number, (pool, options) in enumerate(drafts):
            out = root / f"whole{number}"
            self._write(pool, out, ["--module-source", str(modules), *options])
            shutil.copy(zipped, out / "cognito-user-migration-x86_64.zip")
            main.append(f'module "{out.name}" {{\n  source = "./{out.name}"\n}}\n')
        (root / "main.tf").write_text("\n".join(main), encoding="utf-8")
        for arguments in (FORMAT, terraform.init(), ["validate"], ["plan", "-input=false"]):
            self._check("whole drafts", root, arguments)

    def _terraform(self, pools: list[dict[str, Any]]) -> None:
        root = self._root
        self._check("every file", root, FORMAT)
        self._drafts = Path(shutil.copytree(root, self._processes.directory / "drafts"))
        (root / "function").mkdir()
        (root / "function" / "main.tf").write_text(FUNCTION_STUB, encoding="utf-8")
        main = []
        for number in range(len(pools)):
            folder = root / f"pool{number}"
            for file in folder.rglob("*"):
                if file.is_file() and file.name not in WRITTEN:
                    file.unlink()
            (folder / "function.tf").write_text(USES_STUB, encoding="utf-8")
            main.append(f'module "{folder.name}" {{\n  source = "./{folder.name}"\n}}\n')
            main.append(f'output "{folder.name}" {{\n  value = module.{folder.name}.user_pool_id\n}}\n')
        (root / "main.tf").write_text("\n".join(main), encoding="utf-8")
        # The second plan is empty.
        plan = ["plan", "-input=false", "-detailed-exitcode"]
        for arguments in (terraform.init(), ["validate"], APPLY, plan):
            self._check("drafts", root, arguments)
        outputs = json.loads(self._processes.run("output", ["terraform", f"-chdir={root}", "output", "-json"]))
        self._made = [outputs[f"pool{number}"]["value"] for number in range(len(pools))]

    # What came of them.

    def _compare(self, number: int, source: dict[str, Any]) -> None:
        draft = self._drafts / f"pool{number}"
        made = self._cognito.describe_user_pool(UserPoolId=self._made[number])["UserPool"]
        notes = (draft / "NOTES.md").read_text(encoding="utf-8")
        of_clients = "\n".join(line for line in notes.splitlines() if "App client" in line)
        planned = json.loads((draft / "planned.json").read_text(encoding="utf-8"))
        custom = [plain(each) for each in source["SchemaAttributes"] if each["Name"].startswith("custom:")]
        before, after = (self._clients(pool["Id"]) for pool in (source, made))
        faults: dict[str, Any] = {
            "neither equal nor noted": unexplained(source, made, notes),
            "custom attributes that are not carried over": [
                each for each in custom if each not in plain(made["SchemaAttributes"])
            ],
            "not as planned.json says": not_as_planned(planned, made),
            "clients": [] if sorted(before) == sorted(after) else [sorted(before), sorted(after)],
            "users write the mark": [name for name in after if MARKS & {*after[name]["WriteAttributes"]}],
            **{
                f"client {name}": unexplained(before[name], after[name], of_clients) for name in before if name in after
            },
        }
        for things in (self._groups, self._resource_servers):
            was, became = (without_own(things(pool["Id"]), notes) for pool in (source, made))
            faults[things.__name__] = [] if was == became else [was, became]
        found = {what: values for what, values in faults.items() if values}
        self.expect(f"pool {number}: every member is equal or noted", found, {})

    def _groups(self, pool_id: str) -> list[dict[str, Any]]:
        return self._cognito.list_groups(UserPoolId=pool_id)["Groups"]

    def _resource_servers(self, pool_id: str) -> list[dict[str, Any]]:
        return self._cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=50)["ResourceServers"]

    def _clients(self, pool_id: str) -> dict[str, dict[str, Any]]:
        pool = {"UserPoolId": pool_id}
        listed = self._cognito.list_user_pool_clients(**pool, MaxResults=60)["UserPoolClients"]
        ids = [client["ClientId"] for client in listed]
        described = [self._cognito.describe_user_pool_client(**pool, ClientId=each)["UserPoolClient"] for each in ids]
        return {client["ClientName"]: client for client in described}

    def _sign_in(self, number: int, source: dict[str, Any], name: str, endpoint: str) -> None:
        draft, made = self._drafts / f"pool{number}", self._made[number]
        who = {"UserPoolId": source["Id"], "Username": name}
        attributes = [{"Name": "email", "Value": "ana@example.com"}, {"Name": "email_verified", "Value": "true"}]
        self._cognito.admin_create_user(**who, MessageAction="SUPPRESS", UserAttributes=attributes)
        self._cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
        given = ["--settings", str(draft / "settings.env"), "--source-pool", source["Id"]]
        report = self._json(["preflight", *given, "--pool", made, "--function-arn", FUNCTION_ARN])
        failed = [check for check in report["checks"] if check["status"] == "fail"]
        self.expect(f"pool {number}: the preflight has nothing that fails", failed, [])
        for where in (["--pool", made], ["--planned", str(draft)]):
            survey = self._json(["survey", *given, *where])
            self.expect(f"pool {number}: the survey, {where[0]}", survey["result"], {"moves": 1})
        function = HostedFunction(self._processes, self._executables)
        lines = (draft / "settings.env").read_text(encoding="utf-8").splitlines()
        settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        function.deploy(settings, endpoint)
        event = {**sample("sign-in"), "region": REGION, "userPoolId": made, "userName": name}
        event["callerContext"]["clientId"] = next(iter(self._clients(made).values()))["ClientId"]
        event["request"]["password"] = PASSWORD
        error, answer = function.invoke(json.dumps(event).encode())
        self.expect(f"pool {number}: the function answers", error, None)
        response = json.loads(answer)["response"]
        self.expect(f"pool {number}: the user is migrated", response["finalUserStatus"], "CONFIRMED")
        returned = response["userAttributes"]
        mark = "pending/" + returned["custom:legacy_sub"] if "MIGRATION_MARK" in settings else None
        self.expect(f"pool {number}: the old sub and the mark", returned.get("custom:migration"), mark)

    def _json(self, arguments: list[str]) -> Any:
        command = [self._program, "--format", "json", *arguments]
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)
        try:
            return json.loads(ended.stdout)
        except ValueError:
            raise Failure(f"{command} ended with status {ended.returncode}:\n{ended.stderr}") from None

    def _check(self, title: str, folder: Path, arguments: list[str]) -> None:
        status, printed = self._processes.ended(["terraform", f"-chdir={folder}", *arguments])
        self.expect(f"{title}: terraform {arguments[0]}", status, 0, printed)


def without_own(things: list[dict[str, Any]], notes: str) -> list[dict[str, Any]]:
    """Groups or resource servers without what is each pool's own or in the notes."""

    def is_compared(thing: dict[str, Any], name: str) -> bool:
        noted = f"Group `{thing.get('GroupName')}`, `{name}`" in notes
        return name not in ALLOWED and not noted and bool(plain(thing[name]))

    return [
        {name: plain(thing[name]) for name in thing if is_compared(thing, name)} for thing in sorted(things, key=str)
    ]


def unexplained(source: dict[str, Any], made: dict[str, Any], notes: str) -> dict[str, Any]:
    """The members that are neither equal, nor named in the notes, nor allowed."""
    differing = [
        name for name in sorted(source.keys() | made.keys()) if plain(source.get(name)) != plain(made.get(name))
    ]
    unnamed = [name for name in differing if name not in ALLOWED and f"`{name}`" not in notes]
    return {name: [source.get(name), made.get(name)] for name in unnamed}


def plain(value: Any) -> Any:
    """Without what means the same: the order of lists, and what is empty, false, zero or missing."""
    if isinstance(value, dict):
        members = {name: plain(member) for name, member in value.items()}
        return {name: member for name, member in members.items() if member is not None} or None
    if isinstance(value, list):
        return sorted((plain(member) for member in value), key=str) or None
    return value or None


def not_as_planned(planned: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """The members of planned.json that the pool does not have so. The passwords' other rules are no part of it."""
    known = {attribute["Name"] for attribute in made["SchemaAttributes"]}
    # moto knows only the attributes that a pool is made with. Cognito adds the other standard ones.
    schema = [each for each in planned["SchemaAttributes"] if each["Name"] in known or ":" in each["Name"]]
    attributes = [dict(each, DeveloperOnlyAttribute=None) for each in made["SchemaAttributes"]]
    passwords = made["Policies"]["PasswordPolicy"]
    passwords = {name: passwords.get(name) for name in planned["Policies"]["PasswordPolicy"]}
    found = {**made, "SchemaAttributes": attributes, "Policies": {"PasswordPolicy": passwords}}
    wanted = {**planned, "SchemaAttributes": schema}
    return {name: [value, found.get(name)] for name, value in wanted.items() if plain(value) != plain(found.get(name))}
