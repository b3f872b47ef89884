"""The stage of the sample events: the source pool, filled with their users, and the function in front of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable

from tools.base.processes import Processes, free_port
from tools.build.cargo import FUNCTION, STUB, function_and_test_bed
from tools.stage import local_aws, source_pool
from tools.stage.function import LocalFunction
from tools.stage.scenarios import Replay


def set_up(
    processes: Processes,
    replay: Replay,
    arguments: argparse.Namespace,
    sources: Iterable[str],
    in_front: Callable[[str], str] | None = None,
    port: int = 0,
) -> dict[str, LocalFunction]:
    """One function for each kind of source pool: "moto", "stub" or both.

    `in_front` is told the address of a source pool and says at which address the function finds it instead.
    `port` is the function's, if it is free.
    """
    # moto starts while Cargo builds.
    moto = source_pool.start_moto(processes) if "moto" in sources else None
    what = "the test bed" if arguments.packaged else "the function and the test bed"
    say(f"Building {what} with Cargo: minutes the first time, then seconds")
    executables = function_and_test_bed(processes, arguments.packaged)
    say("Starting and filling the source pool, starting the function: a few seconds")
    overrides = dict(arguments.set)
    functions = {}

    def start(name: str, settings: dict[str, str], endpoint: str) -> None:
        if in_front:
            settings = {**settings, "AWS_ENDPOINT_URL": in_front(endpoint)}
        settings = {**replay.settings, **settings, **overrides}
        functions[name] = LocalFunction(processes, name, executables[FUNCTION], settings, endpoint, free_port(port))

    if moto:
        source_pool.wait_for_moto(processes, moto)
        cognito = moto.client("cognito-idp", local_aws.region_of(replay.source_pool["pool_id"]))
        start("moto", source_pool.fill(cognito, replay.source_pool), moto.endpoint)
    if "stub" in sources:
        start("stub", {}, source_pool.start_stub(processes, executables[STUB], replay.source_pool))
    return functions


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments_parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--packaged", action="store_true", help="run the function that `make package` has packed, not a debug build"
    )
    return parser
