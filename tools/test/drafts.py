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
import os
import random
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import boto3

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.build import cargo
from tools.stage import local_aws, source_pool
from tools.stage.function import HostedFunction

REGION = "eu-west-1"
POOLS = 50
# Those that are also looked at by the preflight, surveyed, and signed in to: by address, by alias, by user name.
SIGNED_IN = [0, 1, 2]
PASSWORD = "Right-horse-7-battery!"
FUNCTION_ARN = f"arn:aws:lambda:{REGION}:123456789012:function:cognito-user-migration"

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
    if not shutil.which("terraform"):
        print("terraform is not installed: the round trip of the drafts was left out", flush=True)
        return 1 if os.environ.get("CI") == "true" else 0
    with Processes() as processes:
        RoundTrip(processes, cargo.function_and_test_bed(processes, packaged=True)).run()
    return 0


class RoundTrip:
    def __init__(self, processes: Processes, executables: dict[str, Path]):
        self._processes = processes
        self._executables = executables
        self._program = str(executables[cargo.OPERATORS_PROGRAM])
        self._root = processes.directory / "root"
        self._passed = 0
        self._start = time.monotonic()

    def run(self) -> None:
        set_environment()
        moto = source_pool.start_moto(self._processes)
        source_pool.wait_for_moto(self._processes, moto)
        os.environ.update(AWS_ENDPOINT_URL=moto.endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        self._cognito = boto3.client("cognito-idp")
        pools = [self._make(number) for number in range(POOLS)]
        print(f"{POOLS} source pools made ({self._seconds()} s)", flush=True)
        for number, pool in enumerate(pools):
            self._draft(number, pool)
        print(f"{POOLS} drafts written ({self._seconds()} s)", flush=True)
        self._whole(pools)
        self._terraform(pools)
        for number, pool in enumerate(pools):
            self._compare(number, pool)
        print(f"compared every member of {POOLS} pools ({self._seconds()} s)", flush=True)
        for number in SIGNED_IN:
            self._sign_in(number, pools[number], moto.endpoint)
        print(f"drafts: {self._passed} passed, 0 failed ({self._seconds()} s)", flush=True)

    # The source pools.

    def _make(self, number: int) -> dict[str, Any]:
        """A pool with some of everything that Terraform can write, and its description."""
        choose = random.Random(number)
        cognito = self._cognito
        sign_in: dict[str, Any] = [
            {"UsernameAttributes": ["email"]},
            {"AliasAttributes": ["email"]},
            {},
            {"UsernameAttributes": ["email", "phone_number"]},
            {"AliasAttributes": ["email", "preferred_username"]},
            {"UsernameAttributes": ["phone_number"]},
            {"AliasAttributes": ["phone_number"]},
        ][number % 7]
        has_texts = number in range(3) or "phone_number" in str(sign_in) or choose.random() < 0.5
        sms = {"SnsCallerArn": "arn:aws:iam::123456789012:role/sms", "ExternalId": "an-id", "SnsRegion": REGION}
        schema = [
            {
                "Name": "email",
                "AttributeDataType": "String",
                "Mutable": True,
                "Required": number % 7 != 5,
                "DeveloperOnlyAttribute": False,
                "StringAttributeConstraints": {"MinLength": "0", "MaxLength": "2048"},
            }
        ]
        for name, kind in choose.sample(
            [
                ("team", "String"),
                ("age", "Number"),
                ("member", "Boolean"),
                ("since", "DateTime"),
                ("größe", "String"),
                ("code_1", "String"),
            ],
            choose.randrange(1, 6),
        ):
            attribute: dict[str, Any] = {
                "Name": name,
                "AttributeDataType": kind,
                "Mutable": choose.random() < 0.7,
                "Required": False,
                "DeveloperOnlyAttribute": False,
            }
            if kind == "String":
                attribute["StringAttributeConstraints"] = {
                    "MinLength": "0",
                    "MaxLength": str(choose.randrange(64, 2048)),
                }
            elif kind == "Number":
                attribute["NumberAttributeConstraints"] = {"MinValue": "1", "MaxValue": str(choose.randrange(2, 100))}
            schema.append(attribute)
        mfa = choose.choice(["OFF", "OPTIONAL", "ON"]) if number not in SIGNED_IN else "OFF"
        recovery = choose.choice(
            [["verified_email"], ["verified_email", "verified_phone_number"], ["verified_phone_number"]]
        )
        auto_verified = ["email"] + (["phone_number"] if has_texts and choose.random() < 0.6 else [])
        configuration = {
            "PoolName": choose.choice(ODD).replace("\n", " ") + f" {number}",
            "Schema": schema,
            "AutoVerifiedAttributes": auto_verified,
            "UsernameConfiguration": {"CaseSensitive": False if number in SIGNED_IN else choose.random() < 0.5},
            "Policies": {
                "PasswordPolicy": {
                    "MinimumLength": choose.randrange(6, 20),
                    "RequireUppercase": choose.random() < 0.5,
                    "RequireLowercase": choose.random() < 0.5,
                    "RequireNumbers": choose.random() < 0.5,
                    "RequireSymbols": choose.random() < 0.5,
                    "TemporaryPasswordValidityDays": choose.randrange(1, 30),
                }
            },
            "AccountRecoverySetting": {
                "RecoveryMechanisms": [{"Name": name, "Priority": rank} for rank, name in enumerate(recovery, 1)]
            },
            "AdminCreateUserConfig": {
                "AllowAdminCreateUserOnly": choose.random() < 0.5,
                "InviteMessageTemplate": {
                    "EmailMessage": f"{choose.choice(ODD)} {{username}} {{####}}",
                    "EmailSubject": choose.choice(ODD),
                    "SMSMessage": "{username} {####}",
                },
            },
            "EmailConfiguration": {"EmailSendingAccount": "COGNITO_DEFAULT"},
            "VerificationMessageTemplate": {
                "DefaultEmailOption": choose.choice(["CONFIRM_WITH_CODE", "CONFIRM_WITH_LINK"]),
                "EmailMessage": f"{choose.choice(ODD)} {{####}}",
                "EmailSubject": choose.choice(ODD),
                "EmailMessageByLink": f"{choose.choice(ODD)} {{##here##}}",
                "EmailSubjectByLink": choose.choice(ODD),
                "SmsMessage": "{####}",
            },
            "UserPoolTags": {"team": "shop"} if choose.random() < 0.3 else {},
            # The provider does not send ESSENTIALS, which Cognito gives every new pool and moto does not.
            "UserPoolTier": choose.choice(["LITE", "PLUS"]),
            "DeletionProtection": "INACTIVE",
            "LambdaConfig": {"CustomMessage": FUNCTION_ARN} if choose.random() < 0.3 else {},
            **sign_in,
        }
        if has_texts:
            configuration["SmsConfiguration"] = sms
        if choose.random() < 0.4:
            configuration["DeviceConfiguration"] = {
                "ChallengeRequiredOnNewDevice": choose.random() < 0.5,
                "DeviceOnlyRememberedOnUserPrompt": choose.random() < 0.5,
            }
        if choose.random() < 0.5:
            configuration["UserAttributeUpdateSettings"] = {"AttributesRequireVerificationBeforeUpdate": ["email"]}
        if choose.random() < 0.2:
            configuration["UserPoolAddOns"] = {"AdvancedSecurityMode": "AUDIT"}
        pool_id = cognito.create_user_pool(**configuration)["UserPool"]["Id"]
        if mfa != "OFF":
            factors: dict[str, Any] = {"SoftwareTokenMfaConfiguration": {"Enabled": True}}
            if has_texts and choose.random() < 0.5:
                factors["SmsMfaConfiguration"] = {"SmsConfiguration": sms, "SmsAuthenticationMessage": "{####}"}
            cognito.set_user_pool_mfa_config(UserPoolId=pool_id, MfaConfiguration=mfa, **factors)
        scopes = self._resource_servers(pool_id, choose)
        for rank in range(choose.randrange(4)):
            cognito.create_group(
                UserPoolId=pool_id,
                GroupName=f"group{rank}",
                Description=choose.choice(ODD).replace("\n", " "),
                **({"Precedence": rank} if choose.random() < 0.7 else {}),
                **({"RoleArn": "arn:aws:iam::123456789012:role/x"} if choose.random() < 0.3 else {}),
            )
        for count in range(choose.randrange(1, 4)):
            self._client(pool_id, number, count, scopes, choose)
        if choose.random() < 0.2:
            cognito.create_identity_provider(
                UserPoolId=pool_id, ProviderName="Google", ProviderType="Google", ProviderDetails={"client_id": "x"}
            )
        return cognito.describe_user_pool(UserPoolId=pool_id)["UserPool"]

    def _resource_servers(self, pool_id: str, choose: random.Random) -> list[str]:
        scopes = []
        for count in range(choose.randrange(3)):
            identifier = f"https://api{count}.example.com"
            self._cognito.create_resource_server(
                UserPoolId=pool_id,
                Identifier=identifier,
                Name=choose.choice(ODD).replace("\n", " "),
                Scopes=[{"ScopeName": "read", "ScopeDescription": choose.choice(ODD).replace("\n", " ")}],
            )
            scopes.append(f"{identifier}/read")
        return scopes

    def _client(self, pool_id: str, number: int, count: int, scopes: list[str], choose: random.Random) -> None:
        client: dict[str, Any] = {
            "ClientName": choose.choice(ODD).replace("\n", " ") + f" {count}",
            "GenerateSecret": choose.random() < 0.4,
            "ExplicitAuthFlows": choose.choice(
                [
                    ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                    ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                    ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
                    ["ADMIN_NO_SRP_AUTH"],
                ]
            ),
            "RefreshTokenValidity": choose.randrange(1, 90),
            "AccessTokenValidity": choose.randrange(5, 60),
            "IdTokenValidity": choose.randrange(5, 60),
            "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
            "PreventUserExistenceErrors": choose.choice(["ENABLED", "LEGACY"]),
            "EnableTokenRevocation": choose.random() < 0.5,
            "AuthSessionValidity": choose.randrange(3, 16),
        }
        if count == 0 and number in SIGNED_IN:
            # The client through which the function signs users in.
            client.update(GenerateSecret=False, ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"])
        if choose.random() < 0.6:
            client["ReadAttributes"] = ["email", "name"]
            client["WriteAttributes"] = ["email", "name"]
        if choose.random() < 0.5:
            urls = ["https://example.com/a?b=${c}&d=%{e}", "https://example.com/umlaut"]
            client.update(
                AllowedOAuthFlows=["code"],
                AllowedOAuthScopes=["openid", *scopes],
                AllowedOAuthFlowsUserPoolClient=True,
                CallbackURLs=urls,
                LogoutURLs=urls[:1],
                DefaultRedirectURI=urls[0],
                SupportedIdentityProviders=["COGNITO"],
            )
        self._cognito.create_user_pool_client(UserPoolId=pool_id, **client)

    # The drafts.

    def _draft(self, number: int, pool: dict[str, Any]) -> None:
        style: list[str] = []
        if number > 6:
            choose = random.Random(1000 + number)
            styles = ["keep", "email", "username"] + (
                ["phone_number", "email,phone_number"] if "SmsConfiguration" in pool else []
            )
            style = ["--sign-in", choose.choice(styles)] + (["--case-sensitive"] if choose.random() < 0.3 else [])
        folder = self._folder(number)
        folder.parent.mkdir(exist_ok=True)
        self._processes.run(
            "draft", [self._program, "draft", "--source-pool", pool["Id"], "--out", str(folder), *style], quiet=True
        )

    def _folder(self, number: int) -> Path:
        return self._root / f"pool{number}"

    def _whole(self, pools: list[dict[str, Any]]) -> None:
        """Whole drafts, with the real modules: Terraform takes every setting and plans the function and the alarms."""
        root = self._processes.directory / "whole"
        root.mkdir()
        modules = ROOT / "terraform" / "modules"
        zipped = modules / "migration-function" / "tests" / "combinations" / "function.zip"
        role = "arn:aws:iam::444455556666:role/migration"
        drafts: list[tuple[str, list[str]]] = [(pools[number]["Id"], []) for number in SIGNED_IN]
        drafts += [(pools[0]["Id"], ["--pool", pools[1]["Id"]]), (pools[1]["Id"], ["--source-role", role])]
        main = []
        for number, (pool, options) in enumerate(drafts):
            out = root / f"whole{number}"
            command = [self._program, "draft", "--source-pool", pool, "--out", str(out)]
            command += ["--module-source", str(modules)]
            self._processes.run("draft", [*command, *options], quiet=True)
            shutil.copy(zipped, out / "cognito-user-migration-x86_64.zip")
            main.append(f'module "whole{number}" {{\n  source = "./whole{number}"\n}}\n')
        (root / "main.tf").write_text("\n".join(main), encoding="utf-8")
        terraform = ["terraform", f"-chdir={root}"]
        self._check("whole drafts: terraform fmt", *terraform, "fmt", "-check", "-diff", "-recursive")
        self._check("whole drafts: terraform init", *terraform, "init", "-input=false", *plugin_dir())
        self._check("whole drafts: terraform validate", *terraform, "validate")
        self._check("whole drafts: terraform plan", *terraform, "plan", "-input=false")

    def _terraform(self, pools: list[dict[str, Any]]) -> None:
        terraform = ["terraform", f"-chdir={self._root}"]
        self._check("every file is as terraform fmt wants it", *terraform, "fmt", "-check", "-diff", "-recursive")
        drafts = self._processes.directory / "drafts"
        shutil.copytree(self._root, drafts)
        (self._root / "function").mkdir()
        (self._root / "function" / "main.tf").write_text(FUNCTION_STUB, encoding="utf-8")
        root = []
        for number in range(len(pools)):
            folder = self._folder(number)
            for file in folder.rglob("*"):
                if file.is_file() and file.name not in WRITTEN:
                    file.unlink()
            (folder / "function.tf").write_text(USES_STUB, encoding="utf-8")
            root.append(f'module "pool{number}" {{\n  source = "./pool{number}"\n}}\n')
            root.append(f'output "pool{number}" {{\n  value = module.pool{number}.user_pool_id\n}}\n')
        (self._root / "main.tf").write_text("\n".join(root), encoding="utf-8")
        self._check("terraform init", *terraform, "init", "-input=false", *plugin_dir())
        self._check("terraform validate", *terraform, "validate")
        self._check("terraform apply", *terraform, "apply", "-input=false", "-auto-approve")
        self._check("the second plan is empty", *terraform, "plan", "-input=false", "-detailed-exitcode")
        outputs = json.loads(self._processes.run("output", [*terraform, "output", "-json"], quiet=True))
        self._made = {number: outputs[f"pool{number}"]["value"] for number in range(len(pools))}
        self._drafts = drafts

    # What came of them.

    def _compare(self, number: int, source: dict[str, Any]) -> None:
        made = self._cognito.describe_user_pool(UserPoolId=self._made[number])["UserPool"]
        notes = (self._drafts / f"pool{number}" / "NOTES.md").read_text(encoding="utf-8")
        self._expect(f"pool {number}: what is not noted", unexplained(source, made, notes), {})
        carried_over = [
            attribute for attribute in source["SchemaAttributes"] if attribute["Name"].startswith("custom:")
        ]
        lost = [
            attribute["Name"] for attribute in carried_over if plain(attribute) not in plain(made["SchemaAttributes"])
        ]
        self._expect(f"pool {number}: every custom attribute is carried over", lost, [])
        planned = json.loads((self._drafts / f"pool{number}" / "planned.json").read_text(encoding="utf-8"))
        self._expect(f"pool {number}: planned.json is what the apply made", not_as_planned(planned, made), {})
        before, after = (self._clients(pool["Id"]) for pool in (source, made))
        self._expect(f"pool {number}: the names of the clients", sorted(after), sorted(before))
        for name, client in before.items():
            of_client = "\n".join(line for line in notes.splitlines() if "App client" in line)
            self._expect(f"pool {number}: client {name!r}", unexplained(client, after[name], of_client), {})
            writable = set(after[name]["WriteAttributes"])
            self._expect("no user writes the mark", writable & {"custom:migration", "custom:legacy_sub"}, set())
        for key in ("Groups", "ResourceServers"):
            both = [self._things(key, pool["Id"], notes) for pool in (source, made)]
            self._expect(f"pool {number}: {key}", both[1], both[0])

    def _things(self, key: str, pool_id: str, notes: str) -> list[dict[str, Any]]:
        """The groups or resource servers of a pool, without what is each pool's own or in the notes."""
        if key == "Groups":
            listed = self._cognito.list_groups(UserPoolId=pool_id)[key]
        else:
            listed = self._cognito.list_resource_servers(UserPoolId=pool_id, MaxResults=50)[key]
        return [
            {
                name: plain(value)
                for name, value in thing.items()
                if name not in ALLOWED and plain(value) and f"Group `{thing.get('GroupName')}`, `{name}`" not in notes
            }
            for thing in sorted(listed, key=str)
        ]

    def _clients(self, pool_id: str) -> dict[str, dict[str, Any]]:
        listed = self._cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
        described = [
            self._cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=client["ClientId"])["UserPoolClient"]
            for client in listed
        ]
        return {client["ClientName"]: client for client in described}

    def _sign_in(self, number: int, source: dict[str, Any], endpoint: str) -> None:
        draft, made = self._drafts / f"pool{number}", self._made[number]
        settings = draft / "settings.env"
        name = ["ana@example.com", "ana", "ana"][number]
        who = {"UserPoolId": source["Id"], "Username": name}
        attributes = [{"Name": "email", "Value": "ana@example.com"}, {"Name": "email_verified", "Value": "true"}]
        self._cognito.admin_create_user(**who, MessageAction="SUPPRESS", UserAttributes=attributes)
        self._cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
        given = ["--settings", str(settings), "--source-pool", source["Id"]]
        command = [
            self._program,
            "--format",
            "json",
            "preflight",
            *given,
            "--pool",
            made,
            "--function-arn",
            FUNCTION_ARN,
        ]
        report = self._json(command, {0, 1})
        failed = [check for check in report["checks"] if check["status"] == "fail"]
        self._expect(f"pool {number}: the preflight has nothing that fails", failed, [])
        for where in (["--pool", made], ["--planned", str(draft)]):
            survey = self._json([self._program, "--format", "json", "survey", *given, *where], {0})
            lost = {word: survey["result"].get(word, 0) for word in ("refused", "locked_out")}
            self._expect(
                f"pool {number}: the survey, {where[0]}",
                (lost, survey["result"]),
                ({"refused": 0, "locked_out": 0}, {"moves": 1}),
            )
        function = HostedFunction(self._processes, self._executables)
        lines = [
            line for line in settings.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
        ]
        function.deploy(dict(line.split("=", 1) for line in lines), endpoint)
        client = next(iter(self._clients(made).values()))["ClientId"]
        event = {
            "version": "1",
            "triggerSource": "UserMigration_Authentication",
            "region": REGION,
            "userPoolId": made,
            "userName": name,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client},
            "request": {"password": PASSWORD, "validationData": None, "userAttributes": None},
            "response": {
                "userAttributes": None,
                "forceAliasCreation": None,
                "finalUserStatus": None,
                "messageAction": None,
                "desiredDeliveryMediums": None,
            },
        }
        error, answer = function.invoke(json.dumps(event).encode())
        self._expect(f"pool {number}: the function answers", error, None)
        response = json.loads(answer)["response"]
        self._expect(f"pool {number}: the user is migrated", response["finalUserStatus"], "CONFIRMED")
        returned = response["userAttributes"]
        has_mark = any(line.startswith("MIGRATION_MARK=") for line in lines)
        mark = "pending/" + returned["custom:legacy_sub"] if has_mark else None
        self._expect(f"pool {number}: the old sub and the mark", returned.get("custom:migration"), mark)

    def _json(self, command: list[str], statuses: set[int]) -> Any:
        ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False)
        if ended.returncode not in statuses:
            raise Failure(f"{command} ended with status {ended.returncode}:\n{ended.stderr}")
        return json.loads(ended.stdout)

    def _check(self, title: str, *command: str) -> None:
        self._processes.run(title, list(command), quiet=True)
        self._passed += 1
        print(f"{title} ({self._seconds()} s)", flush=True)

    def _expect(self, title: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            raise Failure(f"{title}: {json.dumps(found, default=str, indent=1, ensure_ascii=False)} is not {wanted}")
        self._passed += 1

    def _seconds(self) -> int:
        return round(time.monotonic() - self._start)


def set_environment() -> None:
    local_aws.isolate()
    # The user's own settings for Terraform must not change a result either.
    unwanted = ("TF_VAR_", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA_DIR")
    for name in [name for name in os.environ if name.startswith(unwanted)]:
        del os.environ[name]
    os.environ.update(CHECKPOINT_DISABLE="1", TF_CLI_ARGS="-no-color", TF_IN_AUTOMATION="1")


def plugin_dir() -> list[str]:
    if os.environ.get("TF_PLUGIN_DIR"):
        return [f"-plugin-dir={os.environ['TF_PLUGIN_DIR']}"]
    # The provider is large: one download serves all tests of Terraform, and all later runs.
    cache = ROOT / ".local" / "terraform-providers"
    cache.mkdir(parents=True, exist_ok=True)
    os.environ.update(TF_PLUGIN_CACHE_DIR=str(cache), TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE="true")
    return []


def unexplained(source: dict[str, Any], made: dict[str, Any], notes: str) -> dict[str, Any]:
    """The members that are neither equal, nor named in the notes, nor allowed."""
    return {
        name: [source.get(name), made.get(name)]
        for name in sorted(source.keys() | made.keys())
        if plain(source.get(name)) != plain(made.get(name)) and f"`{name}`" not in notes and name not in ALLOWED
    }


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
    planned, made = dict(planned), dict(made)
    in_both = [{attribute["Name"] for attribute in pool["SchemaAttributes"]} for pool in (planned, made)]
    # moto knows only the attributes that a pool is made with. Cognito adds the other standard ones.
    standard = {name for name in in_both[0] - in_both[1] if not name.startswith(("custom:", "dev:"))}
    planned["SchemaAttributes"] = [each for each in planned["SchemaAttributes"] if each["Name"] not in standard]
    made["SchemaAttributes"] = [
        {name: value for name, value in attribute.items() if name != "DeveloperOnlyAttribute"}
        for attribute in made["SchemaAttributes"]
    ]
    passwords = made["Policies"]["PasswordPolicy"]
    made["Policies"] = {"PasswordPolicy": {name: passwords.get(name) for name in planned["Policies"]["PasswordPolicy"]}}
    return {name: [value, made.get(name)] for name, value in planned.items() if plain(value) != plain(made.get(name))}
