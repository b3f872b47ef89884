"""What the usual example does with users whom the function rejects: runs both, and makes README's table of it.

The example is the reference of `make bench`. Both run with the same settings, on the tests' own stub of a source pool.
"""

from __future__ import annotations

import json
import os
import runpy

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.build.cargo import STUB, function_and_test_bed
from tools.stage import local_aws, source_pool
from tools.stage.function import HostedFunction, outcome
from tools.stage.local import arguments_parser
from tools.stage.scenarios import sample
from tools.stage.source_pool import PASSWORD, made_up_user
from tools.test.checks import Checks

README = ROOT / "README.md"
BEGIN, END = "<!-- made by tools/test/usual_example.py: begin -->\n", "<!-- end -->"
SETTINGS = {"SRC_USER_POOL_ID": "eu-west-1_OldPool01", "SRC_CLIENT_ID": "4madeup", "SRC_LOOKUP": "email"}
TOTP = {"mfa": ["SOFTWARE_TOKEN_MFA"], "preferred_mfa": "SOFTWARE_TOKEN_MFA"}
BECOMES_PERMANENT = "let in, and it becomes a permanent one"
SHARED = {"email": "shared@example.com"}
# The kinds of users, and what README says of the example if it creates the user as CONFIRMED. The user of the last one
# migrates with both: the example is not just lenient, and the stub not just strict.
CASES = [
    (made_up_user(0, "totp", **TOTP), "with an authenticator app", "let in without it"),
    (made_up_user(1, "invited", "FORCE_CHANGE_PASSWORD"), "with a temporary password", BECOMES_PERMANENT),
    (made_up_user(2, "first", attributes=SHARED), "whose address two users have", "taken for the first one listed"),
    (made_up_user(4, "ada"), "", ""),
]
USERS = [*(user for user, _, _ in CASES), made_up_user(3, "second", attributes=SHARED)]


def main() -> int:
    arguments, checks = arguments_parser(__doc__).parse_args(), Checks()
    local_aws.isolate()
    with Processes() as processes:
        executables = function_and_test_bed(processes, arguments.packaged)
        client = {"id": SETTINGS["SRC_CLIENT_ID"], "flows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]}
        pool = {"pool_id": SETTINGS["SRC_USER_POOL_ID"], "clients": [client], "users": USERS}
        endpoint = source_pool.start_stub(processes, executables[STUB], pool)
        function = HostedFunction(processes, executables)
        function.deploy(SETTINGS, endpoint)
        os.environ.update(SETTINGS, AWS_ENDPOINT_URL=endpoint, AWS_REGION="eu-west-1", AWS_DEFAULT_REGION="eu-west-1")
        example = runpy.run_path(str(ROOT / "benches" / "reference" / "handler.py"))["handler"]
        rows = ["| user | this function | the usual example |", "|---|---|---|"]
        for user, kind, let_in in CASES:
            event, name = sample("sign-in"), user["attributes"]["name"]
            event["userName"] = user["attributes"]["email"]
            event["request"]["password"] = PASSWORD
            function.invoke(json.dumps(event).encode())
            ours, theirs = outcome(function.log()[-1]), example(event, None)["response"]
            found = (theirs["finalUserStatus"], theirs["userAttributes"]["name"], ours == "migrated")
            checks.expect(f"{name}: {ours}", found, ("CONFIRMED", name, not kind))
            rows += [f"| {kind} | rejected: `{ours.removeprefix('rejected, ')}` | {let_in} |"] if kind else []
    table = "\n".join(rows) + "\n"
    before, rest = README.read_text(encoding="utf-8").split(BEGIN)
    now, after = rest.split(END, 1)
    if "UPDATE_PAGES" in os.environ:
        README.write_text(before + BEGIN + table + END + after, encoding="utf-8")
    elif now != table:
        raise Failure(f"README says\n{now}and the programs do\n{table}UPDATE_PAGES=1 writes it.")
    checks.close("test-example")
    return 0
