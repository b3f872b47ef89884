"""make test: runs its parts, two at a time, and says at the end what passed, failed and did not run.

A part is `make …` or the arguments of `python3 -m tools`. One that fails does not hide those after it, except that what
stands after `--then` begins when all before it have ended, and only if the last of them has passed. Output is shown in
the order of the parts, however they overlap. "left out": this machine cannot run all of the part; a line tells what.
Beside each part stands how long it took, and the processor time of all of its processes.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue

from tools import ROOT
from tools.base.terminal import BOLD, GREEN, RED, YELLOW, paint

THEN = "--then"
# Most parts wait as long as they compute: two keep two cores busy.
AT_A_TIME = 2
# What a part says of what this machine has not got.
LEFT_OUT = re.compile(r".* (?:was|were) (?:left out|not checked)$")


@dataclass
class Part:
    name: str
    status: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    left_out: list[str] = field(default_factory=list)
    # None ends it.
    output: SimpleQueue[bytes | None] = field(default_factory=SimpleQueue)

    def run(self) -> None:
        try:
            started = time.monotonic()
            process = subprocess.Popen(self._command(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            assert process.stdout is not None
            for line in process.stdout:
                self.output.put(line)
                text = line.decode("utf-8", "replace").strip()
                self.left_out += [text] if LEFT_OUT.match(text) else []
            # Of the process and of all that it waited for.
            _, status, usage = os.wait4(process.pid, 0)
            self.status = process.returncode = os.WEXITSTATUS(status) or os.WTERMSIG(status)
            self.seconds, self.processor = time.monotonic() - started, usage.ru_utime + usage.ru_stime
        finally:
            self.output.put(None)

    def _command(self) -> list[str]:
        words = shlex.split(self.name)
        return words if words[0] == "make" else [sys.executable, "-m", "tools", *words]

    def show(self) -> None:
        """Its output as it comes, until it has ended."""
        print(paint(f"\n{self.name}", BOLD), flush=True)
        while (line := self.output.get()) is not None:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()

    def verdict(self) -> tuple[str, str]:
        """Its word, and the colour of it."""
        if self.status is None:
            return "did not run", RED
        if self.status != 0:
            return "failed", RED
        return ("left out", YELLOW) if self.left_out else ("passed", GREEN)


def main() -> int:
    started = time.monotonic()
    groups: list[list[Part]] = [[]]
    for word in sys.argv[1:]:
        if word == THEN:
            groups.append([])
        else:
            groups[-1].append(Part(word))
    for group in groups:
        _run(group)
        if group[-1].status != 0:
            break
    parts = [part for group in groups for part in group]
    print("\n".join(summary(parts, time.monotonic() - started)), flush=True)
    return int(any(part.status != 0 for part in parts))


def _run(group: list[Part]) -> None:
    with ThreadPoolExecutor(AT_A_TIME) as workers:
        try:
            for part in group:
                workers.submit(part.run)
            for part in group:
                part.show()
        except KeyboardInterrupt:
            # What runs has got the signal, too.
            workers.shutdown(cancel_futures=True)
            raise


def summary(parts: list[Part], seconds: float) -> list[str]:
    lines = ["", f"{'verdict':<12}  minutes   CPU s  part"]
    for part in parts:
        word, colour = part.verdict()
        lines.append(f"{paint(f'{word:<12}', colour)}  {part.seconds / 60:7.1f}  {part.processor:6.0f}  {part.name}")
        lines += [" " * 31 + text for text in part.left_out]
    processor = sum(part.processor for part in parts)
    return [*lines, f"{'':<12}  {seconds / 60:7.1f}  {processor:6.0f}  in all"]
