"""python3 -m tools test-pages: every command in README.md and docs is run, or what it names is looked up.

Looked up: the target of make, the tool, Terraform's subcommand, the command and options of the operator's program. A
command of another program must stand in a list below. The Terraform of the pages is validated with the modules of this
work tree, and the two accounts are deployed into an emulated one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

from tools import ROOT
from tools.__main__ import TOOLS
from tools.base.processes import Process, Processes
from tools.base.venv import VENV
from tools.build import cargo
from tools.stage import source_pool, terraform
from tools.stage.front import Passing
from tools.stage.local import arguments_parser
from tools.stage.terraform import REGION
from tools.test.checks import Checks

# What begins a command in the text; in a block for the shell every line is one.
PROGRAMS = r"(?:[A-Z_]+=\S+ )?(?:aws|cargo|cognito-migration|make|python3 -m tools|terraform)"
# Nothing here can run these: a person signs in, or a real account is needed. Of the last the page warns.
OF_A_PERSON = {
    "aws login",
    "aws sso login",
    "aws configure export-credentials --profile NAME --format env",
    "aws lambda get-account-settings",
    "aws cognito-idp update-user-pool",
}
INVOKE = "cargo lambda invoke --invoke-address 127.0.0.1 --data-file events/sign-in.json"
CHECKSUMS = "sha256sum --check --ignore-missing SHA256SUMS"
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
    "DESTINATION_POOL": "eu-west-1_Gh4Ij5Kl6",
    "ID": "eu-west-1_Gh4Ij5Kl6",
    "NAME": "migration",
    "SHELL": "bash",
    "SOURCE_POOL": "eu-west-1_Ab1Cd2Ef3",
    "invoke_url": "https://example.com",
}
SCHEMA = [{"Name": "migration", "AttributeDataType": "String", "Mutable": True}]


def main() -> int:
    arguments = arguments_parser(__doc__).parse_args()
    terraform.isolate()
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


class Pages(Checks):
    def __init__(self, processes: Processes, packaged: bool):
        super().__init__()
        self._processes = processes
        self._packaged = ["--packaged"] if packaged else []
        built = cargo.as_tested(processes)
        self._program = str(built[cargo.OPERATORS_PROGRAM])
        self._moto = source_pool.start_moto(processes)
        source_pool.wait_for_moto(processes, self._moto)
        terraform.use_account(self._moto.endpoint)
        self._cognito = self._moto.client("cognito-idp", REGION)

    def run(self) -> int:
        found = commands()
        of_these_lists = {*OF_A_PERSON, *IN_TWO_ACCOUNTS, *MARKS, INVOKE, CHECKSUMS}
        self.expect("every command of the lists stands on a page", of_these_lists - found.keys(), set())
        for command, page in found.items():
            if command not in of_these_lists:
                self._look_up(command, page)
        self._operators_page()
        self._invoke()
        self._check_sums()
        self._marks()
        left_out = terraform.left_out("the Terraform of the pages")
        if left_out is None:
            self._copied = terraform.copy(self._processes.directory)
            zipped = self._copied.parent / "target" / "lambda" / cargo.FUNCTION / "bootstrap.zip"
            zipped.parent.mkdir(parents=True)
            with zipfile.ZipFile(zipped, "w") as archive:
                archive.writestr("bootstrap", "")
            with Passing(self._moto.endpoint) as account:
                terraform.use_account(account.url)
                self._in_two_accounts()
                self._terraform()
                self.expect("what went wrong in front of moto", account.faults, [])
        self.close("pages")
        return left_out or 0

    def _look_up(self, command: str, page: str) -> None:
        """Runs a tool that replays or is interrupted; of all others it looks up what they name."""
        for part in command.split(" && "):
            words = self._expanded(part)
            program = "cognito-migration" if words[0] == "cargo" and "--" in words else words[0]
            if words[1:3] == ["-m", "tools"]:
                self._tool(command, words)
            elif program == "cognito-migration":
                arguments = [put_in(word) for word in words[words.index("--") + 1 if "--" in words else 1 :]]
                self._check(f"{command} --help", [self._program, *arguments, "--help"])
            elif program == "terraform":
                subcommand = next(word for word in words[1:] if not word.startswith("-"))
                self._check(f"{part}: a command of Terraform", ["terraform", subcommand, "-help"])
            elif program == "cargo":
                named = dict(zip(words, words[1:]))
                folders = {"--path": "", "--package": "crates", "--test": "tests"}
                found = [ROOT / folder / named[option] for option, folder in folders.items() if option in named]
                self.expect(command, all(path.is_dir() for path in found) or words[1] == "lambda", True)
            else:
                self.expect(f"{page}: {command} is a program of the pages", words[0], "make")

    def _tool(self, command: str, words: list[str]) -> None:
        name, *arguments = words[3:] or [""]
        if name == "run":
            with_run = self._started_run(words)
            with_run.popen.send_signal(2)
            # How it ends is another test's; here it is enough that it ran until then.
            self.expect(f"{command}, then Ctrl-C", with_run.popen.wait() in (0, 130), True, with_run.printed())
        elif name == "replay" and arguments[:1] not in ([], [""]):
            self._check(command, [*words, *self._packaged])
        else:
            self.expect(f"{command}: a tool", name in {*TOOLS, ""}, True)

    def _started_run(self, words: list[str]) -> Process:
        process = self._processes.start("run", [*words, *self._packaged], None, ROOT)
        self._processes.wait_until(process, lambda: "Ctrl-C" in process.printed())
        return process

    def _invoke(self) -> None:
        """As in another terminal beside `make run`."""
        process = self._started_run(self._expanded("make run"))
        status, printed = self._processes.ended(shlex.split(INVOKE))
        self.expect(INVOKE, (status, '"finalUserStatus":"CONFIRMED"' in printed), (0, True), printed)
        told = (
            r"\d\d:\d\d:\d\d  UserMigration_Authentication  migrated  \d+ ms  asked AdminInitiateAuth, AdminGetUser\n"
        )
        self._processes.wait_until(process, lambda: re.search(told, process.printed()))
        self.expect("make run tells of no metrics", "_aws" in process.printed(), False, process.printed())
        self._processes.stop([process])

    def _operators_page(self) -> None:
        """Names every command of the program, and no option that none of them has."""
        pages = [ROOT / "docs" / name for name in ("operators-program.md", "the-rest.md")]
        page = "".join(each.read_text(encoding="utf-8") for each in pages)
        told = self._processes.ended([self._program, "--help"])[1]
        listed = told.partition("\nCommands:\n")[2].partition("\n\n")[0]
        commands = set(re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE)) - {"help", "completions"}
        documented = set(re.findall(r"^\| (?:before|during|after) \| `([a-z-]+)`", page, re.MULTILINE))
        self.expect("the operator's program: the page names every command", documented, commands)
        helps = "".join(self._processes.ended([self._program, each, "--help"])[1] for each in commands)
        unknown = {*OPTION.findall(page)} - {"--locked", "--path", *OPTION.findall(helps)}
        self.expect("the operator's program: its pages name no option that does not exist", unknown, set())
        _, printed = self._processes.ended([self._program, "completions", "zsh"])
        self.expect("the operator's program: completions know its options", "--without-unwritable" in printed, True)

    def _check_sums(self) -> None:
        """With one of the two zips, as an operator has it after a download."""
        folder = self._processes.directory / "downloads"
        folder.mkdir()
        downloaded = folder / "x86_64.zip"
        sums = {downloaded.name: hashlib.sha256(b"a zip").hexdigest(), "arm64.zip": 64 * "0"}
        (folder / "SHA256SUMS").write_text("".join(f"{of}  {name}\n" for name, of in sums.items()))
        for content, status in ((b"a zip", 0), (b"another", 1)):
            downloaded.write_bytes(content)
            found, printed = self._processes.ended(shlex.split(CHECKSUMS), folder)
            self.expect(f"{CHECKSUMS}, with {content}", found, status, printed)

    def _marks(self) -> None:
        """The first sets a mark, the second finds it."""
        pool = self._cognito.create_user_pool(PoolName="new", Schema=SCHEMA)["UserPool"]["Id"]
        for name in ("NAME", "another-owner"):
            self._cognito.admin_create_user(UserPoolId=pool, Username=name)
        for command, found in zip(MARKS, ([], ["NAME"])):
            status, printed = self._processes.ended(
                [pool if word == "DESTINATION_POOL" else word for word in shlex.split(command)]
            )
            self.expect(command, (status, printed.split()), (0, found), printed)

    def _in_two_accounts(self) -> None:
        """The commands of the page in their order; those of the second account follow the last of the first."""
        account = self._copied / "examples" / "cross-account"
        first, second = account / "destination-account", account / "source-account"
        self._init(first)
        for command, more in zip(IN_TWO_ACCOUNTS, (" -auto-approve -input=false", "")):
            # The shell, because one of them writes a file.
            self._check(command, ["sh", "-c", command + more], first)
        self._init(second)
        self._check("terraform apply in the source account, with that file", ["terraform", *terraform.APPLY], second)
        roles = self._moto.client("iam", REGION).list_roles()["Roles"]
        self.expect("there are a role for the function and one to be assumed", len(roles), 2)

    def _terraform(self) -> None:
        """Validates the Terraform of the pages as one configuration, to which each block adds."""
        texts = {page.name: page.read_text(encoding="utf-8") for page in pages()}
        # The page that makes the function goes first.
        names = sorted(texts, key=lambda name: name != "deploying.md")
        added = [block for name in names for block in blocks(texts[name], "hcl")]
        self.expect("the pages have Terraform", len(added) > 3, True)
        sources = [source for block in added for source in SOURCE.findall(block)]
        foreign = [source for source in sources if not MODULE_SOURCE.fullmatch(source)]
        self.expect("modules of the pages come from a release", foreign, [])
        folder = self._processes.directory / "pages"
        configuration: dict[str, dict[str, str]] = {}
        for block in [POOLS_OF_THE_READER, *added]:
            block = MODULE_SOURCE.sub(lambda found: str(self._copied / "modules" / found[1]), block)
            for header, items in declared(block).items():
                before = configuration.get(header, {})
                if before.keys() & items.keys():
                    self._validate(folder, configuration)
                configuration[header] = {**before, **items}
        self._validate(folder, configuration)
        self._replaces_nothing(added)

    def _replaces_nothing(self, added: list[str]) -> None:
        """What the pages add to pools and app clients that exist is planned on such ones: none is deleted."""
        folder = self._processes.directory / "existing"
        existing = declared(POOLS_OF_THE_READER)
        self._validate(folder, existing)
        self._check("terraform apply: the pools of a reader", ["terraform", *terraform.APPLY], folder)
        arn = f'"arn:aws:lambda:{REGION}:444455556666:function:cognito-user-migration"'
        blocks = [declared(block.replace("module.migration_function.function_arn", arn)) for block in added]
        planned = [(header, items) for block in blocks for header, items in block.items() if header in existing]
        self.expect("the pages add to pools and app clients", len(planned) > 3, True)
        for header, items in planned:
            existing[header] |= items
        (folder / "main.tf").write_text(_written(existing), encoding="utf-8")
        status, printed = self._processes.ended(["terraform", "plan", "-input=false"], folder)
        changes = "Plan: 0 to add, 2 to change, 0 to destroy." in printed
        title = "terraform plan: what the pages add changes the pool and the app client, and replaces none"
        self.expect(title, (status, changes), (0, True), printed)

    def _validate(self, folder: Path, configuration: dict[str, dict[str, str]]) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "main.tf").write_text(_written(configuration), encoding="utf-8")
        # Modules that were added since have to be known, too.
        self._init(folder)
        self._check("terraform validate: the pages", ["terraform", "validate"], folder)

    def _init(self, folder: Path) -> None:
        self._check(f"terraform init, {folder.name}", ["terraform", *terraform.init()], folder)

    def _expanded(self, command: str) -> list[str]:
        """The words of a command: of make, those of what it runs."""
        words = shlex.split(command)
        if words[0] != "make" and not (words[1:2] == ["make"] and "=" in words[0]):
            words = words[1:] if "=" in words[0] else words
            return [sys.executable, *words[1:]] if words[0] == "python3" else words
        environment = dict([words.pop(0).split("=", 1)]) if "=" in words[0] else {}
        dry = [*words, "--dry-run", "--no-print-directory"]
        made = subprocess.run(dry, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment})
        self.expect(f"make knows it: {command}", made.returncode, 0, made.stdout + made.stderr)
        lines = made.stdout.replace("\\\n", " ").splitlines()
        # Before the operator's program runs, make looks whether something is deployed.
        line = next((line for line in lines if line.startswith("cargo run")), lines[0])
        is_tool = len(words) > 1 and line.startswith(("cargo run", "python3 -m tools"))
        return self._expanded(line) if is_tool else words

    def _check(self, title: str, command: list[str], directory: Path = ROOT) -> None:
        status, printed = self._processes.ended(command, directory)
        self.expect(title, status, 0, printed)
