"""make run: keeps the local set-up of the demo up for experiments, until Ctrl-C."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from pathlib import Path

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.base.terminal import BOLD, paint
from tools.stage import local_aws
from tools.stage.function import LocalFunction
from tools.stage.local import add_setting_option, arguments_parser, set_up
from tools.stage.scenarios import Replay


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("--source", choices=["moto", "stub"], default="moto", help="the source pool; default: moto")
    add_setting_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    replay = Replay.read()
    with Processes() as processes:
        function = set_up(processes, replay, arguments, [arguments.source])[arguments.source]
        _fail_if_ended(function)
        _explain(function, replay, arguments.source)
        _follow(function)
    return 0


def _fail_if_ended(function: LocalFunction) -> None:
    """A function that cannot use its settings ends at once: then its reason is all that there is to say."""
    try:
        function.process.popen.wait(0.5)
    except subprocess.TimeoutExpired:
        return
    raise Failure(f"The function ended:\n{function.process.printed()}")


def _explain(function: LocalFunction, replay: Replay, source: str) -> None:
    pool_id = function.settings["SRC_USER_POOL_ID"]
    invoke = shlex.join(_relative(word) for word in function.invoke_command(ROOT / "events" / "sign-in.json"))
    print(f"""
{paint("The function", BOLD)} takes events with
  {invoke}
or as Lambda's Invoke API (also for an SDK: endpoint http://127.0.0.1:{function.port}, function name _):
  curl --data @events/sign-in.json http://127.0.0.1:{function.port}/2015-03-31/functions/_/invocations

{paint("The source pool", BOLD)} ({source}) is at {function.endpoint}
  pool   {pool_id}
  client {function.settings["SRC_CLIENT_ID"]}
  users  those of events/expected.json""")
    if source == "stub":
        print(f"""{paint("The destination pool", BOLD)} ({replay.destination_pool["pool_id"]}) is at the same address
  users  those of events/expected.json who have migrated
  events/signed-in-pending.json shows what is done after a migration""")
    else:
        keys = " ".join(f"{name}={value}" for name, value in local_aws.MADE_UP_KEYS.items())
        cognito = f"{keys} aws cognito-idp --endpoint-url {function.endpoint} --region {local_aws.region_of(pool_id)}"
        print(f"""Look at it and change it with AWS's command line, where you have it, or any SDK:
  {cognito} list-users --user-pool-id {pool_id}
  {cognito} admin-disable-user --user-pool-id {pool_id} --username ada@example.com
There is no destination pool: for the events of a sign-in to it (events/signed-in-*.json), use --source stub.""")
    print(f"\n{paint('The log of the function', BOLD)} (Ctrl-C stops everything):", flush=True)


def _follow(function: LocalFunction) -> None:
    """Prints what the function logs until it ends, which it does not by itself."""
    with function.process.output.open(encoding="utf-8", errors="replace") as log:
        try:
            while True:
                text = log.read()
                if text:
                    print(text, end="", flush=True)
                elif function.process.popen.poll() is not None:
                    raise Failure("The function ended")
                else:
                    time.sleep(0.1)
        finally:
            # What was written since, too, when somebody stops it.
            print(log.read(), end="", flush=True)


def _relative(word: str) -> str:
    return os.path.relpath(word, ROOT) if Path(word).is_absolute() else word
