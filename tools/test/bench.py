"""make bench: packs the function and a reference in Python, and measures both side by side. It prints tables.

Linux only: processor time and memory are read from its kernel. The functions find their root certificates where they
find them on any machine: for them alone, a copy of the machine's bundle stands in its place, with the authority of the
benchmark at its end.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import shutil
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Processes
from tools.build.cargo import executables
from tools.build.package import package

REFERENCE = ROOT / "benches" / "reference"
# Debian and Ubuntu; Fedora and Amazon Linux.
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem")


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the packed function and a reference.")
    parser.add_argument("rounds", nargs="?", type=int, default=7)
    rounds = parser.parse_args().rounds
    if platform.system() != "Linux":
        raise Failure("make bench needs Linux")
    with Processes() as processes:
        venv.install(processes, REFERENCE / "requirements.txt", with_hashes=False)
        architecture = "arm64" if platform.machine() == "aarch64" else "x86_64"
        function_zip = package(processes, architecture)
        # package has unpacked it there.
        function = function_zip.with_name("bootstrap")
        reference_zip = pack_reference(processes.directory)
        built = executables(processes, "build", "--release", "--package", "speed")
        machines = next((path.resolve() for path in map(Path, BUNDLES) if path.exists()), None)
        if not machines:
            raise Failure("make bench looks for a bundle of root certificates in " + " and ".join(BUNDLES))
        roots = processes.directory / "roots.pem"
        roots.write_bytes(machines.read_bytes())
        print(f"Measuring {rounds} rounds; leave the machine alone", file=sys.stderr, flush=True)
        load = os.getloadavg()[0]
        table = processes.run(
            "speed",
            [
                *showing(roots, machines),
                str(built["speed"]),
                str(function),
                str(function_zip),
                str(venv.PYTHON),
                str(REFERENCE),
                str(reference_zip),
                str(built["bare"]),
                str(roots),
                str(rounds),
            ],
        )
        print(table, end="")
        print(f"{describe_machine()}. Load before: {load:.1f}.")
    return 0


def showing(file: Path, place: Path) -> list[str]:
    """What to put before a command, so that it and what it starts find `file` in this place; no other process does."""
    if not shutil.which("unshare"):
        raise Failure("unshare is not installed (Debian, Ubuntu: apt install util-linux)")
    namespaces = ["--mount"] if os.geteuid() == 0 else ["--mount", "--map-root-user"]
    mount = 'mount --bind "$0" "$1" && shift && exec "$@"'
    return ["unshare", *namespaces, "sh", "-c", mount, str(file), str(place)]


def pack_reference(directory: Path) -> Path:
    """The handler alone: boto3 and the runtime client are part of Lambda's managed runtime."""
    path = directory / "reference.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(REFERENCE / "handler.py", "handler.py")
    return path


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
