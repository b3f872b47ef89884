"""What a terminal can show: its width, and colours unless they are unwanted (https://no-color.org)."""

from __future__ import annotations

import os
import shutil
import sys

BOLD, DIM, RED, GREEN, YELLOW = "1", "2", "31", "32", "33"


def width() -> int:
    return shutil.get_terminal_size(fallback=(100, 24)).columns


def paint(text: str, *styles: str) -> str:
    if not styles or not sys.stdout.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return f"\033[{';'.join(styles)}m{text}\033[0m"


def left_out(reason: str, what: str) -> int:
    """Says why `what` cannot run on this machine; returns the status, which is a failure with CI=true."""
    print(f"{reason}: {what} was left out", flush=True)
    return 1 if os.environ.get("CI") == "true" else 0
