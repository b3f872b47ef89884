"""make run: keeps the function and its source pool up for experiments, until Ctrl-C."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
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
from tools.stage.function import LocalFunction
from tools.stage.local import arguments_parser, set_up
from tools.stage.scenarios import Replay

# Where `cargo lambda invoke` looks by default.
PORT_OF_CARGO_LAMBDA = 9000
# Of an event's log line: what only a log needs.
NOT_SHOWN = {"level", "message", "request_id", "source_sub"}


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("--source", choices=["moto", "stub"], default="moto", help="the source pool; default: moto")
    settings.add_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    replay = Replay.read()
    with Calls() as calls, Processes() as processes:
        stage = set_up(processes, replay, arguments, [arguments.source], calls.to, PORT_OF_CARGO_LAMBDA)
        function = stage[arguments.source]
        _fail_if_ended(function)
        try:
            _explain(function, replay, arguments)
            _follow(function, calls)
        except Interrupted as interrupted:
            # Ctrl-C is the only end, and a good one.
            if interrupted.number != SIGINT:
                raise
    return 0


def _fail_if_ended(function: LocalFunction) -> None:
    """A function that cannot use its settings ends at once: then its reason is all that there is to say."""
    try:
        function.process.popen.wait(0.5)
    except subprocess.TimeoutExpired:
        return
    raise Failure(f"The function ended:\n{function.process.printed()}")


def _explain(function: LocalFunction, replay: Replay, arguments: argparse.Namespace) -> None:
    pool_id = function.settings["SRC_USER_POOL_ID"]
    invoke = shlex.join(_relative(word) for word in function.invoke_command(ROOT / "events" / "sign-in.json"))
    print("\n".join(settings.in_force(function.settings, arguments.set)))
    print(f"""
{paint("The function", BOLD)} takes events. In another terminal, in this folder:
  {invoke}
or as Lambda's Invoke API (also for an SDK: endpoint http://127.0.0.1:{function.port}, function name _):
  curl --data @events/sign-in.json http://127.0.0.1:{function.port}/2015-03-31/functions/_/invocations

{paint("The source pool", BOLD)} ({arguments.source}) is at {function.endpoint}
  pool   {pool_id}
  client {function.settings["SRC_CLIENT_ID"]}
  users  those of events/expected.json""")
    if arguments.source == "stub":
        print(f"""{paint("The destination pool", BOLD)} ({replay.destination_pool["pool_id"]}) is at the same address
  users  those of events/expected.json who have migrated
  events/signed-in-pending.json shows what is done after a migration""")
    else:
        keys = " ".join(f"{name}={value}" for name, value in local_aws.MADE_UP_KEYS.items())
        program = _relative(str(venv.PYTHON.with_name("aws")))
        cognito = (
            f"{keys} {program} cognito-idp --endpoint-url {function.endpoint} --region {local_aws.region_of(pool_id)}"
        )
        print(f"""Look at it and change it with any SDK, or with AWS's command line:
  {cognito} list-users --user-pool-id {pool_id}
  {cognito} admin-disable-user --user-pool-id {pool_id} --username ada@example.com
There is no destination pool: for the events of a sign-in to it (events/signed-in-*.json), use --source stub.""")
    print(f"""
{paint("What the function does", BOLD)}, a line for each event, until Ctrl-C stops everything. Its whole log until then:
  tail -f {function.process.output}""")
    sys.stdout.flush()


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
    """What a person wants to know of a line of the log; empty for metrics. `calls` is asked at the end of an event."""
    try:
        fields: dict[str, Any] = json.loads(line)
        if "_aws" in fields:
            return ""
        at = fields.pop("timestamp")[len("2026-01-01T") :][: len("00:00:00")]
    except (AttributeError, KeyError, TypeError, ValueError):
        # Not of the function's own log.
        return line
    if "outcome" not in fields:
        words = [at, fields.pop("level", ""), fields.pop("message", "")]
        return "  ".join([*words, *(f"{name}={value}" for name, value in fields.items())])
    outcome = ", ".join(filter(None, [fields.pop("outcome"), fields.pop("reason", "")]))
    words = [at, fields.pop("trigger", ""), outcome, f"{fields.pop('duration_ms', '?')} ms"]
    words.append("asked " + ", ".join(calls() or ["no pool"]))
    words += [f"{name}={value}" for name, value in fields.items() if name not in NOT_SHOWN and value != ""]
    return "  ".join(words)


def _relative(word: str) -> str:
    return os.path.relpath(word, ROOT) if Path(word).is_absolute() else word
