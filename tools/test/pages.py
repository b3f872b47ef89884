"""python3 -m tools test-pages: every command in README.md and docs is run.

Every command of the pages stands below: it is run here, or another part of `make test` runs it, or nothing here can and
the list says why. The Terraform of the pages is validated with the modules of this work tree, and the two accounts are
deployed into an emulated one. A command that is not in the list, or no longer on a page, is a failure.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.base.venv import VENV
from tools.build import cargo
from tools.stage import local_aws, source_pool
from tools.stage.local import arguments_parser

REGION = "eu-west-1"
# What begins a command in the text; in a block for the shell every line is one.
PROGRAMS = r"(?:[A-Z_]+=\S+ )?(?:aws|cargo|cognito-migration|make|python3 -m tools|terraform)"
# The commands of these two parts of the pages, which are run in their order.
IN_TWO_ACCOUNTS = [
    "terraform apply -var external_id=EXTERNAL-ID -var source_account_id=111122223333"
    " -var src_user_pool_id=eu-west-1_Ab1Cd2Ef3 -var src_client_id=1h57kf5cpq17m0eml12EXAMPLE"
    " -var new_user_pool_arn=arn:aws:cognito-idp:eu-west-1:444455556666:userpool/eu-west-1_Gh4Ij5Kl6",
    "terraform output -json for_source_account > ../source-account/terraform.tfvars.json",
]
MARKS = [
    "aws cognito-idp admin-update-user-attributes --user-pool-id DESTINATION_POOL --username NAME"
    " --user-attributes Name=custom:migration,Value=pending/SUB_IN_THE_SOURCE_POOL",
    "aws cognito-idp list-users --user-pool-id DESTINATION_POOL --output text"
    " --query \"Users[?Attributes[?Name=='custom:migration' && starts_with(Value, 'pending/')]].Username\"",
]
# The way back, after `retire` and after sign-ins.
WAY_BACK = [
    "cognito-migration restore --source-pool SOURCE_POOL --pool DESTINATION_POOL --set MIGRATION_MARK=custom:migration"
    " --record retired.txt",
    "cognito-migration restore --source-pool SOURCE_POOL --pool DESTINATION_POOL --set MIGRATION_MARK=custom:migration",
]
# Where the modules of the pages come from: the folder in this work tree is the group.
MODULE_SOURCE = re.compile(
    r"git::https://github\.com/[\w-]+/cognito-user-migration\.git//terraform/modules/([a-z-]+)\?ref=v[\w.]+"
)
OPTION = re.compile(r"--[a-z][a-z-]+")
SOURCE = re.compile(r'^ *source += "(.*)"$', re.MULTILINE)
# What a reader of the pages has before: "as it is".
POOLS_OF_THE_READER = """resource "aws_cognito_user_pool" "new" {
  name = "new"
}

resource "aws_cognito_user_pool_client" "app" {
  name         = "app"
  user_pool_id = aws_cognito_user_pool.new.id
}
"""
# Words of the commands for which a reader puts in something of their own, and Terraform's outputs.
PLACEHOLDERS = {
    "ARN": "migration",
    "ID": "eu-west-1_Gh4Ij5Kl6",
    "NAME": "migration",
    "invoke_url": "https://example.com",
}


@dataclass
class By:
    """Another part of `make test` runs it: this piece of this file."""

    file: str
    piece: str


@dataclass
class Not:
    """Nothing here can run it."""

    reason: str


def main() -> int:
    arguments = arguments_parser(__doc__).parse_args()
    local_aws.isolate()
    os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
    with Processes() as processes:
        return Pages(processes, arguments.packaged).run()


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(text: str, language: str) -> list[str]:
    """What stands in the blocks of this language, without their indentation."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL)
    return [re.sub(rf"^{indent}", "", block, flags=re.MULTILINE) for indent, block in found]


def commands() -> dict[str, str]:
    """Each command of the pages, in one line and without comment, and the page on which it stands."""
    found: dict[str, str] = {}
    for page in pages():
        text = page.read_text(encoding="utf-8")
        # The settings' page is made, and has assignments.
        shell = [] if page.name == "settings.md" else blocks(text, "sh")
        lines = [line for block in shell for line in block.replace("\\\n", " ").splitlines()]
        lines += [line[2:] for block in blocks(text, "text") for line in block.splitlines() if line.startswith("$ ")]
        prose = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
        lines += re.findall(rf"`({PROGRAMS}(?:\s[^`]*)?)`", prose)
        for line in lines:
            command = " ".join(re.sub(r"\s# .*", "", line).split())
            if command and not command.startswith("cd "):
                found.setdefault(command, page.name)
    return found


