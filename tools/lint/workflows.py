"""make lint's part for .github: actionlint, shellcheck for the commands in the workflows, and zizmor.

zizmor wants each action pinned to a commit, and few permissions. It asks no host.
"""

from __future__ import annotations

import platform
import subprocess
import sys

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes

REQUIREMENTS = ROOT / "tools" / "requirements-workflows.txt"


def main() -> int:
    if (platform.system(), platform.machine()) != ("Linux", "x86_64") or sys.version_info < (3, 11):
        print("This is not Linux on x86_64 with Python 3.11 or later: the workflows were not checked")
        return 0
    with Processes() as processes:
        venv.install(processes, REQUIREMENTS)
    programs = venv.PYTHON.parent
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    if not workflows:
        raise Failure("there is no workflow in .github/workflows")
    actionlint = [str(programs / "actionlint"), "-shellcheck", str(programs / "shellcheck"), "-pyflakes", ""]
    zizmor = [str(programs / "zizmor"), "--offline", "--quiet", ".github"]
    commands = [[*actionlint, *map(str, workflows)], zizmor]
    return max(subprocess.run(command, cwd=ROOT).returncode for command in commands)
