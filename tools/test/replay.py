"""make replay EVENT=events/NAME.json: replays one event and shows request, answer and log line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools import Failure
from tools.base.processes import Processes
from tools.base.terminal import BOLD, DIM, paint
from tools.stage import local_aws
from tools.stage.local import add_setting_option, arguments_parser, set_up
from tools.stage.scenarios import Replay, masked


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("event", type=Path, help="the event's file")
    by_default = "default: as events/expected.json says, else moto"
    parser.add_argument("--source", choices=["moto", "stub"], help="the source pool; " + by_default)
    add_setting_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    replay = Replay.read()
    event = _event(arguments.event)
    path = arguments.event.resolve()
    known = next((scenario for scenario in replay.scenarios if scenario.path.resolve() == path), None)
    source = arguments.source or (known.source if known else "moto")
    with Processes() as processes:
        answer = set_up(processes, replay, arguments, [source])[source].invoke(path)
    _show(f"Request ({arguments.event})", event)
    if answer.error is not None:
        print(f"\n{paint('Answer: an error', BOLD)}\n{answer.error}")
    elif answer.event == event:
        migration = str(answer.log.get("trigger")).startswith("UserMigration_")
        rejected = migration and answer.log.get("outcome") == "rejected"
        then = ": Cognito goes on as with an unknown user." if rejected else "."
        print(f"\n{paint('Answer', BOLD)}\nThe event, unchanged{then}")
    else:
        _show("Answer", answer.event)
    _show("Log line", answer.log, indent=None)
    if known and not arguments.set and source == known.source:
        print(f"\n{paint(known.expected['description'], DIM)}")
    print(paint(f"The source pool was {'moto' if source == 'moto' else 'the project’s own stub'}.", DIM))
    return 0


def _event(path: Path) -> Any:
    if not path.is_file():
        raise Failure(f"{str(path) if path.name else 'EVENT'} is no file; try make replay EVENT=events/sign-in.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from None


def _show(title: str, value: Any, indent: int | None = 2) -> None:
    print(f"\n{paint(title, BOLD)}\n{json.dumps(masked(value), indent=indent, ensure_ascii=False)}")
