"""make test-terraform: format, `terraform test`, checkov, and the demonstration's whole life against moto.

The provider comes from the registry as usual or, where TF_PLUGIN_DIR is set, from that folder. Where terraform is not
installed, one line says so; with CI=true in the environment that is a failure.

Nothing of the work tree is touched but, with UPDATE_PAGES=1, the README of each module: everything happens in a copy,
with made-up keys. The function that `make package`
has packed really runs. Not proven here: API Gateway and Cognito's own part, which cognito.py plays, and IAM, which moto
does not enforce.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import time
from functools import partial
from typing import Any

import boto3

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Process, Processes
from tools.build import cargo
from tools.stage import source_pool, terraform
from tools.stage.terraform import APPLY, REGION
from tools.test import module_pages
from tools.test.checks import Checks
from tools.test.cognito import Cognito

CHECKOV = ROOT / ".local" / "checkov"
# The first one tests the examples, too.
TESTED = [".", "modules/monitoring", "modules/source-access-role"]
LONGEST_TESTED = "modules/migration-function"
# What a demonstration with every variable is given: those that are settings of the function, and the others.
SETTINGS = {
    "attribute_map": '{"custom:tenant":"custom:tenant","nickname":null}',
    "copy_groups": "*",
    "on_mfa": "reset",
    "on_temporary_password": "reset",
    "source_user": "disable",
    "src_auth_flow": "USER_PASSWORD_AUTH",
    "src_lookup": "email",
}
SWITCHES = ["client_secret", "finish_migrations", "secrets_manager", "sign_up_guard"]
CONFIDENTIAL = [f"-var={name}={value}" for name, value in [*SETTINGS.items(), *((name, "true") for name in SWITCHES)]]
# What the function must get of these. The secret is in Secrets Manager.
ENVIRONMENT = {name.upper(): value for name, value in SETTINGS.items()}
ENVIRONMENT.update(MIGRATION_MARK="custom:migration", RESET_CONTACTS="email", SRC_CLIENT_SECRET=None)
# What the function says of the three users of verify, and what verify tells of the emulated pools.
WRONG_PASSWORDS = ["rejected, wrong_credentials"] * 2
PUBLIC_OUTCOMES = ["migrated", "migrated", *WRONG_PASSWORDS, "migrated"]
FINISHED = ["migrated", "allowed", "finished"]
CONFIDENTIAL_OUTCOMES = [*FINISHED, "migrated", "allowed", *WRONG_PASSWORDS, *FINISHED]
OF_RESETS = "with the message of a wrong password. PreventUserExistenceErrors is ENABLED; as documented"
OF_CASE = "as typed: signed in; in lower case: signed in as the same user. This is as documented"
OF_CHOICE = "the choice PASSWORD ... ok: this cannot be seen: the app client does not allow ALLOW_USER_AUTH"
PUBLIC_TOLD = ["pre_sign_up for a migration ... ok: this cannot be seen", OF_RESETS, OF_CASE, OF_CHOICE]
CONFIDENTIAL_TOLD = [
    "it does, as documented. The trigger is PreSignUp_AdminCreateUser",
    # moto makes the token before the trigger runs.
    "| groups_in_first_token | Does the first token hold the copied groups? | it does not: ",
]
# The former addresses of alarms, from before all of them became one resource. Some moved twice.
MOVED_ONCE = ["blocked-by-risk", "misconfigured", "rejected", "resets", "slow", "source-unavailable"]
FORMER: dict[str, tuple[str, Any]] = {name: (name.replace("-", "_"), None) for name in MOVED_ONCE}
FORMER.update(errors=("lambda", "errors"), throttles=("lambda", "throttles"), idle=("idle", 0))
ALARMS_OF = ["-var=function_name=former", "-var=log_group=/aws/lambda/former", "-var=idle_alarm_hours=48"]
VERSIONS_OF_THE_PROVIDER = ">= 5.100, < 7"
# What version 6 deprecates. Here there is version 5 only, which does not say so.
DEPRECATED = re.compile(
    r"\bdata\.aws_region\.\w+(?:\[[^]]*\])?\.(?:id|name)\b"
    r"|\bdata\.aws_(?:partition|service)\.\w+(?:\[[^]]*\])?\.id\b"
    r"|\baws_secretsmanager_secret_version\.\w+(?:\[[^]]*\])?\.arn\b"
)


def main() -> int:
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    if (status := terraform.left_out("the tests of terraform/")) is not None:
        return status
    # The AWS CLI of the virtual environment goes first.
    os.environ["PATH"] = f"{venv.VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with Processes() as processes:
        Tests(processes).run()
    return 0


class Tests(Checks):
    def __init__(self, processes: Processes):
        super().__init__()
        self._processes = processes
        self._copy = processes.directory / "repository"
        self._zip = self._copy / "target" / "lambda" / cargo.FUNCTION / "bootstrap.zip"

    def run(self) -> None:
        self.expect("the pages of the modules are what the code says", module_pages.check(), None)
        self._versions_of_the_provider()
        terraform.isolate()
        terraform.copy(self._copy)
        if not cargo.PACKAGED_ZIP.exists():
            raise Failure(f"{cargo.PACKAGED_ZIP} does not exist: run make package first")
        self._zip.parent.mkdir(parents=True)
        shutil.copy(cargo.PACKAGED_ZIP, self._zip)
        self._check("terraform fmt", ["fmt", "-check", "-diff", "-recursive"])
        for directory in [*TESTED, LONGEST_TESTED]:
            self._check(f"terraform init, {directory}", terraform.init(), directory)
        # The longest of all goes on while the others run.
        longest = self._processes.start("longest test", self._terraform(["test"], LONGEST_TESTED))
        for directory in TESTED:
            self._check(f"terraform test, {directory}", ["test"], directory)
        self._checkov()
        self._demonstration()
        self.expect(f"terraform test, {LONGEST_TESTED}", longest.popen.wait(), 0, longest.printed())
        self.close("terraform")

    def _versions_of_the_provider(self) -> None:
        texts = {
            path: path.read_text(encoding="utf-8")
            for path in (ROOT / "terraform").rglob("*.tf")
            if ".terraform" not in path.parts
        }
        constraints = {version for text in texts.values() for version in re.findall(r' version = "(.*)"', text)}
        self.expect("every folder names the same versions of the provider", constraints, {VERSIONS_OF_THE_PROVIDER})
        deprecated = [match.group() for text in texts.values() for match in DEPRECATED.finditer(text)]
        self.expect("nothing is read that version 6 of the provider deprecates", deprecated, [])

    def _checkov(self) -> None:
        """Nothing fails in the hardened example but what is skipped beside its resource, and every file can be read."""
        venv.ensure(CHECKOV, ROOT / "tools" / "requirements-checkov.txt")
        example = str(self._copy / "terraform" / "examples" / "hardened")
        # It asks no host on the network.
        offline = ["--skip-download", "--download-external-modules", "false"]
        command = [str(CHECKOV / "bin" / "checkov"), "--directory", example, "--framework", "terraform", *offline]
        printed = self._processes.run("checkov", [*command, "--soft-fail", "--compact", "--output", "json"], quiet=True)
        results = json.loads(printed)["results"]
        failed = [f"{check['check_id']} {check['resource']}" for check in results["failed_checks"]]
        # It looked into the modules.
        seen = "module.monitoring.aws_sns_topic.alarms[0]" in {each["resource"] for each in results["passed_checks"]}
        found = (failed, results["parsing_errors"], seen)
        self.expect("checkov: the hardened example", found, ([], [], True), printed)

    def _demonstration(self) -> None:
        """From nothing to a migration and back to nothing, first with public clients, then with confidential ones."""
        moto = source_pool.start_moto(self._processes)
        built = cargo.as_tested(self._processes)
        self._program = str(built[cargo.OPERATORS_PROGRAM])
        source_pool.wait_for_moto(self._processes, moto)
        with Cognito(self._processes, moto.endpoint, built, self._zip) as self._front:
            terraform.use_account(self._front.url)
            nothing = inventory()
            self._moved_alarms()
            for kind, variables, outcomes, told in [
                ("public", [], PUBLIC_OUTCOMES, PUBLIC_TOLD),
                ("confidential", CONFIDENTIAL, CONFIDENTIAL_OUTCOMES, CONFIDENTIAL_TOLD),
            ]:
                self._check(f"apply, {kind} clients", [*APPLY, *variables])
                shown = self._processes.run("terraform output", self._terraform(["output", "-json"]), quiet=True)
                self._outputs = {name: output["value"] for name, output in json.loads(shown).items()}
                plan = ["plan", "-input=false", "-detailed-exitcode", *variables]
                self._check(f"empty second plan, {kind} clients", plan)
                if variables:
                    # One that the function copies.
                    for pool in ("source_user_pool_id", "new_user_pool_id"):
                        boto3.client("cognito-idp").create_group(UserPoolId=self._outputs[pool], GroupName="staff")
                record = self._processes.directory / "record.md"
                record.unlink(missing_ok=True)
                printed = self._verify(f"{kind} clients", 0, [*told, "The migration works."], {"--record": str(record)})
                is_the_page = record.read_text(encoding="utf-8").strip() in printed
                found = (is_the_page, self._front.outcomes())
                self.expect(f"what was written and done, {kind} clients", found, (True, outcomes), printed)
            settings = self._settings()
            found = {name: settings.get(name) for name in ENVIRONMENT}
            self.expect("the function has the settings that were given", found, ENVIRONMENT)
            self._preflight()
            self._failures()
            self._open_questions()
            self._zip.unlink()
            status, printed = self._wait(["plan", "-input=false", *CONFIDENTIAL])
            title = "a plan without the zip names the command that makes it"
            self.expect(title, (status, "make package" in printed), (1, True), printed)
            test = ["test", "-filter=tests/package_s3.tftest.hcl"]
            self._check("a plan with a zip in S3 needs none here", test, LONGEST_TESTED)
            # From here on as from a clean clone.
            self._check("destroy", ["destroy", "-input=false", "-auto-approve", *CONFIDENTIAL])
            self.expect("destroy leaves nothing", (inventory(), self._front.saved_queries), (nothing, {}))

    def _moved_alarms(self) -> None:
        """A plan from a state in which the alarms have former addresses changes nothing."""
        module, logs = "modules/monitoring", boto3.client("logs")
        logs.create_log_group(logGroupName="/aws/lambda/former")
        self._check("apply, all alarms", [*APPLY, *ALARMS_OF], module)
        path, own = self._copy / "terraform" / module / "terraform.tfstate", {}
        state = json.loads(path.read_text(encoding="utf-8"))
        alarms = next(each for each in state["resources"] if each["name"] == "alarm")
        state["resources"].remove(alarms)
        for instance in alarms["instances"]:
            alarm = instance["index_key"]
            name, instance["index_key"] = FORMER.get(alarm, ("alarm", alarm))
            own.setdefault(name, {**alarms, "name": name, "instances": []})["instances"].append(instance)
        state["resources"] += own.values()
        path.write_text(json.dumps(state), encoding="utf-8")
        status, printed = self._wait(["plan", "-input=false", *ALARMS_OF], module)
        found = (status, "Plan: 0 to add, 0 to change, 0 to destroy." in printed, printed.count("has moved to"))
        self.expect("nothing but moves", found, (0, True, len(FORMER)), printed)
        self._check("destroy, all alarms", ["destroy", "-input=false", "-auto-approve", *ALARMS_OF], module)
        logs.delete_log_group(logGroupName="/aws/lambda/former")

    def _preflight(self) -> None:
        """The function's report, as an apply and `make preflight` show it."""
        self._front.invoked.clear()
        self._front.denied = {"ListUsers"}
        status, printed = self._wait([*APPLY, *CONFIDENTIAL, "-var=run_preflight=true"])
        named = "The preflight failed: source.lookup" in " ".join(printed.replace("│", " ").split())
        self.expect("an apply names the check that failed", (status, named), (0, True), printed)
        before = self._settings()
        for title, denied, changed, wanted, said in [
            ("a denied call", {"ListUsers"}, {}, 1, "cannot be judged: source.lookup"),
            # The pools of a demonstration can be deleted.
            ("all in order", set(), {}, 0, "No check failed. Read the warnings: destination.pool"),
            ("a wrong setting", set(), {"SRC_CLIENT_ID": ""}, 2, "SRC_CLIENT_ID must be the id of an app client"),
            # This program could do without the app client now. The function cannot.
            ("no report", set(), {"SRC_AUTH_FLOW": "ADMIN_USER_PASSWORD_AUTH"}, 1, "did not answer with a report"),
        ]:
            self._front.denied = denied
            self._change_settings(**changed)
            deployed = ["--function", self._outputs["function_name"], "--pool", self._outputs["new_user_pool_id"]]
            status, printed = self._processes.ended([self._program, "preflight", *deployed])
            self.expect(f"make preflight, {title}", (status, said in printed), (wanted, True), printed)
        self._change_settings(**before)
        asked = [event["triggerSource"] for event in self._front.invoked]
        self.expect("make preflight asks what an apply asks", asked, ["Migration_Preflight"] * 4)
        self.expect("the preflight: moto's front held", self._front.faults, [])

    def _failures(self) -> None:
        """Where verify fails, is interrupted, or says no before anything is done."""
        # What verify only tells of ends it where a pool lets a user in who must stay out.
        for self._front.lets_in, step in [
            ("second", "Sign in with the password of the source pool all the same"),
            ("mixed-case", "A wrong password is rejected"),
        ]:
            self._verify(f"{self._front.lets_in} gets in", 1, [f"{step} ... FAILED\n    the user got in\n"])
        self._front.lets_in = None
        for number, told, options in [
            (signal.SIGINT, ["| It was interrupted. |"], {}),
            (signal.SIGTERM, ['"ok": false', '"status": "interrupted"'], {"--format": "json"}),
        ]:
            self._verify(f"{number.name} during a migration", 1, told, options, number)
        record, unknown = str(self._processes.directory / "record.md"), f"{REGION}_Unknown01"
        for title, said, status, option, value in [
            ("a page that exists", f"{record} exists", 1, "--record", record),
            ("another source pool", "is another one than", 2, "--source-pool", unknown),
            ("an unknown pool", "does not exist", 1, "--pool", unknown),
            ("an unknown client", "does not exist", 1, "--client", "unknown"),
            ("an API that is no secret", "it must begin with https://", 2, "--api-url", "http://example.com"),
            ("an unknown function", "does not exist", 1, "--function", "unknown"),
        ]:
            self._verify(title, status, [said], {option: value})

    def _open_questions(self) -> None:
        """What verify tells where pools, client and settings allow each of its steps."""
        outputs, cognito = self._outputs, boto3.client("cognito-idp")
        source, pool = outputs["source_user_pool_id"], outputs["new_user_pool_id"]
        flows = ["ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        client = {"UserPoolId": pool, "ClientId": outputs["new_client_id"]}
        cognito.update_user_pool_client(**client, ExplicitAuthFlows=flows)
        triggers = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]["LambdaConfig"]
        triggers["PreAuthentication"] = f"arn:aws:lambda:{REGION}:123456789012:function:made-up"
        sms = {"MfaConfiguration": "OPTIONAL", "SmsConfiguration": {"SnsCallerArn": "made-up"}}
        # In moto a user of an alias signs in twice.
        of_new = {**sms, "LambdaConfig": triggers, "AliasAttributes": ["email"]}
        self._front.also_described = {source: sms, pool: of_new}
        of_sms = [
            "| it does not, so it keeps no user from moving. Such a name hears NotAuthorizedException with the",
            "| it does: the user has moved. The sign-in ended with tokens |",
            "| it does not. The sign-in that migrates: tokens; the next one: tokens |",
        ]
        of_an_alias = ["| yes. The first sign-in: signed in; the second: signed in |"]
        # moto's challenge does not name the user, who is looked up.
        for what, lookup, told in [("SMS MFA", "email", of_sms), ("an alias", "", of_an_alias)]:
            self._change_settings(ON_MFA="sms", SRC_LOOKUP=lookup)
            self._front.seen_secrets.add("+15550100")
            self._verify(what, 0, told, {"--phone-number": "+15550100"})
        self._front.also_described = {}
        self._change_settings(SRC_LOOKUP="preferred_username")
        told = ["... FAILED", "aws logs filter-log"]
        printed = self._verify("a migration that fails", 1, told)
        found = ([printed.count(text) for text in told], self._front.outcomes())
        self.expect("verify says where to look", found, ([1, 1], ["rejected, user_not_found"]), printed)

    def _settings(self) -> dict[str, str]:
        """The function's environment as it is deployed."""
        name = self._outputs["function_name"]
        return boto3.client("lambda").get_function_configuration(FunctionName=name)["Environment"]["Variables"]

    def _change_settings(self, **settings: str) -> None:
        name, variables = self._outputs["function_name"], {**self._settings(), **settings}
        boto3.client("lambda").update_function_configuration(FunctionName=name, Environment={"Variables": variables})

    def _verify(
        self, title: str, status: int, told: list[str], options: dict[str, str] | None = None, number: int | None = None
    ) -> str:
        """Runs verify with the arguments that `make verify` finds, and these. Tells what it printed.

        `number`: the signal that comes in the middle. In any case verify deletes its users and shows no secret.
        """
        given = {
            "--function": self._outputs["function_name"],
            "--source-pool": self._outputs["source_user_pool_id"],
            "--pool": self._outputs["new_user_pool_id"],
            "--client": self._outputs["new_client_id"],
            "--api-url": self._front.url + "/api",
            **(options or {}),
        }
        arguments = [part for option in given.items() for part in option]
        process = self._processes.start("verify", [self._program, "verify", *arguments])
        self._front.on_sign_in = partial(_interrupt, process, number) if number else lambda: None
        found, printed = process.popen.wait(), process.printed()
        missing = [text for text in told if text not in printed]
        shown = [secret for secret in self._front.seen_secrets if secret in printed]
        came = (found, missing, shown, self._front.users(), self._front.faults)
        self.expect(f"verify, {title}", came, (status, [], [], [], []), printed)
        return printed

    def _terraform(self, arguments: list[str], directory: str = ".") -> list[str]:
        return ["terraform", f"-chdir={self._copy / 'terraform' / directory}", *arguments]

    def _check(self, title: str, arguments: list[str], directory: str = ".") -> None:
        status, printed = self._wait(arguments, directory)
        self.expect(title, status, 0, printed)

    def _wait(self, arguments: list[str], directory: str = ".") -> tuple[int, str]:
        return self._processes.ended(self._terraform(arguments, directory))


def _interrupt(process: Process, number: int) -> None:
    process.popen.send_signal(number)
    # A second, impatient one.
    time.sleep(0.5)
    process.popen.send_signal(number)


def inventory() -> dict[str, Any]:
    """What is in the emulated account, of all that Terraform makes."""
    return {
        "alarms": boto3.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": boto3.client("cloudwatch").list_dashboards()["DashboardEntries"],
        "functions": boto3.client("lambda").list_functions()["Functions"],
        "log groups": boto3.client("logs").describe_log_groups()["logGroups"],
        "REST APIs": boto3.client("apigateway").get_rest_apis()["items"],
        "roles": boto3.client("iam").list_roles()["Roles"],
        "secrets": boto3.client("secretsmanager").list_secrets()["SecretList"],
        "user pools": boto3.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"],
    }
