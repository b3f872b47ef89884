"""The function on this machine: built, served by cargo-lambda's local runtime, invoked with `cargo lambda invoke`."""

from __future__ import annotations

import json
import re
import subprocess
import time
import urllib.request
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bootstrap import ROOT, VENV
from local_aws import function_environment
from old_pool import OldPool
from processes import Failure, Process, Processes, accepts_connections, free_port

FUNCTION = "cognito-user-migration"
STUB = "source-pool-stub"
RUNTIME_HOST = "runtime-host"
PREFLIGHT = "Migration_Preflight"
CARGO_LAMBDA = VENV / "bin" / "cargo-lambda"


def build(processes: Processes, packaged: bool = False) -> dict[str, Path]:
    """Builds the function and the test bed; returns the executables by name, wherever Cargo puts them.

    `packaged`: the function is not built but taken out of the zip that `make package` has made for Lambda.
    """
    packages = ["--package", "testbed"] if packaged else ["--package", "testbed", "--package", FUNCTION]
    messages = processes.run("cargo build", [
        "cargo", "build", "--locked", *packages, "--bins", "--message-format", "json-render-diagnostics"], directory=ROOT)
    executables = {}
    for message in map(json.loads, messages.splitlines()):
        if message.get("executable"):
            executables[message["target"]["name"]] = Path(message["executable"])
    if packaged:
        executables[FUNCTION] = _unpacked(processes)
    return executables


def _unpacked(processes: Processes) -> Path:
    zipped = cargo_target_directory(processes) / "lambda" / FUNCTION / "bootstrap.zip"
    try:
        with zipfile.ZipFile(zipped) as archive:
            unpacked = Path(archive.extract("bootstrap", processes.directory))
    except FileNotFoundError:
        raise Failure(f"{zipped} is not there: run make package first") from None
    unpacked.chmod(0o755)
    return unpacked


def cargo_target_directory(processes: Processes) -> Path:
    metadata = processes.run(
        "cargo metadata", ["cargo", "metadata", "--locked", "--no-deps", "--format-version", "1"], directory=ROOT)
    return Path(json.loads(metadata)["target_directory"])


@dataclass
class Answer:
    # The event that came back; None if the function answered with an error.
    event: Any
    # Lambda's errorType and errorMessage, as cargo-lambda shows them.
    error: str | None
    # The function's log line about the invocation.
    log: dict[str, Any]


