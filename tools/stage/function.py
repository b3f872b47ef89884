"""The function on this machine: a process of it, and in front of it a Lambda service."""

from __future__ import annotations

import http.client
import json
import re
import select
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools import ROOT, Failure
from tools.base.processes import READY_SECONDS, Process, Processes, accepts_connections, free_port
from tools.build.cargo import FUNCTION, RUNTIME_HOST
from tools.build.package import CARGO_LAMBDA
from tools.stage.local_aws import function_environment

EXITED = b'{"errorType": "Runtime.ExitError", "errorMessage": "Error: Runtime exited with error: exit status 1"}'


@dataclass
class Answer:
    # The event that came back; None if the function answered with an error.
    event: Any
    # Lambda's errorType and errorMessage, as cargo-lambda shows them.
    error: str | None
    # The function's log line about the invocation.
    log: dict[str, Any]


class LocalFunction:
    """One process of the function behind cargo-lambda's local runtime, invoked with `cargo lambda invoke`."""

    def __init__(self, processes: Processes, binary: Path, settings: dict[str, str], endpoint: str, port: int):
        self._processes, self.settings, self.port = processes, settings, port
        self._address = ["--invoke-address", "127.0.0.1", "--invoke-port", str(port)]
        command = [str(CARGO_LAMBDA), "lambda", "watch", "--only-lambda-apis", "--ignore-changes", *self._address]
        command += ["--manifest-path", str(ROOT / "Cargo.toml")]
        runtime = processes.start("cargo-lambda", command)
        processes.wait_until(runtime, lambda: accepts_connections(port))
        # cargo-lambda's runtime API lives below a path, so lambda_runtime needs the whole address.
        environment = function_environment(settings, endpoint, f"http://127.0.0.1:{port}/.rt")
        self.process: Process = processes.start("function", [str(binary)], environment)

    def invoke_command(self, event: Path) -> list[str]:
        return [str(CARGO_LAMBDA), "lambda", "invoke", *self._address, "--data-file", str(event)]

    def invoke(self, event: Path) -> Answer:
        invocation = self._processes.start("invocation", self.invoke_command(event))
        deadline, status = time.monotonic() + READY_SECONDS, None
        # No answer ever comes if the function cannot use its settings and has ended.
        while (status is None or not self._logged()) and time.monotonic() < deadline:
            if self.process.popen.poll() is not None:
                raise Failure(f"The function ended:\n{self.process.printed()}")
            time.sleep(0.02)
            status = invocation.popen.poll()
        if len(logged := self._logged()) != 1:
            raise Failure(f"The function logged {len(logged)} lines about an invocation:\n{self.process.printed()}")
        if status != 0:
            return Answer(None, _error_text(invocation.printed()), logged[0])
        return Answer(json.loads(invocation.printed()), None, logged[0])

    def _logged(self) -> list[dict[str, Any]]:
        return invocations_logged(self.process)


class HostedFunction:
    """The function behind the tests' own Lambda service, whose Invoke API answers errors as AWS does.

    cargo-lambda's answers them with status 500, upon which AWS's SDKs invoke again.
    """

    def __init__(self, processes: Processes, executables: dict[str, Path]):
        self._processes = processes
        self._executables = executables
        self._port = free_port()
        self.endpoint = f"http://127.0.0.1:{self._port}"
        self._function: Process | None = None
        self._deployments = 0
        self._start_host()

    def deploy(self, settings: dict[str, str], endpoint: str) -> None:
        """Replaces what runs by the function with other settings, as Lambda does when its configuration changes."""
        if self._function:
            self._processes.stop([self._function])
        if self._unanswered:
            # The host would hand the invocation to the new function.
            self._processes.stop([self._host])
            self._start_host()
        self._deployments += 1
        environment = function_environment(settings, endpoint, f"127.0.0.1:{self._port}")
        binary = [str(self._executables[FUNCTION])]
        self._function = self._processes.start(f"function {self._deployments}", binary, environment)

    def _start_host(self) -> None:
        command = [str(self._executables[RUNTIME_HOST]), str(self._port)]
        self._host = self._processes.start(f"runtime host {self._deployments}", command)
        self._processes.wait_until(self._host, self._host.has_printed_a_line)
        self.name: str = self._host.first_line()["function_name"]
        self._unanswered = False

    def invoke(self, payload: bytes) -> tuple[str | None, bytes]:
        """The function's error as Lambda's Invoke API names it, or None; and the payload of the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=READY_SECONDS)
        try:
            connection.request("POST", f"/2015-03-31/functions/{self.name}/invocations", payload)
            # No answer ever comes if the function cannot use its settings and has ended.
            while not select.select([connection.sock], [], [], 0.1)[0]:
                if self.running() is None:
                    self._unanswered = True
                    return "Unhandled", EXITED
            answer = connection.getresponse()
            return answer.getheader("X-Amz-Function-Error"), answer.read()
        finally:
            connection.close()

    def log(self) -> list[dict[str, Any]]:
        """The lines about invocations since the last deployment."""
        return invocations_logged(self._function) if self._function else []

    def running(self) -> int | None:
        """The id of the process, unless it has ended."""
        return self._function.popen.pid if self._function and self._function.popen.poll() is None else None

    def printed(self) -> str:
        return self._function.printed() if self._function else ""


def invocations_logged(function: Process) -> list[dict[str, Any]]:
    """The log lines about invocations; the function logs other things too."""
    # A line is written at once, and the last one may still be on its way.
    lines = [line for line in function.printed().splitlines(keepends=True) if line[0] == "{" and line.endswith("}\n")]
    return [fields for fields in map(json.loads, lines) if "outcome" in fields]


def outcome(line: dict[str, Any]) -> str:
    return line["outcome"] + (", " + line["reason"] if line.get("reason") else "")


def _error_text(text: str) -> str:
    """cargo-lambda draws an error with boxes and adds where to ask for help: keep type and message."""
    lines = [re.sub(r"^[\s×│├╰─▶]+", "", line) for line in text.split("Was this behavior")[0].splitlines()]
    kind, *message = [line for line in lines if line] or ["an error without text"]
    return ": ".join(filter(None, [kind.replace("Error: ", "", 1), " ".join(message)]))
