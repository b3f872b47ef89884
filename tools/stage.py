"""Sets the local stage: the old pool, filled, and the function in front of it."""

from __future__ import annotations

import argparse
import sys
from typing import Callable, Iterable, NoReturn

from botocore.exceptions import BotoCoreError, ClientError

import old_pool
from function import FUNCTION, STUB, LocalFunction, build
from old_pool import OldPool
from processes import Failure, Processes
from scenarios import Replay


def set_up(
    processes: Processes, replay: Replay, sources: Iterable[str], overrides: dict[str, str] | None = None,
    packaged: bool = False,
) -> dict[str, LocalFunction]:
    """One function for each kind of old pool: "moto", "stub" or both. `overrides` go over the settings of the replay."""
    sources = set(sources)
    # moto starts while Cargo builds.
    moto = old_pool.start_moto(processes) if "moto" in sources else None
    say("Building the function")
    executables = build(processes, packaged)
    say("Starting and filling the old pool, starting the function")
    overrides = overrides or {}
    pools = {}
    if moto:
        old_pool.wait_for_moto(processes, moto)
        cognito = moto.client("cognito-idp", old_pool.region(replay.source_pool["pool_id"]))
        settings = {**replay.settings, **old_pool.fill(cognito, replay.source_pool), **overrides}
        new_pool_id = old_pool.make_new_pool(moto, replay.new_pool)
        pools["moto"] = OldPool(moto.endpoint, settings, new_pool_id)
    if "stub" in sources:
        endpoint = old_pool.start_stub(processes, executables[STUB], replay.source_pool)
        pools["stub"] = OldPool(endpoint, {**replay.settings, **overrides})
    return {name: LocalFunction(processes, name, executables[FUNCTION], pool) for name, pool in pools.items()}


def finish(main: Callable[[], int], what: str) -> NoReturn:
    """Ends the tool with what `main` returns, or says in one sentence why it could not go on."""
    try:
        sys.exit(main())
    except (Failure, BotoCoreError, ClientError) as problem:
        sys.exit(f"\n{what}: {problem}")


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def add_packaged_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--packaged", action="store_true", help="run the function out of the zip of `make package` instead of a debug build")


def add_setting_option(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--set", action="append", default=[], type=_setting, metavar="NAME=VALUE",
        help="a setting of the function over those of events/expected.json, e.g. ON_MFA=sms; can be repeated")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    return name, value
