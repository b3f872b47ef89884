"""What Cargo builds, and where it puts it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from tools import ROOT, Failure
from tools.base.processes import Processes

FUNCTION = "cognito-user-migration"
STUB = "source-pool-stub"
RUNTIME_HOST = "runtime-host"
OPERATORS_PROGRAM = "cognito-migration"


# Terraform and `make load` look here, wherever Cargo builds (CARGO_TARGET_DIR, build.target-dir). cargo-lambda makes a
# folder for each function.
LAMBDA_DIR = ROOT / "target" / "lambda"
PACKAGED_ZIP = LAMBDA_DIR / FUNCTION / "bootstrap.zip"


def executables(processes: Processes, command: str, *arguments: str) -> dict[str, Path]:
    """Runs `cargo COMMAND`; the executables by name, wherever Cargo puts them."""
    printed = processes.run(
        f"cargo {command}",
        ["cargo", command, "--locked", *arguments, "--message-format", "json-render-diagnostics"],
        directory=ROOT,
    )
    messages = [json.loads(line) for line in printed.splitlines()]
    return {each["target"]["name"]: Path(each["executable"]) for each in messages if each.get("executable")}


def as_tested(processes: Processes) -> dict[str, Path]:
    """The function, the operator's program and the test bed as the Rust tests build them.

    Any other selection has other features: Cargo would build most of the AWS SDK once more.
    """
    names = [argument for name in (FUNCTION, OPERATORS_PROGRAM, RUNTIME_HOST, STUB) for argument in ("--bin", name)]
    return executables(processes, "build", "--workspace", *names, "--test", "program")


def function_and_test_bed(processes: Processes, packaged: bool) -> dict[str, Path]:
    """`packaged`: the function is not built but taken out of the zip that `make package` has made."""
    if packaged:
        return {**as_tested(processes), FUNCTION: unpacked(PACKAGED_ZIP, processes.directory)}
    # Without the operator's program, which is as much as the rest: for the first look at the project.
    return executables(processes, "build", "--package", "testbed", "--package", FUNCTION, "--bins")


def unpacked(zipped: Path, directory: Path) -> Path:
    try:
        with zipfile.ZipFile(zipped) as archive:
            executable = Path(archive.extract("bootstrap", directory))
    except FileNotFoundError:
        raise Failure(f"{zipped} does not exist: run make package first") from None
    executable.chmod(0o755)
    return executable
