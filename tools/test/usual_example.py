"""What the usual example does with users whom the function rejects: runs both, and makes README's table of it.

The example is the reference of `make bench`. Both run with the same settings, on the tests' own stub of a source pool.
"""

from __future__ import annotations

import importlib.util
import json
import os
from dataclasses import dataclass
from typing import Any

from tools import ROOT
from tools.base.processes import Processes
from tools.build.cargo import STUB, function_and_test_bed
from tools.stage import local_aws, source_pool
from tools.stage.function import HostedFunction, outcome
from tools.stage.local import arguments_parser

README = ROOT / "README.md"
BEGIN, END = "<!-- made by tools/test/usual_example.py: begin -->\n", "<!-- end -->"
PASSWORD = "Made-up-Passw0rd!"
SETTINGS = {"SRC_USER_POOL_ID": "eu-west-1_OldPool01", "SRC_CLIENT_ID": "4madeup", "SRC_LOOKUP": "email"}


@dataclass
class Case:
    """A kind of user, and what README says of the example if it creates the user as CONFIRMED."""

    kind: str
    let_in: str
    username: str
    status: str = "CONFIRMED"
    mfa: tuple[str, ...] = ()
    email: str | None = None

    @property
    def typed(self) -> str:
        return self.email or f"{self.username}@example.com"

    def user(self, number: int) -> dict[str, Any]:
        attributes = {"email": self.typed, "email_verified": "true", "name": self.username}
        sub = f"{number:08}-0000-4000-8000-000000000000"
        mfa = {"mfa": list(self.mfa), "preferred_mfa": self.mfa[0]} if self.mfa else {}
        who = {"username": self.username, "sub": sub, "password": PASSWORD, "enabled": True}
        return {**who, "status": self.status, "attributes": attributes, **mfa}


SHARED = "shared@example.com"
CASES = [
    Case("with an authenticator app", "let in without it", "totp", mfa=("SOFTWARE_TOKEN_MFA",)),
    Case(
        "with a temporary password", "let in, and it becomes a permanent one", "invited", status="FORCE_CHANGE_PASSWORD"
    ),
    Case("whose address two users have", "taken for the first one listed", "first", email=SHARED),
]


def main() -> int:
    arguments = arguments_parser(__doc__).parse_args()
    local_aws.isolate()
    with Processes() as processes:
        executables = function_and_test_bed(processes, arguments.packaged)
        users = [*CASES, Case("", "", "second", email=SHARED), Case("", "", "ada")]
        pool = {
            "pool_id": SETTINGS["SRC_USER_POOL_ID"],
            "clients": [{"id": SETTINGS["SRC_CLIENT_ID"], "flows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]}],
            "users": [case.user(number) for number, case in enumerate(users)],
        }
        endpoint = source_pool.start_stub(processes, executables[STUB], pool)
        function = HostedFunction(processes, executables)
        function.deploy(SETTINGS, endpoint)
        example = _usual_example(endpoint)
        rows = ["| user | this function | the usual example |", "|---|---|---|"]
        for case in CASES:
            reason = _ours(function, case)
            rows.append(f"| {case.kind} | rejected: `{reason}` | {case.let_in} |")
            created = example.handler(_event(case), None)["response"]
            assert created["finalUserStatus"] == "CONFIRMED", case
            assert created["userAttributes"]["name"] == case.username, case
        # A user whom both migrate: the example is not just lenient, and the stub not just strict.
        assert _ours(function, users[-1]) == "migrated"
        assert example.handler(_event(users[-1]), None)["response"]["finalUserStatus"] == "CONFIRMED"
    table = "\n".join(rows) + "\n"
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    now, after = rest.split(END, 1)
    if "UPDATE_PAGES" in os.environ:
        README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
    elif now != table:
        print(f"README says\n{now}and the programs do\n{table}UPDATE_PAGES=1 writes it.")
        print("test-example: 0 passed, 1 failed")
        return 1
    print(f"test-example: {len(CASES) + 1} passed, 0 failed")
    return 0


def _ours(function: HostedFunction, case: Case) -> str:
    """The reason of the rejection, or the outcome."""
    function.invoke(json.dumps(_event(case)).encode())
    return outcome(function.log()[-1]).removeprefix("rejected, ")


def _event(case: Case) -> dict[str, Any]:
    event = json.loads((ROOT / "events" / "sign-in.json").read_text(encoding="utf-8"))
    return {**event, "userName": case.typed, "request": {**event["request"], "password": PASSWORD}}


def _usual_example(endpoint: str) -> Any:
    os.environ.update(SETTINGS, AWS_ENDPOINT_URL=endpoint, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
    spec = importlib.util.spec_from_file_location("usual_example", ROOT / "benches" / "reference" / "handler.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
