"""make package: builds the function and packs it for Lambda's provided.al2023 runtime with cargo-lambda.

COMPILER=zig in the environment builds against an old enough glibc on a machine with a newer one; it is also what builds
for the other architecture.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
from pathlib import Path

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes
from tools.build import cargo

CARGO_LAMBDA = venv.VENV / "bin" / "cargo-lambda"
ARCHITECTURES = {"x86_64": "--x86-64", "arm64": "--arm64"}
# What `uname -m` says of each.
MACHINES = {"x86_64": {"x86_64", "AMD64"}, "arm64": {"aarch64", "arm64"}}
TERRAFORMS_DEFAULT = "x86_64"
ZIG = ROOT / "tools" / "requirements-zig.txt"
GLIBC_OF_THE_RUNTIME = (2, 34)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    own = next((name for name, names in MACHINES.items() if platform.machine() in names), None)
    parser.add_argument("architecture", nargs="?", default=own, choices=sorted(ARCHITECTURES))
    architecture = parser.parse_args().architecture
    with Processes() as processes:
        zipped = package(processes, architecture)
    print(f"{os.path.relpath(zipped, ROOT)}: {zipped.stat().st_size / 1e6:.2f} MB, {architecture}")
    if architecture != TERRAFORMS_DEFAULT:
        print(f'Terraform has to be told: architecture = "{architecture}"')
    return 0


def package(processes: Processes, architecture: str) -> Path:
    """Returns the zip, ready to be deployed; the executable lies beside it, for those who run what is deployed."""
    native = platform.system() == "Linux" and platform.machine() in MACHINES[architecture]
    compiler = os.environ.get("COMPILER") or ("cargo" if native else "zig")
    if compiler == "zig":
        venv.install(processes, ZIG)
    # Zig is found where pip has put it.
    os.environ["PATH"] = f"{venv.PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
    # For this machine's own architecture no target is named: rustup would download it.
    target = [] if compiler == "cargo" else [ARCHITECTURES[architecture]]
    # In `make test` it is clippy, which leaves optimisations out.
    os.environ.pop("RUSTC_WORKSPACE_WRAPPER", None)
    command = [str(CARGO_LAMBDA), "lambda", "build", "--release", "--locked", "--bin", cargo.FUNCTION]
    command += ["--output-format", "zip", "--lambda-dir", str(cargo.LAMBDA_DIR), "--compiler", compiler, *target]
    command += ["--manifest-path", str(ROOT / "Cargo.toml")]
    processes.run("cargo lambda build", command, directory=ROOT)
    print(check_glibc(cargo.unpacked(cargo.PACKAGED_ZIP, cargo.PACKAGED_ZIP.parent)))
    return cargo.PACKAGED_ZIP


def check_glibc(executable: Path) -> str:
    """Says which glibc the executable needs; a Failure if Lambda's runtime has only an older one."""
    if platform.system() != "Linux":
        return "This is not Linux: which glibc the function needs was not looked at"
    newest = newest_glibc(executable)
    runtime = f"Lambda's provided.al2023 has {_dotted(GLIBC_OF_THE_RUNTIME)}"
    if newest > GLIBC_OF_THE_RUNTIME:
        needs = f"{executable} needs glibc {_dotted(newest)} or later, but {runtime}."
        raise Failure(f"{needs} COMPILER=zig make package builds against an older one.")
    return f"glibc is fine: the function needs {_dotted(newest) or 'none'}, {runtime}"


def newest_glibc(executable: Path) -> tuple[int, ...]:
    """(2, 34) for GLIBC_2.34; () for an executable without glibc. What is needed weakly may be missing."""
    command = ["readelf", "--wide", "--version-info", str(executable)]
    try:
        result = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"})
    except FileNotFoundError:
        raise Failure("readelf is not installed, which says which glibc the function needs: install binutils") from None
    if result.returncode != 0:
        raise Failure(f"readelf cannot read {executable}: {result.stderr.strip()}")
    needed = re.findall(r"Name: GLIBC_([\d.]+) +Flags: (?!.*WEAK)", result.stdout)
    return max((tuple(map(int, version.split("."))) for version in needed), default=())


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
