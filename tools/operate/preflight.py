"""make preflight: asks the deployed function what would keep migrations from working, and prints its report.

It needs the AWS CLI (v1 or v2) with credentials that may invoke the function. Function and Region are those of
Terraform's outputs unless an ARN is given: make preflight FUNCTION=arn:aws:lambda:eu-west-1:111122223333:function:mine

The exit status is 1 if a check failed. Nothing is changed in either pool.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from tools import Failure
from tools.base import aws, terraform
from tools.base.terminal import BOLD, DIM, GREEN, RED, YELLOW, paint, width

EVENT = {"triggerSource": "Migration_Preflight"}
MARKS = {"ok": ("✓", GREEN), "warn": ("!", YELLOW), "fail": ("✗", RED), "skipped": ("–", DIM)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--function",
        help="ARN of the function, or its name in the AWS CLI's Region; default: Terraform's output function_name",
    )
    parser.add_argument("--profile", help="the AWS CLI's profile for the function's account")
    parser.add_argument("--json", action="store_true", help="print the report as the function gave it")
    arguments = parser.parse_args()
    name, region = arguments.function, None
    if not name:
        # A function is a trigger of pools in its own Region only.
        outputs = terraform.outputs({"function_name": None, "new_user_pool_id": None})
        name, region = outputs["function_name"], aws.region_of(outputs["new_user_pool_id"])
    elif name.startswith("arn:"):
        region = name.split(":")[3]
    report = ask(name, region, arguments.profile)
    print(json.dumps(report, indent=2, ensure_ascii=False) if arguments.json else "\n".join(report_lines(report)))
    return 0 if report["ok"] else 1


def ask(function_name: str, region: str | None, profile: str | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as directory:
        payload, answer = Path(directory) / "payload.json", Path(directory) / "answer.json"
        payload.write_text(json.dumps(EVENT), encoding="utf-8")
        arguments = ["--function-name", function_name, "--payload", f"fileb://{payload}", str(answer)]
        result = aws.call("lambda", "invoke", region, {}, *arguments, profile=profile)
        text = answer.read_text(encoding="utf-8")
    try:
        report = json.loads(text)
    except ValueError:
        report = None
    if "FunctionError" in result or not isinstance(report, dict) or "checks" not in report:
        raise Failure(
            f"The function did not answer with a report: {text[:500]}\n"
            "An unchanged event comes from a version of the function without preflight. For the rest, see the "
            "function's log."
        )
    return report


def report_lines(report: dict[str, Any]) -> list[str]:
    """One line for each check, with what to do below it; then the users and the verdict."""
    checks = report["checks"]
    column = max(len(check["id"]) for check in checks) + 2
    indent = " " * (column + 12)
    columns = max(width() - len(indent), 30)
    lines = []
    for check in checks:
        mark, style = MARKS.get(check["status"], ("?", RED))
        detail = textwrap.wrap(check["detail"], columns) or [""]
        fix = textwrap.wrap("→ " + check["fix"], columns) if check["fix"] else []
        status = paint(check["status"].ljust(9), style)
        lines.append(f"{paint(mark, style)} {check['id']:<{column}}{status} {detail[0]}")
        lines += [indent + line for line in detail[1:]] + [indent + paint(line, BOLD) for line in fix]
    for pool, users in report.get("users", {}).items():
        estimate = "an unknown number of" if users is None else f"{users:,}"
        lines.append(f"The {pool} pool has {estimate} users, as Cognito estimates them.")
    failed = [check["id"] for check in checks if check["status"] == "fail"]
    if report["ok"]:
        return [*lines, paint("Nothing keeps migrations from working.", GREEN)]
    return [*lines, paint("Migrations will fail: " + ", ".join(failed), BOLD, RED)]
