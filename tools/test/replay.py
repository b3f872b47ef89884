"""make replay EVENT=events/NAME.json: replays one event and shows settings, request, answer and log line.

It also says whether that is what events/expected.json expects, and fails if it is not.
"""

from __future__ import annotations

import argparse
import difflib
import json
from pathlib import Path
from typing import Any

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.base.terminal import BOLD, GREEN, RED, YELLOW, paint
from tools.stage import local_aws, settings
from tools.stage.local import arguments_parser, set_up
from tools.stage.scenarios import EVENTS, Played, Replay, Scenario, masked


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("event", type=Path, help="the event's file")
    by_default = "default: as events/expected.json says, else moto"
    parser.add_argument("--source", choices=["moto", "stub"], help="the source pool; " + by_default)
    settings.add_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    replay = Replay.read()
    event = _event(arguments.event)
    path = arguments.event.resolve()
    known = next((scenario for scenario in replay.scenarios if scenario.path.resolve() == path), None)
    source = arguments.source or (known.source if known else "moto")
    untold = _why_nothing_is_expected(known, source, arguments)
    with Processes() as processes:
        function = set_up(processes, replay, arguments, [source])[source]
        is_told = known and not untold
        played = replay.play(known, function) if is_told else Played(function.invoke(path), None, [])
    print("\n".join(settings.in_force(function.settings, arguments.set)))
    print(f"\n{paint('The source pool', BOLD)} is {'moto' if source == 'moto' else 'the project’s own stub'}.")
    _show(f"Request ({arguments.event})", event)
    answer = played.answer
    if answer.error is not None:
        print(f"\n{paint('Answer: an error', BOLD)}\n{answer.error}")
    elif answer.event == event:
        migration = str(answer.log.get("trigger")).startswith("UserMigration_")
        rejected = migration and answer.log.get("outcome") == "rejected"
        then = ": Cognito goes on as with an unknown user." if rejected else "."
        print(f"\n{paint('Answer', BOLD)}\nThe event, unchanged{then}")
    else:
        _show("Answer", answer.event)
    if played.afterwards is not None:
        _show("What the pools know afterwards", played.afterwards)
    _show("Log line", answer.log, indent=None)
    print(f"\n{verdict(known, played, untold)}")
    return 1 if played.differences else 0


def _why_nothing_is_expected(known: Scenario | None, source: str, arguments: argparse.Namespace) -> str:
    """Why events/expected.json does not tell what must come; empty if it does."""
    if known is None:
        return "it does not name this event"
    if arguments.set:
        return "it has other settings"
    # The stub can show every event.
    return "" if source in (known.source, "stub") else known.expected["why"]


def verdict(known: Scenario | None, played: Played, untold: str) -> str:
    if known is None or untold:
        return paint(f"Whether that is right, events/expected.json does not tell: {untold}.", YELLOW)
    description = known.expected["description"]
    if played.differences:
        lines = [paint("Not as events/expected.json expects: ", BOLD, RED) + description, *played.differences]
        return "\n  ".join(lines)
    return paint("As events/expected.json expects: ", BOLD, GREEN) + description


def _event(path: Path) -> Any:
    if not path.is_file():
        names = sorted(file.name for file in EVENTS.glob("*.json") if file.name != "expected.json")
        nearest = difflib.get_close_matches(path.name, names, n=1, cutoff=0.4)
        example = f"make replay EVENT=events/{nearest[0] if nearest else 'sign-in.json'}"
        told = f"There is no file {path}" if path.name else "EVENT names no file"
        raise Failure(f"{told}. Try {example}; the others are {EVENTS.relative_to(ROOT)}/*.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from None


def _show(title: str, value: Any, indent: int | None = 2) -> None:
    print(f"\n{paint(title, BOLD)}\n{json.dumps(masked(value), indent=indent, ensure_ascii=False)}")
