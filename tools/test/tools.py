"""make test: what the tools themselves say and how they end, as a newcomer meets them."""

from __future__ import annotations

import importlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from typing import ClassVar
from unittest import mock

import yaml
from werkzeug.datastructures import Headers

from tools import ROOT, Failure
from tools.__main__ import TOOLS
from tools.base import venv
from tools.base.processes import READY_SECONDS, Processes, accepts_connections
from tools.build import package
from tools.build.cargo import PACKAGED_ZIP
from tools.stage.front import Front, Reply, Request, forward
from tools.stage.local_aws import MADE_UP_KEYS
from tools.stage.scenarios import sample

SIGN_IN = "events/sign-in.json"
# What only Linux has, or has like this, and where it may stand: what runs on Linux only, and pages.
ONLY_ON_LINUX = {
    "-printf": set(),
    "/proc/": {"crates/testbed/src/measured.rs", "tools/test/bench.py"},
    "pid_cpu_clock_id": {"crates/testbed/src/measured.rs"},
    "readelf": {"tools/build/package.py"},
    "sed -i": set(),
    "sha256sum": {
        ".github/workflows/release.yml",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "docs/the-zip.md",
        "tools/test/pages.py",
    },
}


class Said:
    """What a tool printed, and its exit status; with the number of a signal that ended it below zero."""

    def __init__(self, *arguments: str, interrupt_after: str | None = None):
        with Processes() as processes:
            tool = processes.start("tool", [sys.executable, "-m", "tools", *arguments], directory=ROOT)
            if interrupt_after is not None:
                processes.wait_until(tool, lambda: interrupt_after in tool.printed())
                # Ctrl-C reaches all of its process group, as in a terminal.
                os.killpg(tool.popen.pid, signal.SIGINT)
            self.status = tool.popen.wait(READY_SECONDS)
            self.text = tool.printed()


class Settings(unittest.TestCase):
    def test_a_name_that_the_function_does_not_know_is_refused(self) -> None:
        said = Said("replay", SIGN_IN, "--set", "ON_MFAA=x")
        self.assertEqual(said.status, 2)
        self.assertIn("the function has no setting ON_MFAA", said.text)


class Package(unittest.TestCase):
    def test_a_glibc_that_fits_is_no_error(self) -> None:
        for newest, said in [((2, 34), "glibc is fine: the function needs 2.34,"), ((), "the function needs none,")]:
            with mock.patch.object(package, "newest_glibc", return_value=newest):
                self.assertIn(said, package.check_glibc(PACKAGED_ZIP))
        newer = mock.patch.object(package, "newest_glibc", return_value=(2, 38))
        with newer, self.assertRaisesRegex(Failure, "needs glibc 2.38 or later, but .* 2.34. COMPILER=zig"):
            package.check_glibc(PACKAGED_ZIP)


