"""make replay EVENT=events/NAME.json: replays one event and shows request, answer and log line."""

from __future__ import annotations

import bootstrap

if __name__ == "__main__":
    bootstrap.enter()

import argparse
import json
from pathlib import Path
from typing import Any

import local_aws
from processes import Failure, Processes
from scenarios import Replay, masked
from stage import add_setting_option, finish, set_up
from terminal import BOLD, DIM, paint


def main() -> int:
    arguments = _arguments()
    local_aws.isolate()
    replay = Replay.read()
    event = _event(arguments.event)
    known = {scenario.path.resolve(): scenario for scenario in replay.scenarios}.get(arguments.event.resolve())
    source = arguments.source or (known.source if known else "moto")
    with Processes() as processes:
        function = set_up(processes, replay, [source], dict(arguments.set))[source]
        answer = function.invoke(arguments.event.resolve())
    _show(f"Request ({arguments.event})", event)
    if answer.error is not None:
        print(f"\n{paint('Answer: an error', BOLD)}\n{answer.error}")
    elif answer.event == event:
        refused = answer.log.get("outcome") == "rejected" and str(answer.log.get("trigger")).startswith("UserMigration_")
        print(f"\n{paint('Answer', BOLD)}\nThe event, unchanged" + (": Cognito goes on as with an unknown user." if refused else "."))
    else:
        _show("Answer", answer.event)
    _show("Log line", answer.log, indent=None)
    if known and not arguments.set and source == known.source:
        print(f"\n{paint(known.expected['description'], DIM)}")
    print(paint(f"The old pool was {'moto' if source == 'moto' else 'the project’s own stub'}.", DIM))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("event", type=Path, help="the event's file")
    parser.add_argument(
        "--source", choices=["moto", "stub"], help="the old pool; default: as events/expected.json says, else moto")
    add_setting_option(parser)
    return parser.parse_args()


def _event(path: Path) -> Any:
    if not path.is_file():
        raise Failure(f"{str(path) if path.name else 'EVENT'} is no file; try make replay EVENT=events/sign-in.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from None


def _show(title: str, value: Any, indent: int | None = 2) -> None:
    print(f"\n{paint(title, BOLD)}\n{json.dumps(masked(value), indent=indent, ensure_ascii=False)}")


if __name__ == "__main__":
    finish(main, "The event could not be replayed")
