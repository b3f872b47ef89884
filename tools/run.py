"""make run: keeps the local set-up of the demo up for experiments, until Ctrl-C."""

from __future__ import annotations

import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import os
import shlex
import subprocess
import time
from pathlib import Path

import local_aws
from bootstrap import ROOT
from function import LocalFunction
from old_pool import region
from processes import Failure, Processes
from scenarios import Replay
from stage import add_setting_option, finish, set_up
from terminal import BOLD, paint


def main() -> int:
    arguments = _arguments()
    local_aws.isolate()
    replay = Replay.read()
    with Processes() as processes:
        function = set_up(processes, replay, [arguments.source], dict(arguments.set))[arguments.source]
        _refuse_if_ended(function)
        _explain(function, replay, arguments.source)
        _follow(function)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", choices=["moto", "stub"], default="moto", help="the old pool; default: moto")
    add_setting_option(parser)
    return parser.parse_args()


def _refuse_if_ended(function: LocalFunction) -> None:
    """A function that refuses its settings ends at once: then its reason is all that there is to say."""
    try:
        function.process.popen.wait(0.5)
    except subprocess.TimeoutExpired:
        return
    raise Failure(f"the function ended:\n{function.process.printed()}")


def _explain(function: LocalFunction, replay: Replay, source: str) -> None:
    pool = function.pool
    new_pool_id = pool.new_pool_id or replay.new_pool["pool_id"]
    pool_id = pool.settings["SRC_USER_POOL_ID"]
    invoke = shlex.join(_relative(word) for word in function.invoke_command(ROOT / "events" / "sign-in.json"))
    keys = " ".join(f"{name}={value}" for name, value in local_aws.MADE_UP_KEYS.items())
    cognito = f"{keys} aws cognito-idp --endpoint-url {pool.endpoint} --region {region(pool_id)}"
    print(f"""
{paint("The function", BOLD)} takes events with
  {invoke}
or as Lambda's Invoke API (also for an SDK: endpoint http://127.0.0.1:{function.port}, function name _):
  curl --data @events/sign-in.json http://127.0.0.1:{function.port}/2015-03-31/functions/_/invocations

{paint("The old pool", BOLD)} ({source}) is at {pool.endpoint}
  pool   {pool_id}
  client {pool.settings["SRC_CLIENT_ID"]}
  users  those of events/expected.json
{paint("The new pool", BOLD)} is {new_pool_id}: the userPoolId for events/preflight.json""")
    if source == "stub":
        print("It has those users of events/expected.json who have signed in to it: events/signed-in-pending.json finishes one.")
    else:
        print("It has no users: to finish a migration (events/signed-in-*.json), run it with --source stub.")
    if source == "moto":
        print(f"""Look at it and change it with AWS's command line, where you have it, or any SDK:
  {cognito} list-users --user-pool-id {pool_id}
  {cognito} admin-disable-user --user-pool-id {pool_id} --username ada@example.com""")
    print(f"\n{paint('The log of the function', BOLD)} (Ctrl-C stops everything):", flush=True)


def _follow(function: LocalFunction) -> None:
    """Prints what the function logs until it ends, which it does not by itself."""
    with open(function.process.output, encoding="utf-8", errors="replace") as log:
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


if __name__ == "__main__":
    finish(main, "The local set-up ended")