def put_in(argument: str) -> str:
    """What could stand there. An id of a pool is a good name of a function, too."""
    asked = re.fullmatch(r"\$\(terraform .* (\w+)\)", argument)
    name = asked[1] if asked else argument
    return PLACEHOLDERS.get(name, PLACEHOLDERS["ID"] if asked else name)


def declared(terraform: str) -> dict[str, dict[str, str]]:
    """What stands in each of its blocks: by the block's header, then by the name of the argument or inner block."""
    found: dict[str, dict[str, str]] = {}
    for header, body in re.findall(r"^(\w+ [^{\n]*) \{\n(.*?)^\}$", terraform, re.MULTILINE | re.DOTALL):
        # One begins with each line that is indented once and closes nothing.
        items = re.findall(r"^  \w.*\n(?:   .*\n|  \}.*\n|\n)*", body, re.MULTILINE)
        found[header] = {re.match(r"\w+", item.strip())[0]: item for item in items}
    return found


def _written(configuration: dict[str, dict[str, str]]) -> str:
    """The blocks as Terraform reads them: the opposite of `declared`."""
    written = [f"{header} {{\n{''.join(items.values())}}}\n" for header, items in configuration.items()]
    return "\n".join(written)


class Pages:
    def __init__(self, processes: Processes, packaged: bool):
        self._processes = processes
        self._packaged = ["--packaged"] if packaged else []
        self._start = time.monotonic()
        self._passed = 0
        self._program = ""

    def run(self) -> int:
        known, found = self._list(), commands()
        unknown = {command: page for command, page in found.items() if command not in known}
        self._expect("every command of the pages is in the list of tools/test/pages.py", unknown, {})
        gone = [command for command in known if command not in found]
        self._expect("every command of that list stands on a page", gone, [])
        for command, answer in known.items():
            if isinstance(answer, By):
                piece = answer.piece in (ROOT / answer.file).read_text(encoding="utf-8")
                self._expect(f"{answer.file} runs it: {command}", piece, True)
            elif isinstance(answer, Not):
                if "make " in command:
                    self._expanded(command)
                print(f"-           {command}: {answer.reason}", flush=True)
        for command, answer in known.items():
            if not isinstance(answer, (By, Not)):
                answer(command)
        left_out = self._terraform()
        print(f"pages: {self._passed} passed, 0 failed{left_out}", flush=True)
        return 1 if left_out and os.environ.get("CI") == "true" else 0

    def _list(self) -> dict[str, By | Not | Callable[[str], None]]:
        """Every command, in the order of the pages."""
        operated = By("tools/test/terraform.py", "self._program")
        applied = By("tools/test/terraform.py", '"apply"')
        long = Not("long, on a machine that does nothing else")
        return {
            "make": self._run,
            "make demo": By("Makefile", '"make demo FUNCTION_BINARY=$(PACKAGED)"'),
            "make test": By("Makefile", '"make lint" "make package"'),
            "make lint": By("Makefile", '"make lint" "make package"'),
            "make clean": Not("it would remove what the tests run"),
            "make unit": By("Makefile", "make unit FUNCTION_BINARY=$(PACKAGED)"),
            "make package": By("Makefile", '"make lint" "make package"'),
            "make package ARCH=x86_64": By("Makefile", '"make lint" "make package"'),
            "make package ARCH=arm64": Not("a compiler for another machine"),
            "COMPILER=zig make package": Not("a compiler that has to be downloaded"),
            "sha256sum --check --ignore-missing SHA256SUMS": self._check_sums,
            "make preflight": operated,
            "make preflight FUNCTION=ARN POOL=ID": self._parse,
            "make preflight FUNCTION=NAME POOL=ID": self._parse,
            'make preflight FUNCTION=ARN POOL=ID OPTIONS="--source-profile PROFILE"': self._parse,
            "cognito-migration preflight --function ARN --pool ID": self._parse,
            "make progress": operated,
            "make verify": By("tools/test/terraform.py", "_verify("),
            'make verify OPTIONS="--source-profile PROFILE"': self._parse,
            "make verify FUNCTION=NAME POOL=ID CLIENT=ID SOURCE_POOL=ID": self._parse,
            "make install": Not("it would change the programs of who runs this"),
            "cargo install --locked --path crates/cli": By("Makefile", "$(CARGO) install --locked --path crates/cli"),
            'make survey FUNCTION=NAME SOURCE_POOL=ID POOL=ID OPTIONS="--html survey.html"': self._parse,
            "cognito-migration completions SHELL": self._completions,
            "cognito-migration survey --source-pool eu-west-1_Ab12Cd34E"
            " --pool eu-west-1_Fg56Hi78J --set SRC_LOOKUP=email --set ON_TEMPORARY_PASSWORD=reset": self._parse,
            "cognito-migration draft --source-pool eu-west-1_Ab12Cd34E --out new-pool --sign-in email": self._parse,
            "cognito-migration survey --source-pool eu-west-1_Ab12Cd34E --planned new-pool"
            " --settings new-pool/settings.env": self._parse,
            "terraform -chdir=new-pool init && terraform -chdir=new-pool apply": By("tools/test/drafts.py", '"apply"'),
            'cognito-migration preflight --function "$(terraform -chdir=new-pool output -raw function_arn)"'
            ' --pool "$(terraform -chdir=new-pool output -raw user_pool_id)"': self._parse,
            "make test-drafts": By("Makefile", 'test-drafts "test-report'),
            "make test-report": By("Makefile", "test-report --if-browser"),
            "python3 -m tools test-report --pictures DIR": By("Makefile", "test-report --if-browser"),
            "cognito-migration": self._parse,
            "cognito-migration draft": self._parse,
            "cognito-migration preflight": self._parse,
            "cognito-migration survey": self._parse,
            "cognito-migration explain": self._parse,
            "cognito-migration restore": self._parse,
            "cognito-migration retire": self._parse,
            "cognito-migration stragglers": self._parse,
            "make replay EVENT=events/sign-in.json": self._run,
            "make replay EVENT=events/signed-in-pending.json": self._run,
            "python3 -m tools replay events/sign-in-sms-mfa.json --set ON_MFA=sms": self._run,
            "make replay": By("tools/test/tools.py", '"replay"'),
            "make run": self._run_until_interrupted,
            "cargo lambda invoke --invoke-address 127.0.0.1 --data-file events/sign-in.json": self._invoke,
            "python3 -m tools run --set ON_REJECT=error": self._run_until_interrupted,
            "make lab": By("tools/test/lab.py", '"lab"'),
            "python3 -m tools test-lab": By("Makefile", "test-lab --packaged"),
            "python3 -m tools": self._names,
            "python3 -m tools test-pages": By("Makefile", "test-pages --packaged"),
            "cargo lambda invoke": By("tools/stage/function.py", '"invoke"'),
            "UPDATE_PAGES=1 cargo test --package rules": By("crates/rules/src/settings/tests/mod.rs", "UPDATE_PAGES"),
            "make e2e": By("Makefile", "e2e --packaged"),
            "make test-terraform": By("Makefile", "test-terraform"),
            "UPDATE_PAGES=1 cargo test --test documentation": By("tests/documentation/made.rs", "UPDATE_PAGES"),
            "UPDATE_PAGES=1 make test-terraform": By("tools/test/module_pages.py", "UPDATE_PAGES"),
            "terraform test": By("tools/test/terraform.py", '"test"'),
            "terraform init": By("tools/test/terraform.py", '"init"'),
            "terraform apply": applied,
            "terraform destroy": By("tools/test/terraform.py", '"destroy"'),
            **dict.fromkeys([*IN_TWO_ACCOUNTS], self._in_two_accounts),
            **dict.fromkeys([*MARKS], self._marks),
            **dict.fromkeys([*WAY_BACK], self._way_back),
            "aws login": Not("it signs a person in, in a browser"),
            "aws sso login": Not("it signs a person in, in a browser"),
            "aws configure export-credentials --profile NAME --format env": Not("it needs a person's credentials"),
            "aws lambda get-account-settings": Not("it shows what a real account has"),
            "aws cognito-idp update-user-pool": Not("the page warns of it"),
            "make load": long,
            "make fuzz": long,
            "make mutants": long,
            "make bench": long,
            "make bench-instructions": Not("valgrind"),
            "python3 -m tools bench-instructions --write": Not("it changes the committed figure"),
        }

    def _run(self, command: str) -> None:
        self._check(command, self._expanded(command))

    def _names(self, command: str) -> None:
        """It prints the names of the tools, and fails because none was given."""
        status, printed = self._wait(self._expanded(command))
        self._expect(command, (status, "test-terraform" in printed), (1, True), printed)

    def _run_until_interrupted(self, command: str) -> None:
        process = self._processes.start("run", self._expanded(command), None, ROOT)
        self._processes.wait_until(process, lambda: "Ctrl-C" in process.printed())
        process.popen.send_signal(2)
        # How it ends is another test's; here it is enough that it ran until then.
        ended = process.popen.wait() in (0, 130)
        self._expect(f"{command}, then Ctrl-C", ended, True, process.printed())

    def _invoke(self, command: str) -> None:
        """As in another terminal beside `make run`."""
        process = self._processes.start("run", self._expanded("make run"), None, ROOT)
        self._processes.wait_until(process, lambda: "Ctrl-C" in process.printed())
        status, printed = self._wait(shlex.split(command))
        self._expect(command, (status, '"finalUserStatus":"CONFIRMED"' in printed), (0, True), printed)
        self._processes.stop([process])

    def _parse(self, command: str) -> None:
        """The operator's program knows the command and its options; what they do, its own tests show."""
        words = self._expanded(command)
        arguments = words[words.index("--") + 1 :] if "--" in words else words[1:]
        arguments = [put_in(argument) for argument in arguments]
        if not self._program:
            self._program = str(cargo.as_tested(self._processes)[cargo.OPERATORS_PROGRAM])
        status, printed = self._wait([self._program, *arguments, "--help"])
        self._expect(command + " --help", status, 0, printed)
        if not arguments:
            self._operators_page(printed)

    def _completions(self, command: str) -> None:
        for shell in ("bash", "zsh"):
            status, printed = self._wait([self._program, *command.split()[1:-1], shell])
            self._expect(f"{command}: {shell}", (status, "--without-unwritable" in printed), (0, True), printed)

    def _operators_page(self, help_text: str) -> None:
        """Names every command of the program, and no option that none of them has."""
        pages = [ROOT / "docs" / name for name in ("operators-program.md", "the-rest.md")]
        page = "".join(each.read_text(encoding="utf-8") for each in pages)
        listed = re.search(r"^Commands:\n(.*?)\n\n", help_text, re.MULTILINE | re.DOTALL)[1]
        commands = set(re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)) - {"help", "completions"}
        documented = set(re.findall(r"^\| (?:before|during|after) \| `([a-z-]+)`", page, re.MULTILINE))
        self._expect("the operator's program: the page names every command", documented, commands)
        known = {"--locked", "--path"}
        for each in sorted(commands):
            known.update(OPTION.findall(self._wait([self._program, each, "--help"])[1]))
        unknown = sorted(set(OPTION.findall(page)) - known)
        self._expect("the operator's program: its pages name no option that does not exist", unknown, [])

    def _check_sums(self, command: str) -> None:
        """With one of the two zips, as an operator has it after a download."""
        folder = self._processes.directory / "downloads"
        folder.mkdir()
        for name in ("x86_64", "arm64"):
            (folder / f"cognito-user-migration-{name}.zip").write_text(name)
        # test-pages runs on Linux only.
        sums = subprocess.run("sha256sum *.zip > SHA256SUMS && rm *-arm64.zip", shell=True, cwd=folder)
        self._expect("checksums", sums.returncode, 0)
        self._check(command, shlex.split(command), folder)
        (folder / "cognito-user-migration-x86_64.zip").write_text("another")
        status, printed = self._wait(shlex.split(command), folder)
        self._expect(f"{command}, with another zip", status, 1, printed)

    def _marks(self, command: str) -> None:
        """The first sets a mark, the second finds it."""
        cognito = self._moto().client("cognito-idp", REGION)
        if command == MARKS[0]:
            schema = [{"Name": "migration", "AttributeDataType": "String", "Mutable": True}]
            self._pool = cognito.create_user_pool(PoolName="new", Schema=schema)["UserPool"]["Id"]
            for name in ("NAME", "another-owner"):
                cognito.admin_create_user(UserPoolId=self._pool, Username=name)
        words = [self._pool if word == "DESTINATION_POOL" else word for word in shlex.split(command)]
        status, printed = self._wait(words)
        found = [] if command == MARKS[0] else ["NAME"]
        self._expect(command, (status, printed.split()), (0, found), printed)

    def _way_back(self, command: str) -> None:
        """It enables the source user whom `retire` or a sign-in has disabled, and none who was shut out."""
        self._parse(command)
        cognito = self._moto().client("cognito-idp", REGION)
        source = cognito.create_user_pool(PoolName="source")["UserPool"]["Id"]
        schema = [{"Name": "migration", "AttributeDataType": "String", "Mutable": True}]
        destination = cognito.create_user_pool(PoolName="new", Schema=schema)["UserPool"]["Id"]
        folder = self._processes.directory
        marks = {"retired": "done/", "signed-in": "off/", "shut-out": "done/"}
        for name, mark in marks.items():
            attributes = cognito.admin_create_user(UserPoolId=source, Username=name)["User"]["Attributes"]
            sub = next(each["Value"] for each in attributes if each["Name"] == "sub")
            cognito.admin_disable_user(UserPoolId=source, Username=name)
            attributes = [{"Name": "custom:migration", "Value": mark + sub}]
            cognito.admin_create_user(UserPoolId=destination, Username=name, UserAttributes=attributes)
            password = {"Password": "Made-up-Passw0rd!", "Permanent": True}
            cognito.admin_set_user_password(UserPoolId=destination, Username=name, **password)
            if name == "retired":
                (folder / "retired.txt").write_text(sub + "\n")
        words = command.replace("SOURCE_POOL", source).replace("DESTINATION_POOL", destination).split()
        self._check(f"{command} --apply", [self._program, *words[1:], "--apply"], folder)
        users = cognito.list_users(UserPoolId=source)["Users"]
        enabled = [user["Username"] for user in users if user["Enabled"]]
        self._expect(f"{command}: who is enabled", enabled, ["retired" if "--record" in words else "signed-in"])

    def _in_two_accounts(self, command: str) -> None:
        """The commands of the page in their order; those of the second account follow the last of the first."""
        if not shutil.which("terraform"):
            return
        if not self._copied().exists():
            self._copy()
        account = self._copied() / "terraform" / "examples" / "cross-account"
        if command == IN_TWO_ACCOUNTS[0]:
            self._init(account / "destination-account")
            command += " -auto-approve -input=false"
        # The shell, because one of them writes a file.
        self._check(command, ["sh", "-c", command], account / "destination-account")
        if command == IN_TWO_ACCOUNTS[-1]:
            source = account / "source-account"
            self._init(source)
            apply = ["terraform", "apply", "-auto-approve", "-input=false"]
            self._check("terraform apply in the source account, with that file", apply, source)
            roles = self._moto().client("iam", REGION).list_roles()["Roles"]
            self._expect("there are a role for the function and one to be assumed", len(roles), 2)

    def _terraform(self) -> str:
        """Validates the Terraform of the pages as one configuration, to which each block adds."""
        if not shutil.which("terraform"):
            print("terraform is not installed: the Terraform of the pages was left out", flush=True)
            return ", Terraform left out"
        folder = self._processes.directory / "pages"
        folder.mkdir()
        modules = self._copied() / "terraform" / "modules"
        if not modules.exists():
            self._copy()
        configuration: dict[str, dict[str, str]] = {}
        added = [(page, block) for page in pages() for block in blocks(page.read_text(encoding="utf-8"), "hcl")]
        # The page that makes the function goes first.
        added.sort(key=lambda each: each[0].name != "deploying.md")
        self._expect("the pages have Terraform", len(added) > 3, True)
        foreign = [
            source for _, block in added for source in SOURCE.findall(block) if not MODULE_SOURCE.fullmatch(source)
        ]
        self._expect("modules of the pages come from a release", foreign, [])
        for block in [POOLS_OF_THE_READER, *(block for _, block in added)]:
            for header, items in declared(MODULE_SOURCE.sub(lambda found: str(modules / found[1]), block)).items():
                before = configuration.get(header, {})
                if before.keys() & items.keys():
                    self._validate(folder, configuration)
                configuration[header] = {**before, **items}
        self._validate(folder, configuration)
        self._replaces_nothing([block for _, block in added])
        return ""

    def _replaces_nothing(self, added: list[str]) -> None:
        """What the pages add to pools and app clients that exist is planned on such ones: none is deleted."""
        folder = self._processes.directory / "existing"
        folder.mkdir()
        file = folder / "main.tf"
        file.write_text(POOLS_OF_THE_READER, encoding="utf-8")
        self._init(folder)
        apply = ["terraform", "apply", "-auto-approve", "-input=false"]
        self._check("terraform apply: the pools of a reader", apply, folder)
        existing = declared(POOLS_OF_THE_READER)
        arn = f'"arn:aws:lambda:{REGION}:444455556666:function:cognito-user-migration"'
        planned = 0
        for block in added:
            for header, items in declared(block.replace("module.migration_function.function_arn", arn)).items():
                if header in existing:
                    existing[header] |= items
                    planned += 1
        file.write_text(_written(existing), encoding="utf-8")
        plan = ["terraform", "plan", "-input=false", "-out=plan"]
        self._check("terraform plan: what the pages add", plan, folder)
        _, shown = self._wait(["terraform", "show", "-json", "plan"], folder)
        actions = [change["change"]["actions"] for change in json.loads(shown)["resource_changes"]]
        self._expect("it changes the pool and the app client, and replaces none", actions, [["update"]] * 2)
        self._expect("the pages add to pools and app clients", planned > 3, True)

    def _validate(self, folder: Path, configuration: dict[str, dict[str, str]]) -> None:
        (folder / "main.tf").write_text(_written(configuration), encoding="utf-8")
        # Modules that were added since have to be known, too.
        self._init(folder)
        self._check("terraform validate: the pages", ["terraform", "validate"], folder)

    def _copied(self) -> Path:
        return self._processes.directory / "repository"

    def _copy(self) -> None:
        """Terraform's files, without the state of a deployment, and a zip of no use."""
        state = [".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json"]
        shutil.copytree(ROOT / "terraform", self._copied() / "terraform", ignore=shutil.ignore_patterns(*state))
        zipped = self._copied() / "target" / "lambda" / cargo.FUNCTION / "bootstrap.zip"
        zipped.parent.mkdir(parents=True)
        with zipfile.ZipFile(zipped, "w") as archive:
            archive.writestr("bootstrap", "")

    def _init(self, folder: Path) -> None:
        if not Path(os.environ.get("TF_CLI_CONFIG_FILE", "/")).exists():
            del os.environ["TF_CLI_CONFIG_FILE"]
        os.environ.update(CHECKPOINT_DISABLE="1", TF_CLI_ARGS="-no-color", TF_IN_AUTOMATION="1")
        plugins = os.environ.get("TF_PLUGIN_DIR")
        if not plugins:
            # The provider is large: one download serves all.
            cache = ROOT / ".local" / "terraform-providers"
            cache.mkdir(parents=True, exist_ok=True)
            os.environ.update(TF_PLUGIN_CACHE_DIR=str(cache), TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE="true")
        self._moto()
        where = [f"-plugin-dir={plugins}"] if plugins else []
        self._check(f"terraform init, {folder.name}", ["terraform", "init", "-input=false", *where], folder)

    def _moto(self) -> source_pool.Moto:
        if "AWS_ENDPOINT_URL" not in os.environ:
            self._emulator = source_pool.start_moto(self._processes)
            source_pool.wait_for_moto(self._processes, self._emulator)
            os.environ.update(AWS_ENDPOINT_URL=self._emulator.endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)
        return self._emulator

    def _expanded(self, command: str) -> list[str]:
        """The words of a command: of make, those of what it runs. The tools get the packed function where they can."""
        words = shlex.split(command)
        if words[0] == "make" or "=" in words[0]:
            make = subprocess.run(
                [*(["env"] if "=" in words[0] else []), *words, "--dry-run", "--no-print-directory"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            self._expect(f"make knows it: {command}", make.returncode, 0, make.stdout)
            if len(words) == 1:
                return words
            lines = make.stdout.replace("\\\n", " ").splitlines()
            # Before the operator's program runs, make looks whether something is deployed.
            words = shlex.split(next((line for line in lines if line.startswith("cargo run")), lines[0]))
        if words[:3] == ["python3", "-m", "tools"]:
            words[0] = sys.executable
            if words[3:4] in (["replay"], ["run"]):
                words += self._packaged
        return words

    def _check(self, title: str, command: list[str], directory: Path = ROOT) -> None:
        status, printed = self._wait(command, directory)
        self._expect(title, status, 0, printed)

    def _wait(self, command: list[str], directory: Path = ROOT) -> tuple[int, str]:
        process = self._processes.start(Path(command[0]).name, command, None, directory)
        return process.popen.wait(), process.printed()

    def _expect(self, title: str, found: object, expected: object, printed: str = "") -> None:
        if found != expected:
            raise Failure(f"{title}: failed\n{printed}\nexpected {expected!r}\nfound    {found!r}")
        self._passed += 1
        print(f"ok  {time.monotonic() - self._start:5.1f} s  {title}", flush=True)
