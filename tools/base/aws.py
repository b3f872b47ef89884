"""The AWS CLI, version 1 or 2, as the caller has it set up."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from typing import Any

from tools import Failure


class AwsError(Failure):
    """An error that AWS has answered."""

    def __init__(self, operation: str, code: str, message: str):
        super().__init__(f"{operation}: {code}: {message}")
        self.code = code
        self.message = message


def call(
    service: str,
    operation: str,
    region: str | None,
    parameters: dict[str, Any],
    *arguments: str,
    profile: str | None = None,
) -> dict[str, Any]:
    """What the operation answers. `parameters` may be secret: they go through a file that only the caller can read.

    `arguments` stand on the command line, where other users of the machine could read them. Without a Region the AWS
    CLI takes the one of its own settings.
    """
    # Not a pipe: version 1 of the AWS CLI reads its input twice.
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json") as file:
        json.dump(parameters, file)
        file.flush()
        command = ["aws", service, operation, "--output", "json", *arguments]
        command += ["--cli-input-json", f"file://{file.name}"] if parameters else []
        command += ["--region", region] if region else []
        command += ["--profile", profile] if profile else []
        environment = {**os.environ, "AWS_PAGER": ""}
        try:
            result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=environment)
        except FileNotFoundError:
            raise Failure("The AWS CLI is not installed: https://aws.amazon.com/cli/") from None
    if result.returncode == 0:
        return json.loads(result.stdout) if result.stdout.strip() else {}
    error = re.search(r"An error occurred \((\w+)\) when calling the \w+ operation[^:]*: (.*)", result.stderr)
    if error:
        raise AwsError(operation, error[1], error[2])
    raise Failure(f"aws {service} {operation}: {result.stderr.strip()}")


def region_of(user_pool_id: str) -> str:
    return user_pool_id.split("_")[0]
