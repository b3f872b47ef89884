"""What the tests of the tools have in common: things that are as expected, and the line that says so."""

from __future__ import annotations

import time
from typing import Any

from tools import Failure


class Checks:
    """Counts what is as expected. The first thing that is not ends the tool, with what was printed."""

    def __init__(self) -> None:
        self._passed = 0
        self._start = time.monotonic()

    def expect(self, title: str, found: Any, expected: Any = True, printed: str = "") -> None:
        if found != expected:
            raise Failure(f"{title}: failed\n{printed}\nexpected {expected!r}\nfound    {found!r}")
        self._passed += 1
        print(f"ok  {time.monotonic() - self._start:5.1f} s  {title}", flush=True)

    def close(self, name: str) -> None:
        print(f"{name}: {self._passed} passed, 0 failed", flush=True)
