"""make run: keeps the function and its pools up for experiments, until Ctrl-C."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from signal import SIGINT
from typing import Any

from tools import ROOT, Failure
from tools.base import venv
from tools.base.processes import Interrupted, Processes
from tools.base.terminal import BOLD, paint
from tools.stage import local_aws, settings
from tools.stage.front import Calls
from tools.stage.function import LocalFunction, outcome
from tools.stage.local import arguments_parser, set_up
from tools.stage.scenarios import sample

# Where `cargo lambda invoke` looks by default.
PORT_OF_CARGO_LAMBDA = 9000
# Of an event's log line: what only a log needs, and what the line begins with.
NOT_SHOWN = {"level", "message", "request_id", "source_sub", "trigger", "outcome", "reason", "duration_ms", "timestamp"}


def main() -> int:
    parser = arguments_parser(__doc__)
    settings.add_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    with Calls() as calls, Processes() as processes:
        function = set_up(processes, arguments, calls, PORT_OF_CARGO_LAMBDA)
        try:
            # A function that cannot use its settings ends at once: then its reason is all that there is to say.
            function.process.popen.wait(0.5)
        except subprocess.TimeoutExpired:
            pass
        else:
            raise Failure(f"The function ended:\n{function.process.printed()}")
        try:
            print("\n".join(settings.in_force(function.settings, arguments.set)))
            print(_explained(function, calls.url), flush=True)
            _follow(function, calls)
        except Interrupted as interrupted:
            # Ctrl-C is the only end, and a good one.
            if interrupted.number != SIGINT:
                raise
    return 0


def _explained(function: LocalFunction, pools: str) -> str:
    source = sample("expected")["source_pool"]
    pool = source["pool_id"]
    keys = " ".join(f"{name}={value}" for name, value in local_aws.MADE_UP_KEYS.items())
    program = f"{keys} {_relative(str(venv.PYTHON.with_name('aws')))} cognito-idp --endpoint-url {pools}"
    invoke = shlex.join(_relative(word) for word in function.invoke_command(ROOT / "events" / "sign-in.json"))
    return f"""
{paint("The function", BOLD)} takes events. In another terminal, in this folder:
  {invoke}
or as Lambda's Invoke API (also for an SDK: endpoint http://127.0.0.1:{function.port}, function name _):
  curl --data @events/sign-in.json http://127.0.0.1:{function.port}/2015-03-31/functions/_/invocations

{paint("The pools", BOLD)} are at {pools}, with the users of events/expected.json: the source pool ({pool}),
and the destination pool ({source["neighbours"][0]["pool_id"]}) with those who have migrated. Look at a user with any
SDK, or with AWS's command line:
  {program} --region {pool.split("_")[0]} admin-get-user --user-pool-id {pool} --username ada@example.com

{paint("What the function does", BOLD)}, a line for each event, until Ctrl-C stops everything. Its whole log until then:
  tail -f {function.process.output}"""


def _follow(function: LocalFunction, calls: Calls) -> None:
    """Tells what the function logs until it ends, which it does not by itself."""
    # What the start asked.
    calls.taken()
    with function.process.output.open(encoding="utf-8", errors="replace") as log:
        unfinished = ""
        while True:
            text = log.read()
            if text:
                *lines, unfinished = (unfinished + text).split("\n")
                for line in filter(None, (told(line, calls.taken) for line in lines)):
                    print(line, flush=True)
            elif function.process.popen.poll() is not None:
                raise Failure(f"The function ended:\n{function.process.printed()}")
            else:
                # Short, because what is asked for the next event must not count for this one.
                time.sleep(0.02)


def told(line: str, calls: Callable[[], list[str]]) -> str:
    """An event's line of the log in short, with what the function asked; empty for metrics, and others as they are."""
    try:
        fields: dict[str, Any] = json.loads(line)
    except ValueError:
        return line
    if "_aws" in fields or "outcome" not in fields:
        return "" if "_aws" in fields else line
    at = fields["timestamp"][len("2026-01-01T") :][: len("00:00:00")]
    words = [at, fields.get("trigger", ""), outcome(fields), f"{fields.get('duration_ms', '?')} ms"]
    words.append("asked " + ", ".join(calls() or ["no pool"]))
    return "  ".join(words + [f"{name}={value}" for name, value in fields.items() if name not in NOT_SHOWN])


def _relative(word: str) -> str:
    return os.path.relpath(word, ROOT) if Path(word).is_absolute() else word
