"""make lint's part for what happens on GitHub, where no test runs: the notes of a release, and what is pinned there."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Callable

import yaml

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes
from tools.build import package
from tools.build.release_notes import CHANGELOG, notes, versions_of_the_programs
from tools.lint import workflows

VERSIONS = {"function": "1.2.3", "program": "1.2.3"}
SECTIONS = """# Changelog

## [Unreleased]

- soon

## [1.2.3] - 2030-01-02

### Added

- this

## [1.2.2] - 2029-01-02

- that
"""
WORKFLOWS = ROOT / ".github" / "workflows"
INSTALLED = {".terraform", "node_modules"}
CHECKED = re.compile(r'[\w.-]+==[\w.]+(?:; python_version < "3\.10")? (?: +--hash=sha256:[0-9a-f]{64})+')
PINNED = re.compile(r"@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def a_release_gets_its_section_and_no_other() -> None:
    assert notes("v1.2.3", VERSIONS, SECTIONS) == "### Added\n\n- this"


def the_first_release_gets_all_that_follows() -> None:
    assert notes("v1.2.2", {"function": "1.2.2"}, SECTIONS) == "- that"


def a_tag_that_is_not_the_version_of_both_programs_is_refused() -> None:
    for tag in ("v1.2.4", "1.2.3", "v1.2"):
        refused(lambda tag=tag: notes(tag, VERSIONS, SECTIONS), "the tag is")
    refused(lambda: notes("v1.2.3", {**VERSIONS, "program": "1.2.2"}, SECTIONS), "program has version 1.2.2")


def a_version_that_the_changelog_does_not_explain_is_refused() -> None:
    for changelog in (
        SECTIONS.replace("[1.2.3]", "[1.2.30]"),
        SECTIONS.replace("[1.2.3]", "[1x2.3]"),
        SECTIONS.replace(" - 2030-01-02", ""),
    ):
        refused(lambda changelog=changelog: notes("v1.2.3", VERSIONS, changelog), "has no section")
    refused(lambda: notes("v1.2.3", VERSIONS, SECTIONS.replace("### Added\n\n- this", "")), "says nothing")


def this_version_could_be_released_as_the_changelog_is() -> None:
    changelog = CHANGELOG.read_text(encoding="utf-8")
    with Processes() as processes:
        versions = versions_of_the_programs(processes)
    version = next(iter(versions.values()))
    if f"## [{version}]" not in changelog:
        changelog = changelog.replace("## [Unreleased]", f"## [{version}] - 2030-01-02")
    assert notes(f"v{version}", versions, changelog)


def every_action_is_pinned_to_a_commit_and_says_which_version_that_is() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS.glob("*.yml"))
    actions = re.findall(r"uses: (?!\./)(.*)", texts)
    assert actions
    loose = [action for action in actions if not PINNED.search(action)]
    assert not loose, loose


def python_packages_are_installed_with_checksums_where_a_release_is_built() -> None:
    for path in (venv.REQUIREMENTS, package.ZIG, workflows.REQUIREMENTS):
        # A backslash joins a package and its checksums to one line.
        lines = path.read_text(encoding="utf-8").replace("\\\n", "").splitlines()
        packages = [line for line in lines if line and not line.startswith("#")]
        assert packages, path
        loose = [line.split()[0] for line in packages if not CHECKED.fullmatch(line)]
        assert not loose, (path, loose)
    ran: list[list[str]] = []
    processes = SimpleNamespace(run=lambda _name, command: ran.append(command))
    venv.install(processes, venv.REQUIREMENTS)
    assert "--require-hashes" in ran[0], ran


def what_writes_to_the_repository_waits_for_an_approval() -> None:
    for path in WORKFLOWS.glob("*.yml"):
        for name, job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items():
            if job["permissions"].get("contents") == "write":
                assert job.get("environment") == "release", (path, name)


def the_attestation_is_published_and_verified_by_workflow_and_tag() -> None:
    release, security, contributing = (
        path.read_text(encoding="utf-8")
        for path in (WORKFLOWS / "release.yml", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md")
    )
    bundle = re.search(r'cp "\$BUNDLE" assets/(\S+)', release)
    assert bundle and f"--bundle {bundle[1]}" in security and f"`{bundle[1]}`" in contributing
    signer = re.search(r"--signer-workflow OWNER/cognito-user-migration/(\S+)", security)
    assert signer and "uses: actions/attest@" in (ROOT / signer[1]).read_text(encoding="utf-8")
    assert "--source-ref refs/tags/v" in security


def a_release_is_built_with_the_rust_of_the_tests() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in WORKFLOWS.glob("*.yml"))
    versions = set(re.findall(r"(?:container: rust:|RUSTUP_TOOLCHAIN: )([\d.]+)", texts))
    assert len(versions) == 1, versions


def dependabot_looks_into_every_folder_that_names_dependencies() -> None:
    dependabot = (ROOT / ".github" / "dependabot.yml").read_text(encoding="utf-8")
    for ecosystem, file, places in (
        ("npm", "package-lock.json", ("examples", "tests")),
        ("terraform", "versions.tf", ("terraform",)),
    ):
        found = [path.relative_to(ROOT) for place in places for path in (ROOT / place).rglob(file)]
        folders = sorted(f"/{path.parent}" for path in found if not INSTALLED.intersection(path.parts))
        entry = next(each for each in dependabot.split("package-ecosystem: ") if each.startswith(ecosystem))
        assert re.findall(r"- (/.*)", entry) == folders, (ecosystem, folders)


def refused(act: Callable[[], object], sentence: str) -> None:
    try:
        printed = act()
    except Failure as failure:
        assert sentence in str(failure), failure
    else:
        raise AssertionError(f"was not refused: {printed}")


TESTS = (
    a_release_gets_its_section_and_no_other,
    the_first_release_gets_all_that_follows,
    a_tag_that_is_not_the_version_of_both_programs_is_refused,
    a_version_that_the_changelog_does_not_explain_is_refused,
    this_version_could_be_released_as_the_changelog_is,
    every_action_is_pinned_to_a_commit_and_says_which_version_that_is,
    python_packages_are_installed_with_checksums_where_a_release_is_built,
    what_writes_to_the_repository_waits_for_an_approval,
    the_attestation_is_published_and_verified_by_workflow_and_tag,
    a_release_is_built_with_the_rust_of_the_tests,
    dependabot_looks_into_every_folder_that_names_dependencies,
)


def main() -> int:
    failed = 0
    for test in TESTS:
        try:
            test()
        except (AssertionError, Failure) as failure:
            failed += 1
            print(f"{test.__name__}: {failure}")
    print(f"releases: {len(TESTS) - failed} passed, {failed} failed")
    return 1 if failed else 0
