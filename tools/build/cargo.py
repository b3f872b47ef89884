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


def executables(processes: Processes, command: str, *arguments: str) -> dict[str, Path]:
    """Runs `cargo COMMAND`; the executables by name, wherever Cargo puts them."""
    printed = processes.run(
        f"cargo {command}",
        ["cargo", command, "--locked", *arguments, "--message-format", "json-render-diagnostics"],
        directory=ROOT,
    )
    messages = [json.loads(line) for line in printed.splitlines()]
    return {each["target"]["name"]: Path(each["executable"]) for each in messages if each.get("executable")}


def function_and_test_bed(processes: Processes, packaged: bool) -> dict[str, Path]:
    """`packaged`: the function is not built but taken out of the zip that `make package` has made."""
    function = [] if packaged else ["--package", FUNCTION]
    built = executables(processes, "build", "--package", "testbed", *function, "--bins")
    if packaged:
        built[FUNCTION] = unpacked(packaged_zip(processes), processes.directory)
    return built


def packaged_zip(processes: Processes) -> Path:
    """Where `make package` leaves the zip."""
    metadata = ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"]
    target = json.loads(processes.run("cargo metadata", metadata, directory=ROOT))["target_directory"]
    return Path(target) / "lambda" / FUNCTION / "bootstrap.zip"


def unpacked(zipped: Path, directory: Path) -> Path:
    try:
        with zipfile.ZipFile(zipped) as archive:
            executable = Path(archive.extract("bootstrap", directory))
    except FileNotFoundError:
        raise Failure(f"{zipped} does not exist: run make package first") from None
    executable.chmod(0o755)
    return executable
