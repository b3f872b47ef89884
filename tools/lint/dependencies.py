"""make lint's part for the dependencies: the function's own, and cargo-deny, with what deny.toml wants of them.

The checks can be named: `python3 -m tools lint-dependencies advisories` downloads the list of known vulnerabilities.
"""

from __future__ import annotations

import subprocess
import sys

from tools import ROOT
from tools.base import venv

CHECKS = ["bans", "licenses", "sources"]
CARGO_DENY = venv.PYTHON.parent / "cargo-deny"
FUNCTION = "cognito-user-migration"
# How engineers sign in to AWS: features that the operator's program has, and the function must not have.
OPERATORS_FEATURES = ["credentials-login", "credentials-process", "sso"]


def main() -> int:
    checks = sys.argv[1:] or CHECKS
    features = _features_of_the_function()
    if found := [feature for feature in OPERATORS_FEATURES if feature in features]:
        print(f"The function has features of the operator's program: {', '.join(found)}")
        return 1
    # Warnings are exceptions of deny.toml that nothing needs any more.
    command = [str(CARGO_DENY), "--locked", "--workspace", "check", "--deny", "warnings", *checks]
    return subprocess.run(command, cwd=ROOT).returncode


def _features_of_the_function() -> str:
    command = ["cargo", "tree", "--locked", "--edges", "features", "--package", FUNCTION]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
