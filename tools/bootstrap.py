"""Makes .venv with the pinned tools of requirements.txt, and lets a tool continue inside it.

Standard library only: this runs on the Python that the machine has. `python3 tools/bootstrap.py` only makes .venv.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path

from processes import Failure, Processes

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "tools" / "requirements.txt"
STAMP = VENV / "made-from"


def enter() -> None:
    """Returns only inside .venv: makes it if need be, then starts the running tool again with its Python."""
    # Nothing runs yet that would have to be stopped: Ctrl-C may end the tool at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    try:
        ensure()
    except Failure as failure:
        sys.exit(f"Could not make .venv: {failure}")
    # exec keeps the process id, so that whoever started the tool can still signal it.
    os.execv(str(PYTHON), [str(PYTHON), *sys.argv])


def ensure() -> None:
    """Makes .venv when it is missing, half made, or made from other requirements or another Python."""
    if sys.version_info < (3, 9):
        raise Failure("Python 3.9 or later is needed; this is " + sys.version.split()[0])
    wanted = _stamp()
    # Two tools may start at the same time (make -j): the second waits for the first.
    with open(REQUIREMENTS, "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
            return
        print("Making .venv from tools/requirements.txt (once; about a minute)", file=sys.stderr, flush=True)
        shutil.rmtree(VENV, ignore_errors=True)
        with Processes() as processes:
            # On Debian and Ubuntu this needs the package python3-venv, and says so.
            processes.run("python3 -m venv", [sys.executable, "-m", "venv", str(VENV)])
            # --no-deps: nothing gets in whose version is not in the list.
            processes.run("pip install", [
                str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--quiet",
                "install", "--no-deps", "--only-binary", ":all:", "-r", str(REQUIREMENTS)])
        # Written last: a virtual environment without it was interrupted and is made again.
        STAMP.write_text(wanted)


def _stamp() -> str:
    python = "%s %d.%d" % (sys.base_prefix, *sys.version_info[:2])
    return "%s %s\n" % (hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest(), python)


if __name__ == "__main__":
    enter()
