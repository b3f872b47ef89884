"""The stage of the sample events: the source pool, filled with their users, and the function in front of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable

from tools.base.processes import Processes
from tools.build.cargo import FUNCTION, STUB, function_and_test_bed
from tools.stage import local_aws, source_pool
from tools.stage.function import LocalFunction
from tools.stage.scenarios import Replay


def set_up(
    processes: Processes, replay: Replay, arguments: argparse.Namespace, sources: Iterable[str]
) -> dict[str, LocalFunction]:
    """One function for each kind of source pool: "moto", "stub" or both."""
    # moto starts while Cargo builds.
    moto = source_pool.start_moto(processes) if "moto" in sources else None
    say("Building the function")
    executables = function_and_test_bed(processes, arguments.packaged)
    say("Starting and filling the source pool, starting the function")
    overrides = dict(arguments.set)
    functions = {}

    def start(name: str, settings: dict[str, str], endpoint: str) -> None:
        settings = {**replay.settings, **settings, **overrides}
        functions[name] = LocalFunction(processes, name, executables[FUNCTION], settings, endpoint)

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


def add_setting_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a setting of the function over those of events/expected.json, e.g. ON_MFA=sms; can be repeated",
    )


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