class LocalFunction:
    """One process of the function with an old pool behind it and a local Lambda in front of it."""

    def __init__(self, processes: Processes, name: str, binary: Path, pool: OldPool):
        self.pool = pool
        self.port = free_port()
        self._processes = processes
        self._lambda = processes.start(f"cargo-lambda {name}", [
            str(CARGO_LAMBDA), "lambda", "watch", "--only-lambda-apis", "--ignore-changes",
            "--invoke-address", "127.0.0.1", "--invoke-port", str(self.port),
            "--manifest-path", str(ROOT / "Cargo.toml")])
        processes.wait_until(self._lambda, lambda: accepts_connections(self.port))
        environment = function_environment(pool.settings, pool.endpoint)
        # cargo-lambda's runtime API lives below a path, so lambda_runtime needs the whole address.
        environment["AWS_LAMBDA_RUNTIME_API"] = f"http://127.0.0.1:{self.port}/.rt"
        self.process: Process = processes.start(f"function {name}", [str(binary)], environment)
        self._log_lines_seen = 0

    def invoke_command(self, event: Path) -> list[str]:
        return [
            str(CARGO_LAMBDA), "lambda", "invoke", "--invoke-address", "127.0.0.1", "--invoke-port", str(self.port),
            "--data-file", str(event)]

    def invoke(self, event: Path) -> Answer:
        event = self._about_our_pools(event)
        invocation = subprocess.Popen(
            self.invoke_command(event), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, encoding="utf-8")
        try:
            stdout, stderr = self._outputs(invocation)
        finally:
            # On the way out of a failure or Ctrl-C; it has ended otherwise.
            invocation.kill()
            invocation.wait()
        log = self._log_line()
        if invocation.returncode != 0:
            return Answer(None, _error_text(stderr), log)
        return Answer(json.loads(stdout), None, log)

    def _about_our_pools(self, event: Path) -> Path:
        """A preflight of the pools that are here: moto chooses their ids itself."""
        if self.pool.new_pool_id is None:
            return event
        try:
            content = json.loads(event.read_text(encoding="utf-8"))
        except ValueError:
            return event
        if not isinstance(content, dict) or content.get("triggerSource") != PREFLIGHT:
            return event
        copy = self._processes.directory / "preflight.json"
        copy.write_text(json.dumps({**content, "userPoolId": self.pool.new_pool_id}), encoding="utf-8")
        return copy

    def _outputs(self, invocation: subprocess.Popen) -> tuple[str, str]:
        """Waits for the answer, which never comes if the function has refused its settings and ended."""
        while True:
            try:
                return invocation.communicate(timeout=0.2)
            except subprocess.TimeoutExpired:
                if self.process.popen.poll() is not None:
                    raise Failure(f"the function ended:\n{self.process.printed()}") from None

    def _log_line(self) -> dict[str, Any]:
        """The one line that the function logs about each invocation."""
        deadline = time.monotonic() + 2.0
        while True:
            logged = invocations_logged(self.process)
            new = logged[self._log_lines_seen:]
            if new or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        self._log_lines_seen = len(logged)
        if len(new) != 1:
            raise Failure(f"The function logged {len(new)} lines about one invocation:\n{self.process.printed()}")
        return new[0]


def invocations_logged(function: Process) -> list[dict[str, Any]]:
    """The log lines about invocations; the function logs other things too."""
    return [fields for fields in map(_log_fields, function.printed().splitlines()) if "outcome" in fields]


def _log_fields(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _error_text(text: str) -> str:
    """cargo-lambda draws an error with boxes and adds where to ask for help: keep type and message."""
    lines = [re.sub(r"^[\s×│├╰─▶]+", "", line) for line in text.split("Was this behavior")[0].splitlines()]
    kind, *message = [line for line in lines if line] or ["an error without text"]
    return ": ".join(filter(None, [kind.replace("Error: ", "", 1), " ".join(message)]))


class HostedFunction:
    """The function behind the tests' own Lambda service, whose Invoke API answers errors as AWS does.

    cargo-lambda's answers them with status 500, upon which AWS's SDKs invoke again.
    """

    def __init__(self, processes: Processes, executables: dict[str, Path]):
        self._processes = processes
        self._binary = executables[FUNCTION]
        host = processes.start("runtime host", [str(executables[RUNTIME_HOST]), "--port", "0"])
        processes.wait_until(host, host.has_printed_a_line)
        ready = host.first_line()
        self.endpoint = f"http://127.0.0.1:{ready['port']}"
        self.name: str = ready["function_name"]
        self._instances: list[Process] = []
        self._deployments = 0

    def deploy(self, pool: OldPool, instances: int = 1) -> None:
        """Replaces what runs by the function with other settings, as Lambda does when its configuration changes."""
        self._processes.stop(self._instances)
        self._deployments += 1
        environment = function_environment(pool.settings, pool.endpoint)
        environment["AWS_LAMBDA_RUNTIME_API"] = self.endpoint[len("http://"):]
        self._instances = [
            self._processes.start(f"function {self._deployments}-{number}", [str(self._binary)], environment)
            for number in range(instances)]

    def invocations(self) -> int:
        """How often the function was invoked, as its host has counted."""
        with urllib.request.urlopen(self.endpoint + "/invocations", timeout=5) as answer:
            return json.load(answer)["invocations"]

    def log(self) -> list[dict[str, Any]]:
        """The lines about invocations since the last deployment."""
        return [fields for instance in self._instances for fields in invocations_logged(instance)]

    def printed(self) -> str:
        return "".join(instance.printed() for instance in self._instances)
