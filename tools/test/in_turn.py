"""make test: runs its parts, and says at the end what passed, failed and did not run.

A part is `make …` or the arguments of `python3 -m tools`. One that fails does not hide those after it, except that what
stands after `--then` runs only if the part before it has passed. What stands after `--beside` runs at the same time as
the part before it, and its output is shown after that part's. "left out": this machine cannot run all of the part; a
line tells what. Beside each part stands how long it took, and the processor time of all of its processes.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import BinaryIO

from tools import ROOT
from tools.base.terminal import BOLD, GREEN, RED, YELLOW, paint

THEN, BESIDE = "--then", "--beside"
# What a part says of what this machine has not got.
LEFT_OUT = re.compile(r".* (?:was|were) (?:left out|not checked)$")


@dataclass
class Part:
    name: str
    status: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    left_out: list[str] = field(default_factory=list)

    def run(self, output: BinaryIO) -> None:
        started = time.monotonic()
        process = subprocess.Popen(self._command(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert process.stdout is not None
        for line in process.stdout:
            output.write(line)
            output.flush()
            text = line.decode("utf-8", "replace").strip()
            self.left_out += [text] if LEFT_OUT.match(text) else []
        # Of the process and of all that it waited for.
        _, status, usage = os.wait4(process.pid, 0)
        self.status = process.returncode = os.WEXITSTATUS(status) or os.WTERMSIG(status)
        self.seconds, self.processor = time.monotonic() - started, usage.ru_utime + usage.ru_stime

    def _command(self) -> list[str]:
        words = shlex.split(self.name)
        return words if words[0] == "make" else [sys.executable, "-m", "tools", *words]

    def verdict(self) -> tuple[str, str]:
        """Its word, and the colour of it."""
        if self.status is None:
            return "did not run", RED
        if self.status != 0:
            return "failed", RED
        return ("left out", YELLOW) if self.left_out else ("passed", GREEN)


def main() -> int:
    groups: list[list[Part]] = []
    # How many groups stand before --then.
    first = len(sys.argv)
    started = time.monotonic()
    words = iter(sys.argv[1:])
    for word in words:
        if word == BESIDE:
            groups[-1].append(Part(next(words)))
        elif word == THEN:
            first = len(groups)
        else:
            groups.append([Part(word)])
    for group in groups[:first]:
        _run(group)
    if groups[:first][-1][-1].status == 0:
        for group in groups[first:]:
            _run(group)
    parts = [part for group in groups for part in group]
    print("\n".join(summary(parts, time.monotonic() - started)), flush=True)
    return int(any(part.status != 0 for part in parts))


def _run(group: list[Part]) -> None:
    outputs = [sys.stdout.buffer, *(io.BytesIO() for _ in group[1:])]
    threads = [threading.Thread(target=part.run, args=[output]) for part, output in zip(group, outputs)]
    print(paint(f"\n{' beside '.join(part.name for part in group)}", BOLD), flush=True)
    for thread in threads:
        thread.start()
    for part, thread, output in zip(group, threads, outputs):
        thread.join()
        if isinstance(output, io.BytesIO):
            print(paint(f"\n{part.name}", BOLD), flush=True)
            sys.stdout.buffer.write(output.getvalue())
            sys.stdout.buffer.flush()


def summary(parts: list[Part], seconds: float) -> list[str]:
    lines = ["", f"{'verdict':<12}  minutes   CPU s  part"]
    for part in parts:
        word, colour = part.verdict()
        lines.append(f"{paint(f'{word:<12}', colour)}  {part.seconds / 60:7.1f}  {part.processor:6.0f}  {part.name}")
        lines += [" " * 31 + text for text in part.left_out]
    processor = sum(part.processor for part in parts)
    return [*lines, f"{'':<12}  {seconds / 60:7.1f}  {processor:6.0f}  in all"]
