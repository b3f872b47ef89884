"""What is deployed, as Terraform tells it or as the caller does, asked through the AWS CLI. Standard library only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

TERRAFORM = Path(__file__).resolve().parent.parent / "terraform"


class Failure(Exception):
    """Something that ends the tool; its text tells a person what to do."""


def outputs(needed: dict[str, str | None]) -> dict[str, str]:
    """The values that were given, and those that were not (None) from Terraform's outputs of the same names."""
    missing = [name for name, value in needed.items() if not value]
    found: dict[str, str] = {}
    if missing:
        if not shutil.which("terraform"):
            raise Failure("terraform is not installed, so say what is deployed: " + ", ".join(missing))
        result = subprocess.run(
            ["terraform", f"-chdir={TERRAFORM}", "output", "-json"], stdout=subprocess.PIPE, text=True)
        if result.returncode != 0:
            raise Failure("terraform cannot say what it made: run `terraform init` and `terraform apply` in terraform/ first.")
        found = {name: output["value"] for name, output in json.loads(result.stdout).items()}
    values = {name: value or found.get(name) for name, value in needed.items()}
    unknown = sorted(name for name, value in values.items() if not value)
    if unknown:
        raise Failure("Terraform's outputs lack " + ", ".join(unknown) + ": run `terraform apply` in terraform/ first.")
    return {name: str(value) for name, value in values.items()}


def aws(service: str, operation: str, region: str, *arguments: str, profile: str | None = None) -> Any:
    """What a call of the AWS CLI answers; `arguments` may hold nothing secret."""
    if not shutil.which("aws"):
        raise Failure("The AWS CLI is not installed: https://aws.amazon.com/cli/")
    command = ["aws", service, operation, "--region", region, "--output", "json", *arguments]
    if profile:
        command += ["--profile", profile]
    result = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={**os.environ, "AWS_PAGER": ""})
    if result.returncode != 0:
        raise Failure(f"aws {service} {operation}: {result.stderr.strip()}")
    return json.loads(result.stdout) if result.stdout.strip() else {}


def region_of(user_pool_id: str) -> str:
    return user_pool_id.split("_")[0]


def run(main: Any) -> None:
    """Runs a tool to its exit status; what it could not do is one line on the terminal."""
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
