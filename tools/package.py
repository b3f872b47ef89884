"""make package: builds the function and packs it for Lambda's provided.al2023 runtime with cargo-lambda.

python3 tools/package.py [x86_64|arm64], x86_64 if nothing is said. COMPILER=zig in the environment builds against an old
enough glibc on a machine with a newer one; it is also what builds for the other architecture.
"""

from __future__ import annotations

import sys

import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
import platform
import zipfile
from pathlib import Path

import check_glibc
from bootstrap import PYTHON, ROOT
from function import CARGO_LAMBDA, FUNCTION, cargo_target_directory
from processes import Failure, Processes

ARCHITECTURES = {"x86_64": ["--x86-64"], "arm64": ["--arm64"]}
# What `uname -m` says of each.
MACHINES = {"x86_64": {"x86_64", "AMD64"}, "arm64": {"aarch64", "arm64"}}
ZIG = ROOT / "tools" / "requirements-zig.txt"


def package(processes: Processes, architecture: str) -> Path:
    """Returns the zip, ready to be deployed."""
    compiler = os.environ.get("COMPILER") or default_compiler(architecture)
    if compiler == "zig":
        processes.run("pip install", [
            str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "--no-deps", "-r", str(ZIG)])
    # Zig is found where pip has put it.
    os.environ["PATH"] = f"{PYTHON.parent}{os.pathsep}{os.environ['PATH']}"
    # For this machine's own architecture no target is named: rustup would download it.
    target = [] if compiler == "cargo" else ARCHITECTURES[architecture]
    processes.run("cargo lambda build", [
        str(CARGO_LAMBDA), "lambda", "build", "--release", "--locked", "--bin", FUNCTION, "--output-format", "zip",
        "--compiler", compiler, *target, "--manifest-path", str(ROOT / "Cargo.toml")], directory=ROOT)
    zipped = cargo_target_directory(processes) / "lambda" / FUNCTION / "bootstrap.zip"
    print(check_glibc.check(zipped, "COMPILER=zig make package builds against an older one"))
    # For those who run what is deployed: make load, make bench.
    with zipfile.ZipFile(zipped) as archive:
        executable = Path(archive.extract("bootstrap", zipped.parent))
    executable.chmod(0o755)
    return zipped


def default_compiler(architecture: str) -> str:
    native = platform.system() == "Linux" and platform.machine() in MACHINES[architecture]
    return "cargo" if native else "zig"


def main() -> None:
    parser = argparse.ArgumentParser(description="Packs the function for Lambda.")
    parser.add_argument("architecture", nargs="?", default="x86_64", choices=sorted(ARCHITECTURES))
    architecture = parser.parse_args().architecture
    with Processes() as processes:
        zipped = package(processes, architecture)
    print(f"{os.path.relpath(zipped, ROOT)}: {zipped.stat().st_size / 1e6:.2f} MB, {architecture}")


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(f"\nThe function was not packed: {failure}")
