"""make preflight: asks the deployed function what would keep migrations from working, and prints its report.

It needs the AWS CLI (v1 or v2) with credentials that may invoke the function. Function and pool are those of Terraform's outputs
unless they are given: make preflight FUNCTION=my-function POOL=eu-west-1_Ab12Cd34E

The exit status is 1 if a check failed. Nothing is changed in either pool.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from deployed import Failure, aws, outputs, region_of, run
from report import report_lines

EVENT = Path(__file__).resolve().parent.parent / "events" / "preflight.json"


def main() -> int:
    arguments = _arguments()
    deployed = outputs({"function_name": arguments.function, "new_user_pool_id": arguments.pool})
    report = preflight(deployed["function_name"], deployed["new_user_pool_id"], arguments.profile)
    if arguments.json:
        print(json.dumps(report, indent=2, ensure_ascii=False))
    else:
        print("\n".join(report_lines(report)))
    return 0 if report["ok"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--function", help="name or ARN of the function; default: Terraform's output function_name")
    parser.add_argument("--pool", help="id of the new pool; default: Terraform's output new_user_pool_id")
    parser.add_argument("--profile", help="the AWS CLI's profile for the function's account")
    parser.add_argument("--json", action="store_true", help="print the report as the function gave it")
    return parser.parse_args()


def preflight(function_name: str, user_pool_id: str, profile: str | None) -> dict[str, Any]:
    """The function's report on its pools."""
    event = {**json.loads(EVENT.read_text(encoding="utf-8")), "userPoolId": user_pool_id}
    with tempfile.TemporaryDirectory() as directory:
        payload, answer = Path(directory) / "payload.json", Path(directory) / "answer.json"
        payload.write_text(json.dumps(event), encoding="utf-8")
        result = aws(
            "lambda", "invoke", region_of(user_pool_id), "--function-name", function_name,
            "--payload", f"fileb://{payload}", str(answer), profile=profile)
        text = answer.read_text(encoding="utf-8")
    return read_report(text, result.get("FunctionError"))


def read_report(text: str, function_error: str | None) -> dict[str, Any]:
    """The report in what the function answered."""
    try:
        report = json.loads(text)
    except ValueError:
        report = None
    if function_error or not isinstance(report, dict) or "checks" not in report:
        raise Failure(
            "The function did not answer with a report: " + text[:500]
            + "\nAn unchanged event comes from a version of the function without preflight; what else went wrong is in its log.")
    return report


if __name__ == "__main__":
    run(main)
