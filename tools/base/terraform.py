"""What Terraform says of the deployment that it made."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tools import ROOT, Failure

TERRAFORM = ROOT / "terraform"
APPLY = "run `terraform init` and `terraform apply` in terraform/ first."


def outputs(needed: dict[str, str | None], file: Path | None = None) -> dict[str, Any]:
    """Terraform's outputs. Those that `needed` names must exist, unless they are given there.

    `file` holds what `terraform output -json` printed; without it Terraform is asked.
    """
    if all(needed.values()):
        return dict(needed)
    values = read(file.read_text(encoding="utf-8") if file else printed(TERRAFORM))
    values.update({name: value for name, value in needed.items() if value})
    missing = sorted(name for name in needed if not values.get(name))
    if missing:
        raise Failure(f"Terraform's outputs lack {', '.join(missing)}: {APPLY}")
    return values


def printed(directory: Path) -> str:
    """What `terraform output -json` prints there."""
    try:
        result = subprocess.run(
            ["terraform", f"-chdir={directory}", "output", "-json"], stdout=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        raise Failure("terraform is not installed, so it cannot say what is deployed: name it, see --help.") from None
    if result.returncode != 0:
        raise Failure(f"terraform cannot say what it made: {APPLY}")
    return result.stdout


def read(text: str) -> dict[str, Any]:
    return {name: output["value"] for name, output in json.loads(text).items()}
