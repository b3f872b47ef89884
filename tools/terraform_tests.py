"""The tests of terraform/: format, validation, `terraform test`, and the demonstration's whole life against moto.

    python3 tools/terraform_tests.py

Where terraform is not installed, one line says so; with CI=true in the environment that is a failure. The provider comes from
the registry as usual or, where TF_PLUGIN_DIR is set, from that folder.

Nothing of the work tree is touched: everything happens in a copy, with made-up keys. Not proven here: the behaviour of API Gateway
and of Cognito's trigger, which trigger_front.py plays, and of IAM, which moto does not enforce.
"""

from __future__ import annotations

import os
import shutil
import sys

WITHOUT_TERRAFORM = "terraform is not installed: the tests of terraform/ were left out"

if __name__ == "__main__":
    if not shutil.which("terraform"):
        print(WITHOUT_TERRAFORM, flush=True)
        sys.exit(1 if os.environ.get("CI") == "true" else 0)

    import bootstrap

    bootstrap.enter()

import json
import time
import zipfile
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3

import local_aws
from bootstrap import ROOT, VENV
from processes import Failure, Processes, accepts_connections, free_port
from trigger_front import REGION, TriggerFront

TERRAFORM = ROOT / "terraform"
VALIDATED = [".", "examples/cross-account/source-account"]
TESTED = [".", "examples/cross-account/destination-account", "modules/monitoring", "modules/source-access-role"]
LONGEST_TESTED = "modules/migration-function"
PUBLIC: list[str] = []
PREFLIGHT = ["-var=run_preflight=true"]
REPORT = {
    "ok": False,
    "checks": [
        {"id": "source.pool", "status": "ok", "detail": "It is there.", "fix": ""},
        {"id": "source.flow", "status": "fail", "detail": "The flow is off.", "fix": "Set SRC_AUTH_FLOW."},
    ],
    "users": {"source": 1200, "destination": None},
}
CONFIDENTIAL = [
    "-var=client_secret=true", "-var=src_auth_flow=USER_PASSWORD_AUTH", "-var=finish_migrations=true", "-var=copy_groups=true",
    "-var=source_user=disable", "-var=sign_up_guard=true", "-var=src_lookup=email"]
# What the function must get of these.
CONFIDENTIAL_SETTINGS = {
    "COPY_GROUPS": "true", "MIGRATION_MARK": "custom:migration", "SOURCE_USER": "disable", "SRC_AUTH_FLOW": "USER_PASSWORD_AUTH",
    "SRC_LOOKUP": "email"}


