"""make replay EVENT=events/NAME.json: replays one event and shows settings, request, answer, log line.

Whether each sample leads to what events/expected.json expects, `make demo` says.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from tools import ROOT, Failure
from tools.base.processes import Processes
from tools.base.terminal import BOLD, paint
from tools.stage import local_aws, settings
from tools.stage.front import Calls
from tools.stage.local import arguments_parser, set_up
from tools.stage.scenarios import EVENTS


def main() -> int:
    parser = arguments_parser(__doc__)
    parser.add_argument("event", type=Path, help="the event's file")
    settings.add_option(parser)
    arguments = parser.parse_args()
    local_aws.isolate()
    path = arguments.event.resolve()
    event = _event(arguments.event)
    with Calls() as calls, Processes() as processes:
        function = set_up(processes, arguments, calls)
        calls.taken()
        answer = function.invoke(path)
        asked = calls.taken()
    print("\n".join(settings.in_force(function.settings, arguments.set)))
    _show(f"Request ({arguments.event})", event)
    if answer.error is not None:
        print(f"\n{paint('Answer: an error', BOLD)}\n{answer.error}")
    elif answer.event == event:
        migration = str(answer.log.get("trigger")).startswith("UserMigration_")
        then = ": Cognito goes on as with an unknown user." if migration else "."
        print(f"\n{paint('Answer', BOLD)}\nThe event, unchanged{then}")
    else:
        _show("Answer", answer.event)
    print(f"\n{paint('Asked of the pools', BOLD)}\n{', '.join(asked) or 'nothing'}")
    _show("Log line", answer.log, indent=None)
    return 0


def _event(path: Path) -> Any:
    if not path.is_file():
        names = [file.name for file in sorted(EVENTS.glob("*.json")) if file.name != "expected.json"]
        nearest = difflib.get_close_matches(path.name, names, n=1, cutoff=0.4)
        example = f"make replay EVENT=events/{nearest[0] if nearest else 'sign-in.json'}"
        raise Failure(f"EVENT names no file. Try {example}; the others are {EVENTS.relative_to(ROOT)}/*.json")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Failure(f"{path} is not JSON: {error}") from None


def _without_secrets(found: dict[str, Any]) -> dict[str, Any]:
    """What a person may see on a screen: made up or not, no password, and no request that is a text."""
    return {
        name: "********" if name == "password" or (name == "request" and isinstance(value, str)) else value
        for name, value in found.items()
    }


def _show(title: str, value: Any, indent: int | None = 2) -> None:
    masked = json.loads(json.dumps(value), object_hook=_without_secrets)
    print(f"\n{paint(title, BOLD)}\n{json.dumps(masked, indent=indent, ensure_ascii=False)}")
