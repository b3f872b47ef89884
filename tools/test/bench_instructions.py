"""make bench-instructions: counts the instructions of one sign-in through the rules and the event handling.

Instructions, unlike times, come out the same on a busy machine: callgrind counts them. The figure is compared with the
committed one in benches/instructions.json. It belongs to the compiler that it names: another compiler may make other
code of the same text. `python3 -m tools bench-instructions --write` commits to a new figure.
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
from pathlib import Path

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.build.cargo import executables

COMMITTED = ROOT / "benches" / "instructions.json"
TOLERANCE = 0.05
# Hash maps are seeded anew in each run: over so many sign-ins that evens out.
FEW, MANY = 100, 5100
# Where the profile comes from: SRC_PROFILE.
WAYS = ("after", "id_token")


def main() -> int:
    parser = argparse.ArgumentParser(description="Counts the instructions of a sign-in without the network.")
    parser.add_argument("--write", action="store_true", help="take what is counted as the new figure")
    write = parser.parse_args().write
    if not shutil.which("valgrind"):
        raise Failure("valgrind is not installed (Debian, Ubuntu: apt install valgrind)")
    with Processes() as processes:
        program = executables(processes, "bench", "--bench", "instructions", "--no-run")["instructions"]
        counted = {way: per_sign_in(processes, program, way) for way in WAYS}
        rustc = processes.run("rustc", ["rustc", "--version"], directory=ROOT).strip()
    figures, machine, status = json.loads(COMMITTED.read_text()), platform.machine(), 0
    committed = figures.get(machine, {})
    for way, instructions in counted.items():
        print(f"{instructions:,} instructions a sign-in without the network, SRC_PROFILE={way} ({machine}, {rustc})")
        if not write and way in committed:
            change = instructions / committed[way] - 1
            print(f"{committed[way]:,} are committed ({committed['rustc']}): {change:+.1%}, {TOLERANCE:.0%} is allowed")
            status = max(status, int(abs(change) > TOLERANCE))
    if write:
        figures[machine] = {**counted, "rustc": rustc}
        COMMITTED.write_text(json.dumps(figures, indent=2) + "\n")
    if not write and not committed:
        print(f"There is no figure for {machine} to compare it with.")
    if status:
        print("docs/performance.md says when the new figure may be written.")
    return status


def per_sign_in(processes: Processes, program: Path, way: str) -> int:
    few, many = (count(processes, program, sign_ins, way) for sign_ins in (FEW, MANY))
    return round((many - few) / (MANY - FEW))


def count(processes: Processes, program: Path, sign_ins: int, way: str) -> int:
    output = processes.directory / "callgrind.out"
    command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={output}", str(program)]
    processes.run("callgrind", [*command, str(sign_ins), way], quiet=True)
    counted = re.search(r"^(?:summary|totals): (\d+)", output.read_text(), re.MULTILINE)
    if not counted:
        raise Failure("callgrind has written no sum")
    return int(counted[1])
