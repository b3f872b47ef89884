"""What is new in a release, as CHANGELOG.md says: `python3 -m tools release-notes v1.2.3` prints it.

Fails unless the tag is the version of both programs, and CHANGELOG.md has a section of that version.
"""

from __future__ import annotations

import argparse
import json
import re

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.build import cargo

PROGRAMS = (cargo.FUNCTION, "cognito-migration")
CHANGELOG = ROOT / "CHANGELOG.md"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tag")
    tag = parser.parse_args().tag
    with Processes() as processes:
        versions = versions_of_the_programs(processes)
    print(notes(tag, versions, CHANGELOG.read_text(encoding="utf-8")))
    return 0


def versions_of_the_programs(processes: Processes) -> dict[str, str]:
    metadata = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    packages = json.loads(processes.run("cargo metadata", metadata, directory=ROOT))["packages"]
    versions = {each["name"]: each["version"] for each in packages}
    return {program: versions[program] for program in PROGRAMS}


def notes(tag: str, versions: dict[str, str], changelog: str) -> str:
    for program, version in versions.items():
        if tag != f"v{version}":
            raise Failure(f"the tag is {tag}, but {program} has version {version}: its tag is v{version}")
    version = tag[1:]
    section = re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL
    )
    if section is None:
        raise Failure(f"CHANGELOG.md has no section “## [{version}] - YYYY-MM-DD”")
    text = section[1].strip()
    if not text:
        raise Failure(f"CHANGELOG.md says nothing of {version}")
    return text
