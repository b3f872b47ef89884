"""Terraform on this machine, in a copy of terraform/, against an emulated account."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tools import ROOT
from tools.base import terminal
from tools.stage import local_aws

REGION = "eu-west-1"
APPLY = ["apply", "-input=false", "-auto-approve"]
# The state of a deployment, and what a reader has set.
OF_A_DEPLOYMENT = [".terraform", ".terraform.lock.hcl", "*.tfstate", "*.tfstate.*", "*.tfvars", "*.tfvars.json"]


def left_out(what: str) -> int | None:
    """The status if Terraform is missing."""
    return None if shutil.which("terraform") else terminal.left_out("terraform is not installed", what)


def isolate() -> None:
    """The user's own settings for AWS and Terraform must not change a result."""
    local_aws.isolate()
    for name in [name for name in os.environ if name.startswith(("TF_VAR_", "TF_CLI_ARGS", "TF_WORKSPACE", "TF_DATA"))]:
        del os.environ[name]
    if not Path(os.environ.get("TF_CLI_CONFIG_FILE", "/")).exists():
        del os.environ["TF_CLI_CONFIG_FILE"]
    os.environ.update(CHECKPOINT_DISABLE="1", TF_CLI_ARGS="-no-color", TF_IN_AUTOMATION="1")


def use_account(endpoint: str) -> None:
    os.environ.update(AWS_ENDPOINT_URL=endpoint, AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION)


def init() -> list[str]:
    """The provider comes from TF_PLUGIN_DIR, or from the registry: it is large, so that one download serves all."""
    if "TF_PLUGIN_DIR" in os.environ:
        return ["init", "-input=false", f"-plugin-dir={os.environ['TF_PLUGIN_DIR']}"]
    cache = ROOT / ".local" / "terraform-providers"
    cache.mkdir(parents=True, exist_ok=True)
    os.environ.update(TF_PLUGIN_CACHE_DIR=str(cache), TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE="true")
    return ["init", "-input=false"]


def copy(folder: Path) -> Path:
    """The files of Terraform in a new place, as from a clean clone."""
    ignored = shutil.ignore_patterns(*OF_A_DEPLOYMENT, "*override.tf")
    return Path(shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=ignored))
