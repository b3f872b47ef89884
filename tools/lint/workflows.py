"""make lint's part for .github/workflows: actionlint, and shellcheck for the commands in them."""

from __future__ import annotations

import platform
import subprocess

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes

REQUIREMENTS = ROOT / "tools" / "requirements-workflows.txt"


def main() -> int:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        print("This is not Linux on x86_64: the workflows were not checked")
        return 0
    with Processes() as processes:
        venv.install(processes, REQUIREMENTS)
    programs = venv.PYTHON.parent
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    if not workflows:
        raise Failure("there is no workflow in .github/workflows")
    command = [str(programs / "actionlint"), "-shellcheck", str(programs / "shellcheck"), "-pyflakes", ""]
    return subprocess.run([*command, *map(str, workflows)], cwd=ROOT).returncode
