"""Runs one tool: the only place that enters .venv, and that turns a Failure into a line on the terminal."""

from __future__ import annotations

import importlib
import os
import shutil
import signal
import sys

from tools import Failure
from tools.base import venv
from tools.base.processes import Interrupted

TOOLS = {
    "bench": "test.bench",
    "bench-instructions": "test.bench_instructions",
    "e2e": "test.e2e",
    "in-turn": "test.in_turn",
    "lab": "lab.main",
    "lint-dependencies": "lint.dependencies",
    "lint-workflows": "lint.workflows",
    "package": "build.package",
    "replay": "test.replay",
    "run": "test.run",
    "test-drafts": "test.drafts",
    "test-example": "test.usual_example",
    "test-lab": "test.lab",
    "test-pages": "test.pages",
    "test-report": "test.report_page",
    "test-terraform": "test.terraform",
    "test-tools": "test.tools",
    "venv": "base.venv",
}
WITHOUT_CARGO = {"lint-workflows", "venv"}


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TOOLS:
        raise Failure("python3 -m tools NAME …, where NAME is one of " + ", ".join(TOOLS))
    # Said before anything is installed.
    if name not in WITHOUT_CARGO and shutil.which("cargo") is None:
        raise Failure("cargo is not installed: https://rustup.rs")
    venv.enter()
    # What argparse shows as the name of the program.
    sys.argv[:2] = ["python3 -m tools " + name]
    return importlib.import_module("tools." + TOOLS[name]).main()


def end_by(number: int) -> None:
    """Ends as the signal would have ended it, so that make and shells see an interruption and not an error."""
    sys.stdout.flush()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        end_by(signal.SIGINT)
    except Interrupted as interrupted:
        end_by(interrupted.number)
