"""Node.js, and the packages of a folder that has a package-lock.json."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from tools import Failure
from tools.base import terminal
from tools.base.processes import Processes

INSTALL = ["npm", "ci", "--include=dev", "--ignore-scripts", "--no-audit", "--no-fund"]


def left_out(what: str) -> int | None:
    """The status if Node.js is missing."""
    return None if is_installed() else terminal.left_out("Node.js is not installed", what)


def is_installed() -> bool:
    return all(shutil.which(program) for program in ("node", "npm"))


def install(processes: Processes, folder: Path) -> None:
    """Installs what package-lock.json says, unless that is done already."""
    if not is_installed():
        raise Failure("Node.js 20 or later, with npm, is needed for the emulator of the destination pool and the app")
    stamp = folder / "node_modules" / ".made-from"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    processes.run("npm ci", INSTALL, directory=folder, quiet=True)
    stamp.write_text(wanted)
