"""make bench: packs the function and measures it beside a reference in Python. It prints a table.

Linux only: processor time and memory are read from its kernel.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes
from tools.build.cargo import executables
from tools.build.package import package

REFERENCE = ROOT / "benches" / "reference"


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the packed function and a reference.")
    parser.add_argument("rounds", nargs="?", type=int, default=7)
    rounds = parser.parse_args().rounds
    if platform.system() != "Linux":
        raise Failure("make bench needs Linux")
    with Processes() as processes:
        venv.install(processes, REFERENCE / "requirements.txt")
        architecture = "arm64" if platform.machine() == "aarch64" else "x86_64"
        function_zip = package(processes, architecture)
        # package has unpacked it there.
        function = function_zip.with_name("bootstrap")
        speed = executables(processes, "build", "--release", "--package", "speed")["speed"]
        print(f"Measuring {rounds} rounds; leave the machine alone", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        roots = processes.directory / "roots.pem"
        command = [speed, function, venv.PYTHON, REFERENCE, roots, rounds]
        print(processes.run("speed", [str(word) for word in command]), end="")
        print(f"Package: {function_zip.stat().st_size / 1e6:.2f} MB. {describe_machine()}. Load before: {load:.1f}.")
    return 0


def describe_machine() -> str:
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return (
        f"{datetime.date.today()}, {model}, {os.cpu_count()} cores, Linux {platform.release()}. "
        f"Reference: Python {platform.python_version()}, boto3 {version('boto3')}, "
        f"awslambdaric {version('awslambdaric')}"
    )
