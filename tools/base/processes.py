"""Child processes that never outlive the tool that started them: not on success, failure, Ctrl-C or a kill."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable

from tools import Failure

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 10.0
# Only ends what hangs: a busy machine takes its time.
READY_SECONDS = 300.0


class Interrupted(SystemExit):
    """A signal asks the tool to end: an exception, so that every `with` and `finally` on the way out is honoured."""

    def __init__(self, number: int):
        super().__init__(128 + number)
        self.number = number


class Process:
    def __init__(self, name: str, popen: subprocess.Popen, output: Path):
        self.name = name
        self.popen = popen
        # What the process printed, both streams.
        self.output = output

    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8", errors="replace")

    def has_printed_a_line(self) -> bool:
        return "\n" in self.printed()

    def first_line(self) -> dict[str, Any]:
        """What a program of the test bed says about itself once it is ready: a line of JSON."""
        try:
            return json.loads(self.printed().splitlines()[0])
        except ValueError:
            raise Failure(f"{self.name} did not say where it listens:\n{self.printed()}") from None


class Processes:
    """Starts processes, and on leaving the `with` block stops them all, newest first.

    Each child leads a process group of its own: Ctrl-C in a terminal reaches only the tool, which then stops its
    children in order. A signal becomes the exception Interrupted.
    """

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="user-migration-"))
        self._running: list[Process] = []
        self._hold_signals = False
        self._held_signal: int | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Processes:
        self._handlers = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        return self

    def __exit__(self, *_exception: object) -> None:
        # A second, impatient Ctrl-C must not leave anything running.
        self._hold_signals = True
        self.stop(self._running)
        shutil.rmtree(self.directory, ignore_errors=True)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def start(
        self, name: str, command: list[str], environment: dict[str, str] | None = None, directory: Path | None = None
    ) -> Process:
        """Starts a process in the background; what it prints goes to a file."""
        output = self.directory / (name.replace(" ", "-") + ".log")
        with output.open("wb") as log:
            options = {"env": environment, "cwd": directory, "stdout": log, "stderr": subprocess.STDOUT}
            return self._spawn(name, command, output, **options)

    def run(self, name: str, command: list[str], directory: Path | None = None, quiet: bool = False) -> str:
        """Runs a command to its end and returns its standard output.

        Its standard error goes to the terminal; with `quiet` only if the command fails.
        """
        options = {"cwd": directory, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE if quiet else None}
        process = self._spawn(name, command, Path(os.devnull), **options)
        stdout, stderr = process.popen.communicate()
        self._running.remove(process)
        if process.popen.returncode != 0:
            printed = b"" if stderr is None else stdout + stderr
            sys.stderr.write(printed.decode("utf-8", "replace"))
            raise Failure(f"{name} failed")
        return stdout.decode("utf-8", "replace")

    def ended(
        self, command: list[str], directory: Path | None = None, environment: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """Runs a command to its end: its exit status, and what it printed."""
        process = self.start(Path(command[0]).name, command, environment, directory)
        return process.popen.wait(), process.printed()

    def stop(self, processes: list[Process]) -> None:
        """Stops these, newest first."""
        for process in reversed(processes):
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for process in reversed(processes):
            with suppress(subprocess.TimeoutExpired):
                process.popen.wait(max(0.0, deadline - time.monotonic()))
            # Also what the process itself may have started.
            _signal_group(process, signal.SIGKILL)
            process.popen.wait()
        self._running = [process for process in self._running if process not in processes]

    def _spawn(self, name: str, command: list[str], output: Path, **options: Any) -> Process:
        options.update(stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_end_with_the_tool)
        # A signal between the start of a process and the note of it would lose the process.
        self._hold_signals = True
        try:
            process = Process(name, subprocess.Popen(command, **options), output)
            self._running.append(process)
        except FileNotFoundError:
            raise Failure(f"{command[0]} is not installed") from None
        finally:
            self._hold_signals = False
        held, self._held_signal = self._held_signal, None
        if held is not None:
            # To the main thread, whichever this is.
            os.kill(os.getpid(), held)
        return process

    def wait_until(self, process: Process, is_ready: Callable[[], bool], seconds: float = READY_SECONDS) -> None:
        """Waits for readiness; a process that ends or stays silent is a failure that shows what it printed."""
        deadline = time.monotonic() + seconds
        while not is_ready():
            if process.popen.poll() is not None:
                raise Failure(f"{process.name} ended at its start:\n{process.printed()}")
            if time.monotonic() > deadline:
                raise Failure(f"{process.name} is not ready after {seconds:.0f} s:\n{process.printed()}")
            time.sleep(0.05)

    def _on_signal(self, number: int, _frame: object) -> None:
        if self._hold_signals:
            self._held_signal = number
            return
        print("\nStopping", file=sys.stderr, flush=True)
        raise Interrupted(number)


def free_port(wanted: int = 0) -> int:
    """The wanted port if it is free, else any."""
    with socket.socket() as listener:
        # Connections of an earlier listener, which have ended, do not count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", wanted))
        except OSError:
            listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def accepts_connections(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(1.0)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _signal_group(process: Process, number: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.popen.pid, number)


def _end_with_the_tool() -> None:
    """Runs in the child: where the system can (Linux), it ends even if the tool is killed and cannot clean up."""
    if sys.platform == "linux":
        parent_death_signal = 1  # PR_SET_PDEATHSIG
        _LIBC.prctl(parent_death_signal, signal.SIGTERM)


_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
