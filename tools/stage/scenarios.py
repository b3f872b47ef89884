"""The sample events and what events/expected.json says that each must lead to."""

from __future__ import annotations

import difflib
import json
from typing import Any

from tools import ROOT
from tools.stage.function import Answer

EVENTS = ROOT / "events"


def sample(name: str) -> Any:
    """The event of that name, to be changed at will."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def differences(expected: dict[str, Any], event: Any, answer: Answer) -> list[str]:
    """The lines in which the answer is another one than expected: all of an event would hide these few."""
    names = ["outcome", "reason", *(["missing_groups"] if "missing_groups" in expected else [])]
    wanted, came = ({name: values.get(name) for name in names} for values in (expected, answer.log))
    if "error" in expected:
        # What is shown of an error is a sentence around both.
        wanted["answer"] = ": ".join(expected["error"].values())
        is_shown = all(part in (answer.error or "") for part in expected["error"].values())
        came["answer"] = wanted["answer"] if is_shown else answer.error or answer.event
    elif "report" in expected and answer.event:
        checks = {check["id"]: check["status"] for check in answer.event["checks"] if check["status"] != "ok"}
        wanted["report"], came["report"] = expected["report"], {"ok": answer.event["ok"], "findings": checks}
    else:
        is_changed = "response" in expected
        wanted["answer"] = {**event, "response": {**event["response"], **expected["response"]}} if is_changed else event
        came["answer"] = answer.event or answer.error
    return list(difflib.unified_diff(_lines(wanted), _lines(came), "expected", "came", lineterm="", n=1))


def masked(value: Any) -> Any:
    """An event as a person may see it on a screen: made up or not, no password is shown."""
    if isinstance(value, dict):
        return {
            key: "********" if key == "password" or (key == "request" and isinstance(item, str)) else masked(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _lines(value: Any) -> list[str]:
    return json.dumps(masked(value), indent=2, ensure_ascii=False, sort_keys=True).splitlines()