class Tests:
    def __init__(self, processes: Processes):
        self._processes = processes
        self._passed = 0
        self._start = time.monotonic()
        # What is on the command lines of the programs that verify calls.
        self._arguments = processes.directory / "arguments"
        self._copy = processes.directory / "repository"
        self._zip = self._copy / "target" / "lambda" / "cognito-user-migration" / "bootstrap.zip"

    def run(self) -> None:
        self._set_environment()
        self._lay_copy()
        self._check("terraform fmt", *self._terraform("."), "fmt", "-check", "-diff", "-recursive")
        for directory in sorted({*VALIDATED, *TESTED, LONGEST_TESTED}):
            self._check(f"terraform init, {directory}", *self._terraform(directory), "init", "-input=false", *self._plugin_dir())
        for directory in VALIDATED:
            self._check(f"terraform validate, {directory}", *self._terraform(directory), "validate")
        # The longest of all goes on beside the others.
        longest = self._processes.start("longest test", [*self._terraform(LONGEST_TESTED), "test"])
        for directory in TESTED:
            self._check(f"terraform test, {directory}", *self._terraform(directory), "test")
        self._demonstration()
        self._expect(f"terraform test, {LONGEST_TESTED}", longest.popen.wait(), 0, longest.printed())
        print(f"terraform: {self._passed} passed, 0 failed", flush=True)

    def _demonstration(self) -> None:
        """From nothing to a migration and back to nothing, first with public clients, then with confidential ones."""
        port = free_port()
        moto = self._processes.start("moto", [str(VENV / "bin" / "moto_server"), "-p", str(port)])
        self._processes.wait_until(moto, lambda: accepts_connections(port))
        with TriggerFront(port) as front:
            os.environ.update(AWS_ENDPOINT_URL=front.url, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
            nothing = inventory()
            for kind, variables in [("public", PUBLIC), ("confidential", CONFIDENTIAL)]:
                apply = [*self._terraform("."), "apply", "-input=false", "-auto-approve", *variables]
                self._check(f"apply, {kind} clients", *apply)
                plan = [*self._terraform("."), "plan", "-input=false", "-detailed-exitcode", *variables]
                self._check(f"empty second plan, {kind} clients", *plan)
                self._verify(f"verify, {kind} clients", front)
            function = boto3.client("lambda").get_function_configuration(FunctionName=self._outputs()["function_name"])
            settings = function["Environment"]["Variables"]
            found = {name: settings.get(name) for name in CONFIDENTIAL_SETTINGS}
            self._expect("the function has the settings that were given", found, CONFIDENTIAL_SETTINGS)
            # verify itself removes the users: here it is only whether the deployed settings led there.
            self._expect("a migration was finished where it was asked for", len(front.retired), 1)
            self._preflight(front)
            self._progress()
            front.refuses = True
            self._verify_fails("verify says where to look when the migration fails", front)
            self._zip.unlink()
            status, printed = self._wait([*self._terraform("."), "plan", "-input=false", *CONFIDENTIAL])
            title = "a plan without the zip names the command that makes it"
            self._expect(title, (status, "make package" in printed), (1, True), printed)
            # From here on as from a clean clone.
            self._check("destroy", *self._terraform("."), "destroy", "-input=false", "-auto-approve", *CONFIDENTIAL)
            self._expect("destroy leaves nothing", (inventory(), front.saved_queries), (nothing, {}))

    def _preflight(self, front: TriggerFront) -> None:
        """The function's report, as an apply and `make preflight` show it."""
        front.report = REPORT
        status, printed = self._wait([*self._terraform("."), "apply", "-input=false", "-auto-approve", *CONFIDENTIAL, *PREFLIGHT])
        named = "The preflight failed: source.flow" in " ".join(printed.replace("│", " ").split())
        self._expect("an apply names the check that failed", (status, named), (0, True), printed)
        outputs = self._outputs()
        expected = [{"triggerSource": "Migration_Preflight", "userPoolId": outputs["new_user_pool_id"]}]
        self._expect("the function was asked about the new pool", front.preflights, expected)
        for ok, verdict in [(False, "Migrations will fail: source.flow"), (True, "Nothing keeps migrations from working.")]:
            front.report = {**REPORT, "ok": ok}
            status, printed = self._tool("preflight.py")
            self._expect(f"make preflight, ok {ok}", (status, verdict in printed), (int(not ok), True), printed)
        self._expect("make preflight asks the same", front.preflights, expected * 3)
        front.report = {"userName": "an event, unchanged"}
        status, printed = self._tool("preflight.py")
        self._expect("make preflight wants a report", (status, "did not answer with a report" in printed), (1, True), printed)

    def _progress(self) -> None:
        """Both pools, and the metrics of the days before this one, as `make progress` shows them."""
        outputs = self._outputs()
        cognito = boto3.client("cognito-idp")
        waiting = [
            {"UserPoolId": outputs["source_user_pool_id"], "Username": f"waiting{number}@example.com"} for number in range(8)]
        for user in waiting:
            cognito.admin_create_user(**user, MessageAction="SUPPRESS")
        cloudwatch = boto3.client("cloudwatch")
        for days, migrated in [(1, 5), (2, 2), (30, 99)]:
            cloudwatch.put_metric_data(Namespace="CognitoUserMigration", MetricData=[{
                "MetricName": "Migrated", "Dimensions": [{"Name": "FunctionName", "Value": outputs["function_name"]}],
                "Timestamp": datetime.now(timezone.utc) - timedelta(days=days), "Value": migrated}])
        status, printed = self._tool("progress.py")
        # Seven migrations in seven days, eight users left.
        said = all(text in printed for text in ["8 users\n", "0 users\n", "0.0%", "(7 in 14 days)", "At 1.0 a day", "8 more days"])
        self._expect("make progress", (status, said), (0, True), printed)
        for user in waiting:
            cognito.admin_delete_user(**user)

    def _outputs(self) -> dict[str, Any]:
        printed = self._processes.run("terraform output", [*self._terraform("."), "output", "-json"])
        return {name: output["value"] for name, output in json.loads(printed).items()}

    def _tool(self, name: str) -> tuple[int, str]:
        """A tool that asks Terraform what is deployed, as in the work tree."""
        shutil.copytree(ROOT / "tools", self._copy / "tools", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / "events", self._copy / "events", dirs_exist_ok=True)
        return self._wait([sys.executable, str(self._copy / "tools" / name)])

    def _verify(self, title: str, front: TriggerFront) -> None:
        status, printed = self._run_verify(front)
        self._expect(title, (status, "The migration works." in printed), (0, True), printed)
        self._expect_no_trace(title, front, printed)

    def _verify_fails(self, title: str, front: TriggerFront) -> None:
        status, printed = self._run_verify(front)
        pointers = [line for line in printed.splitlines() if "FAILED" in line or "aws logs filter-log-events" in line]
        self._expect(title, (status, len(pointers)), (1, 2), printed)
        self._expect_no_trace(title, front, printed)

    def _expect_no_trace(self, title: str, front: TriggerFront, printed: str) -> None:
        self._expect(f"{title}: its users are gone", front.users(), [], printed)
        self._expect(f"{title}: moto's front held", front.faults, [], printed)
        public = printed + self._arguments.read_text()
        shown = [secret for secret in front.seen_secrets if secret in public]
        self._expect(f"{title}: no secret shown or on a command line", shown, [], printed)

    def _run_verify(self, front: TriggerFront) -> tuple[int, str]:
        outputs = json.loads(self._processes.run("terraform output", [*self._terraform("."), "output", "-json"]))
        outputs["invoke_url"]["value"] = front.url + "/api"
        file = self._processes.directory / "outputs.json"
        file.write_text(json.dumps(outputs), encoding="utf-8")
        environment = {**os.environ, "PATH": f"{self._recorders()}{os.pathsep}{os.environ['PATH']}"}
        return self._wait([sys.executable, str(ROOT / "tools" / "verify.py"), "--outputs", str(file)], environment)

    def _recorders(self) -> Path:
        """Stand-ins for the programs that verify calls: they write their arguments down and become the program."""
        directory = self._processes.directory / "recorders"
        directory.mkdir(exist_ok=True)
        self._arguments.write_text("")
        for program in ("aws", "curl"):
            recorder = directory / program
            recorder.write_text(
                f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{self._arguments}"\nexec "{shutil.which(program)}" "$@"\n')
            recorder.chmod(0o700)
        return directory

    def _set_environment(self) -> None:
        local_aws.isolate()
        # The user's own settings for Terraform must not change a result either.
        unwanted = ("TF_VAR_", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA_DIR")
        for name in [name for name in os.environ if name.startswith(unwanted)]:
            del os.environ[name]
        if not Path(os.environ.get("TF_CLI_CONFIG_FILE", "/")).exists():
            del os.environ["TF_CLI_CONFIG_FILE"]
        os.environ.update(CHECKPOINT_DISABLE="1", TF_CLI_ARGS="-no-color", TF_IN_AUTOMATION="1")
        # An AWS CLI of the virtual environment's goes first.
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"

    def _lay_copy(self) -> None:
        ignored = (
            ".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json", "*override.tf")
        shutil.copytree(TERRAFORM, self._copy / "terraform", ignore=shutil.ignore_patterns(*ignored))
        self._zip.parent.mkdir(parents=True)
        with zipfile.ZipFile(self._zip, "w") as archive:
            archive.writestr("bootstrap", "#!/bin/sh\n")

    def _plugin_dir(self) -> list[str]:
        if os.environ.get("TF_PLUGIN_DIR"):
            return [f"-plugin-dir={os.environ['TF_PLUGIN_DIR']}"]
        # The provider is large: one download serves all folders and all later runs.
        cache = ROOT / ".local" / "terraform-providers"
        cache.mkdir(parents=True, exist_ok=True)
        os.environ.update(TF_PLUGIN_CACHE_DIR=str(cache), TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE="true")
        return []

    def _terraform(self, directory: str) -> list[str]:
        return ["terraform", f"-chdir={self._copy / 'terraform' / directory}"]

    def _check(self, title: str, *command: str) -> None:
        status, printed = self._wait(list(command))
        self._expect(title, status, 0, printed)

    def _expect(self, title: str, found: Any, expected: Any, printed: str = "") -> None:
        if found != expected:
            raise Failure(f"{title}: failed\n{printed}\nexpected {expected!r}, found {found!r}")
        self._passed += 1
        print(f"ok  {time.monotonic() - self._start:5.1f} s  {title}", flush=True)

    def _wait(self, command: list[str], environment: dict[str, str] | None = None) -> tuple[int, str]:
        """Runs a command to its end: its exit status and what it printed."""
        process = self._processes.start(Path(command[0]).name, command, environment)
        return process.popen.wait(), process.printed()


def inventory() -> dict[str, Any]:
    """What is in the emulated account, of all that Terraform makes."""
    return {
        "alarms": boto3.client("cloudwatch").describe_alarms()["MetricAlarms"],
        "dashboards": boto3.client("cloudwatch").list_dashboards()["DashboardEntries"],
        "functions": boto3.client("lambda").list_functions()["Functions"],
        "log groups": boto3.client("logs").describe_log_groups()["logGroups"],
        "REST APIs": boto3.client("apigateway").get_rest_apis()["items"],
        "roles": boto3.client("iam").list_roles()["Roles"],
        "user pools": boto3.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"],
    }


def main() -> int:
    for program in ("aws", "curl"):
        if not shutil.which(program, path=f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"):
            print(f"{program} is not installed, and the tests of terraform/ need it", flush=True)
            return 1
    try:
        with Processes() as processes:
            Tests(processes).run()
    except Failure as failure:
        print(failure, flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
