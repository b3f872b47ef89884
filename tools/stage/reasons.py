"""The reasons of the function's log in words, as docs/troubleshooting.md has them from the code."""

from __future__ import annotations

import re

from tools import ROOT, Failure

# Made from crates/rules: a test of tests/documentation compares them.
PAGE = ROOT / "docs" / "troubleshooting.md"


def in_words(reason: str) -> str:
    row = re.search(rf"^\| `{re.escape(reason)}` \| (.+?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    if row is None:
        raise Failure(f"{PAGE.relative_to(ROOT)} does not say what {reason} means")
    return row[1]
