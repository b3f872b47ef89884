"""The stage of the sample events: the tests' own source pool with their users, and the function in front of it."""

from __future__ import annotations

import argparse
import sys

from tools.base.processes import Processes, free_port
from tools.build.cargo import FUNCTION, STUB, function_and_test_bed
from tools.stage import source_pool
from tools.stage.front import Calls
from tools.stage.function import LocalFunction
from tools.stage.scenarios import sample


def set_up(processes: Processes, arguments: argparse.Namespace, calls: Calls, port: int = 0) -> LocalFunction:
    """`calls` notes what the function asks; `port` is the function's, if it is free."""
    what = "the test bed" if arguments.packaged else "the function and the test bed"
    say(f"Building {what} with Cargo: minutes the first time, then seconds")
    executables = function_and_test_bed(processes, arguments.packaged)
    say("Starting the source pool and the function: a few seconds")
    expected = sample("expected")
    endpoint = calls.to(source_pool.start_stub(processes, executables[STUB], expected["source_pool"]))
    settings = {**expected["settings"], **dict(arguments.set)}
    return LocalFunction(processes, executables[FUNCTION], settings, endpoint, free_port(port))


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def arguments_parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--packaged", action="store_true", help="run the function that `make package` has packed, not a debug build"
    )
    return parser
