"""Makes .venv with the pinned packages of requirements.txt, and lets a tool continue inside it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import sys
from pathlib import Path

from tools import ROOT, Failure
from tools.base.processes import Processes

VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "tools" / "requirements.txt"


def main() -> int:
    """Nothing is left to do: the caller runs inside the environment."""
    return 0


def enter() -> None:
    """Returns only inside .venv: makes it if need be, then starts the running tool again with its Python."""
    # Nothing runs yet that would have to be stopped: Ctrl-C may end the tool at once, without a traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    ensure()
    # exec keeps the process id, so that the caller of the tool can still signal it.
    os.execv(str(PYTHON), [str(PYTHON), "-m", "tools", *sys.argv[1:]])


def ensure(venv: Path = VENV, requirements: Path = REQUIREMENTS) -> None:
    """Makes a virtual environment when it is missing, half made, or made from other requirements or another Python."""
    # The machine's own Python may be any.
    if sys.version_info < (3, 9):  # noqa: UP036
        raise Failure("Python 3.9 or later is needed; this is " + sys.version.split()[0])
    wanted, stamp = _stamp(requirements), venv / "made-from"
    # Two tools may start at the same time (make -j): the second waits for the first.
    with requirements.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (venv / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == wanted:
            return
        made, source = venv.relative_to(ROOT), requirements.relative_to(ROOT)
        print(f"Making {made} from {source} (once; about a minute)", file=sys.stderr, flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        with Processes() as processes:
            # On Debian and Ubuntu this needs the package python3-venv, and says so.
            processes.run("python3 -m venv", [sys.executable, "-m", "venv", str(venv)])
            install(processes, requirements, venv)
        # Written last: a virtual environment without it was interrupted and is made again.
        stamp.write_text(wanted)


def install(processes: Processes, requirements: Path, venv: Path = VENV) -> None:
    """Exactly the list: with --no-deps nothing gets in whose version is not in it.

    Where a package of the list has a checksum, pip wants one of each. Only what builds no release has none.
    """
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    # Python compiles what is used when it is used: all of it at once takes as long as the rest.
    exactly = ["--no-deps", "--no-compile", "--only-binary", ":all:", "-r", str(requirements)]
    processes.run("pip install", [*pip, *exactly])


def _stamp(requirements: Path) -> str:
    python = "{} {}.{}".format(sys.base_prefix, *sys.version_info[:2])
    return f"{hashlib.sha256(requirements.read_bytes()).hexdigest()} {python}\n"
