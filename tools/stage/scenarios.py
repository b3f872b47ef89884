"""The sample events."""

from __future__ import annotations

import json
from typing import Any

from tools import ROOT

EVENTS = ROOT / "events"


def sample(name: str) -> Any:
    """The event of that name, to be changed at will."""
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))
