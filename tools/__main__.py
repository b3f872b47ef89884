"""Runs one tool: the only place that enters .venv, and that turns a Failure into a line on the terminal."""

from __future__ import annotations

import importlib
import sys

from tools import Failure
from tools.base import venv

TOOLS = {
    "bench": "test.bench",
    "bench-instructions": "test.bench_instructions",
    "demo": "test.demo",
    "e2e": "test.e2e",
    "lint-dependencies": "lint.dependencies",
    "lint-workflows": "lint.workflows",
    "package": "build.package",
    "release-notes": "build.release_notes",
    "replay": "test.replay",
    "run": "test.run",
    "test-pages": "test.pages",
    "test-releases": "test.releases",
    "test-terraform": "test.terraform",
    "venv": "base.venv",
}


def main() -> int:
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in TOOLS:
        raise Failure("python3 -m tools NAME …, where NAME is one of " + ", ".join(TOOLS))
    venv.enter()
    # What argparse shows as the name of the program.
    sys.argv[:2] = ["python3 -m tools " + name]
    return importlib.import_module("tools." + TOOLS[name]).main()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(f"\n{failure}")
    except KeyboardInterrupt:
        sys.exit(130)
