"""make test: runs its parts one after the other, and says at the end what passed, failed and did not run.

A part is `make …` or the arguments of `python3 -m tools`. One that fails does not hide those after it, except that what
stands after `--then` runs only if the part before it has passed. "left out": this machine cannot run all of the part; a
line tells what. Beside each part stands how long it took, and the processor time of all of its processes.
"""

from __future__ import annotations

import re
import resource
import shlex
import subprocess
import sys
import time
from dataclasses import dataclass, field

from tools import ROOT
from tools.base.terminal import BOLD, GREEN, RED, YELLOW, paint

THEN = "--then"
# What a part says of what this machine has not got.
LEFT_OUT = re.compile(r".* (?:was|were) (?:left out|not checked)$")


@dataclass
class Part:
    name: str
    status: int | None = None
    seconds: float = 0.0
    processor: float = 0.0
    left_out: list[str] = field(default_factory=list)

    def run(self) -> None:
        before, started = _processor_time(), time.monotonic()
        process = subprocess.Popen(self._command(), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert process.stdout is not None
        for line in process.stdout:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
            text = line.decode("utf-8", "replace").strip()
            self.left_out += [text] if LEFT_OUT.match(text) else []
        self.status = process.wait()
        self.seconds, self.processor = time.monotonic() - started, _processor_time() - before

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
    parts, needed, is_needed = [], None, False
    for name in sys.argv[1:]:
        if name == THEN:
            is_needed = True
            continue
        if is_needed and needed is None:
            needed = parts[-1]
        parts.append(Part(name))
        if needed is None or needed.status == 0:
            print(paint(f"\n{name}", BOLD), flush=True)
            parts[-1].run()
    print("\n".join(summary(parts)), flush=True)
    return int(any(part.status != 0 for part in parts))


def summary(parts: list[Part]) -> list[str]:
    lines = ["", f"{'verdict':<12}  minutes   CPU s  part"]
    for part in parts:
        word, colour = part.verdict()
        lines.append(f"{paint(f'{word:<12}', colour)}  {part.seconds / 60:7.1f}  {part.processor:6.0f}  {part.name}")
        lines += [" " * 31 + text for text in part.left_out]
    minutes, processor = sum(part.seconds for part in parts) / 60, sum(part.processor for part in parts)
    return [*lines, f"{'':<12}  {minutes:7.1f}  {processor:6.0f}  in all"]


def _processor_time() -> float:
    """Of all processes that have ended and were waited for, their children among them."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
