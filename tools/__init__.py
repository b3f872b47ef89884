"""The tools of this repository, run from its root: `python3 -m tools NAME`, and `python3 -m tools` for the names.

base   what all of them need; standard library only
build  makes the programs, and the zip for Lambda
lint   looks at the dependencies and the workflows, before anything runs
stage  runs the function on this machine, between a source pool and a destination pool
test   looks at what the function does on that stage, under Terraform, and how fast
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Failure(Exception):
    """Ends the tool; its text tells a person what to do."""