class OnGitHub(unittest.TestCase):
    """What no test runs: .github. actionlint and zizmor look at the rest of it."""

    FILES = (ROOT / ".github" / "workflows").glob("*.yml")
    WORKFLOWS: ClassVar = {path.name: path.read_text("utf-8") for path in FILES}

    def test_this_version_could_be_released_as_the_changelog_is(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            changelog = Path(directory) / "CHANGELOG.md"
            text = (ROOT / "CHANGELOG.md").read_text("utf-8")
            changelog.write_text(text.replace("## [Unreleased]", "## [9.8.7] - 2030-01-02"), encoding="utf-8")
            command = [str(venv.PYTHON.with_name("keepachangelog")), "show", "9.8.7", str(changelog)]
            notes = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.assertIn("### Added\n", notes)
        self.assertNotIn("What a version promises", notes)

    def test_packages_have_checksums_where_a_release_is_built(self) -> None:
        # One is enough: pip then wants one of each.
        for path in (venv.REQUIREMENTS, package.ZIG):
            self.assertIn("--hash=sha256:", path.read_text("utf-8"), path)

    def test_what_writes_to_the_repository_waits_for_an_approval(self) -> None:
        jobs = [job for text in self.WORKFLOWS.values() for job in yaml.safe_load(text)["jobs"].values()]
        writing = [job for job in jobs if job["permissions"].get("contents") == "write"]
        self.assertEqual([job.get("environment") for job in writing], ["release"])

    def test_the_attestation_is_published_and_verified_by_workflow_and_tag(self) -> None:
        security, contributing = ((ROOT / name).read_text("utf-8") for name in ("SECURITY.md", "CONTRIBUTING.md"))
        bundle = re.search(r'cp "\$BUNDLE" assets/(\S+)', self.WORKFLOWS["release.yml"])[1]
        self.assertIn(f"--bundle {bundle}", security)
        self.assertIn(f"`{bundle}`", contributing)
        self.assertIn("--signer-workflow OWNER/cognito-user-migration/.github/workflows/release.yml", security)
        self.assertIn("--source-ref refs/tags/v", security)

    def test_a_release_is_built_with_the_rust_of_the_tests(self) -> None:
        versions = re.findall(r"(?:container: rust:|RUSTUP_TOOLCHAIN: )([\d.]+)", "".join(self.WORKFLOWS.values()))
        self.assertEqual(len(set(versions)), 1, versions)

    def test_dependabot_looks_into_every_folder_that_names_dependencies(self) -> None:
        text = (ROOT / ".github" / "dependabot.yml").read_text("utf-8")
        updates = {each["package-ecosystem"]: each for each in yaml.safe_load(text)["updates"]}
        for ecosystem, file in (("npm", "package-lock.json"), ("terraform", "versions.tf")):
            # No draft's template.
            command = ["git", "ls-files", f"*{file}", ":!*/templates/*"]
            found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
            folders = sorted(f"/{Path(path).parent}" for path in found)
            self.assertEqual(updates[ecosystem]["directories"], folders)


class Replays(unittest.TestCase):
    def test_a_replay_says_what_is_in_force_and_what_came(self) -> None:
        keys = [f"{name}={value}" for name, value in MADE_UP_KEYS.items() if "SECRET" in name]
        said = Said("replay", "--packaged", SIGN_IN, "--set", "ON_REJECT=error", "--set", *keys)
        self.assertEqual(said.status, 0, said.text)
        self.assertRegex(said.text, r"\n  ON_MFA +reset\n(.*\n)* +ON_REJECT +error  \(--set\)\n")
        secrets = (MADE_UP_KEYS["AWS_SECRET_ACCESS_KEY"], sample("expected")["settings"]["SRC_CLIENT_SECRET"])
        for secret in (*secrets, sample("sign-in")["request"]["password"]):
            self.assertNotIn(secret, said.text)
        for part in ('"password": "********"', '"finalUserStatus": "CONFIRMED"', '"outcome": "migrated"'):
            self.assertIn(part, said.text)

    def test_an_event_that_is_no_file_is_answered_with_one_that_is(self) -> None:
        for event, advice in [("", SIGN_IN), ("events/signin.json", SIGN_IN), ("malfrmed", "events/malformed.json")]:
            said = Said("replay", event)
            self.assertEqual(said.status, 1)
            self.assertIn(f"make replay EVENT={advice}", said.text)


class OtherSystems(unittest.TestCase):
    """make, the tests and the tools are for Linux and macOS, x86_64 and arm64."""

    def test_what_only_linux_has_stands_where_only_linux_comes(self) -> None:
        search = ["git", "grep", "--files-with-matches", "--fixed-strings"]
        for name, allowed in ONLY_ON_LINUX.items():
            command = [*search, "-e", name, "--", f":!{Path(__file__).relative_to(ROOT)}"]
            found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.split()
            self.assertEqual(set(found), allowed, name)
        # Nor is what is measured there built elsewhere.
        modules = (ROOT / "crates" / "testbed" / "src" / "lib.rs").read_text(encoding="utf-8")
        self.assertRegex(modules, r'#\[cfg\(target_os = "linux"\)\]\npub mod measured;')

    def test_the_front_page_says_that_its_authors_have_not_tried_them(self) -> None:
        readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
        self.assertIn("not tried by its authors", readme)

    def test_on_a_mac_make_builds_for_its_processor_and_says_what_it_leaves_out(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            uname = Path(directory) / "uname"
            uname.write_text('#!/bin/sh\n[ "$1" = -m ] && echo arm64 || echo Darwin\n', encoding="utf-8")
            uname.chmod(0o700)
            # A `make` that runs this has made its own choice.
            known = {name: value for name, value in os.environ.items() if name not in ("ARCH", "MAKEFLAGS", "SYSTEM")}
            known["PATH"] = f"{directory}{os.pathsep}{known['PATH']}"

            def made(*words: str) -> str:
                command = ["make", "--no-print-directory", *words]
                return subprocess.run(command, env=known, cwd=ROOT, capture_output=True, text=True).stdout

            self.assertEqual(made("--dry-run", "package"), "python3 -m tools package arm64\n")
            everything = made("--dry-run", "test")
            for part in ['"make unit"', '"e2e --if-node"', "This is not Linux. Left out: load"]:
                self.assertIn(part, everything)
            self.assertIn("cargo test --locked --workspace --exclude speed", made("--dry-run", "unit"))
            for part in ["--packaged", '"test-terraform']:
                self.assertNotIn(part, everything)
            for target in ("load", "test-terraform", "test-drafts", "bench", "bench-instructions"):
                self.assertEqual(made(target), "", target)


class InTurn(unittest.TestCase):
    def test_a_part_that_fails_hides_no_other_and_the_end_tells_of_each(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            made = Path(directory) / "Makefile"
            # Counted in processor time, which a busy machine does not change.
            burn = Path(directory) / "burn.py"
            burn.write_text("import time\nwhile time.process_time() < 1:\n    pass\n", encoding="utf-8")
            rules = {"good": "echo the rest was left out", "bad": "false", "burn": f"{sys.executable} {burn}"}
            made.write_text("".join(f"{name}:\n\t@{rule}\n" for name, rule in rules.items()), encoding="utf-8")
            good, bad, burn = (f"make -s -f {made} {target}" for target in ("good", "bad", "burn"))
            for parts, verdicts in [
                ([bad, good, burn], ["failed", "left out", "passed"]),
                ([good, bad, "--then", burn], ["left out", "failed", "did not run"]),
                ([bad, good, "--then", burn], ["failed", "left out", "passed"]),
            ]:
                said = Said("in-turn", *parts)
                self.assertEqual(said.status, 1)
                table = said.text.split("verdict")[1]
                found = re.findall(r"^(\w[\w ]+?)  +[\d.]+ +(\d+)  make", table, re.MULTILINE)
                self.assertEqual([verdict for verdict, _ in found], verdicts)
                self.assertIn("the rest was left out", table)
                self.assertEqual(any(int(processor) > 0 for _, processor in found), "passed" in verdicts)


class Tries(unittest.TestCase):
    def test_a_call_of_terraform_that_has_succeeded_is_answered_once(self) -> None:
        class Counting(Front):
            statuses = iter([500, 200, 201, 202, 203])

            def answer(self, _request: Request) -> Reply:
                return Reply(next(self.statuses), {}, b"")

        with Counting() as front:
            tries = [("Terraform", "a")] * 3 + [("Terraform", "b")] + [("the function", "c")] * 2
            answers = []
            for agent, call in tries:
                headers = {"User-Agent": agent, "Amz-Sdk-Invocation-Id": call}
                answers.append(forward(front.url, Request("POST", "/", Headers(headers), b"")).status)
        self.assertEqual(answers, [500, 200, 200, 201, 202, 203])


class WithoutCargo(unittest.TestCase):
    def test_make_and_the_tools_say_where_it_comes_from(self) -> None:
        for command in (["make", "demo", "CARGO=no-cargo"], [sys.executable, "-m", "tools", "replay"]):
            environment = os.environ if command[0] == "make" else {**os.environ, "PATH": "/nothing"}
            said = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
            self.assertNotEqual(said.returncode, 0)
            self.assertRegex(said.stderr, "cargo.* is not installed: https://rustup.rs")
            self.assertNotIn("Traceback", said.stderr)


class WithoutBrowser(unittest.TestCase):
    def test_what_needs_one_is_left_out_with_a_line_and_never_in_ci(self) -> None:
        for name in ("test-lab", "test-report"):
            for ci, status in (("", 0), ("true", 1)):
                with (
                    mock.patch.dict(os.environ, {"CI": ci}),
                    mock.patch.object(sys, "argv", [name, "--if-browser"]),
                    mock.patch("tools.base.browser.executable", return_value=None),
                    redirect_stdout(io.StringIO()) as said,
                ):
                    tool = importlib.import_module("tools." + TOOLS[name])
                    self.assertEqual(tool.main(), status)
                self.assertRegex(said.getvalue(), r"^Neither Chromium nor Chrome is installed: .* was left out\n$")


class Interruptions(unittest.TestCase):
    def test_ctrl_c_is_the_good_end_of_run_alone(self) -> None:
        for tool, after, status in [
            (["run"], "until Ctrl-C", 0),
            (["replay", SIGN_IN], "Starting the source pool", -signal.SIGINT),
        ]:
            said = Said(*tool, "--packaged", interrupt_after=after)
            self.assertEqual((said.status, said.text.splitlines()[-1]), (status, "Stopping"))
            self.assertNotIn("Traceback", said.text)
            ports = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", said.text)}
            self.assertEqual((len(ports), [*filter(accepts_connections, ports)]), (2 if status == 0 else 0, []))
            programs = re.findall(r"(\S+) (?:cognito-idp|lambda invoke) ", said.text)
            self.assertEqual([(ROOT / name).is_file() for name in programs], [True, True] if status == 0 else [])


def main() -> int:
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    printed = io.StringIO()
    result = unittest.TextTestRunner(printed).run(suite)
    failed = len({id(test) for test, _ in [*result.failures, *result.errors]})
    if failed:
        print(printed.getvalue())
    print(f"tools: {result.testsRun - failed} passed, {failed} failed")
    return 1 if failed else 0
