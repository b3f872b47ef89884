"""make lint's part for the dependencies: the function's own, and cargo-deny, with what deny.toml wants of them.

The checks can be named: `python3 -m tools lint-dependencies advisories` downloads the list of known vulnerabilities.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tools import ROOT
from tools.base.processes import Processes

VERSION = "0.20.2"
CHECKS = ["bans", "licenses", "sources"]
FOLDER = ROOT / ".local" / "cargo-deny"
CARGO_DENY = FOLDER / "bin" / "cargo-deny"
FUNCTION = "cognito-user-migration"
# How engineers sign in to AWS: features that the operator's program has, and the function must not have.
OPERATORS_FEATURES = ["credentials-login", "credentials-process", "sso"]


def main() -> int:
    checks = sys.argv[1:] or CHECKS
    features = _features_of_the_function()
    if found := [feature for feature in OPERATORS_FEATURES if feature in features]:
        print(f"The function has features of the operator's program: {', '.join(found)}")
        return 1
    if _installed() != f"cargo-deny {VERSION}":
        print(f"Installing cargo-deny {VERSION} into {FOLDER.relative_to(ROOT)} (once; about a minute)", flush=True)
        # A debug build: a release of it takes several times as long to make.
        os.environ["CARGO_PROFILE_DEV_DEBUG"] = "0"
        command = ["cargo", "install", "--quiet", "--locked", "--debug", "--root", str(FOLDER), "--version", VERSION]
        with Processes() as processes:
            processes.run("cargo install", [*command, "cargo-deny"], directory=ROOT)
    # Warnings are exceptions of deny.toml that nothing needs any more.
    command = [str(CARGO_DENY), "--locked", "--workspace", "check", "--deny", "warnings", *checks]
    return subprocess.run(command, cwd=ROOT).returncode


def _features_of_the_function() -> str:
    command = ["cargo", "tree", "--locked", "--edges", "features", "--package", FUNCTION]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def _installed() -> str:
    try:
        return subprocess.run([str(CARGO_DENY), "--version"], capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return ""
