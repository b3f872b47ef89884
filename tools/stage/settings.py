"""The function's settings, as far as the tools need them."""

from __future__ import annotations

import argparse
import re

from tools import ROOT
from tools.base.terminal import BOLD, paint

# One heading for each setting: a test of crates/rules compares this page with the registry.
PAGE = ROOT / "docs" / "settings.md"
SECRET = re.compile(r"SECRET(_ACCESS_KEY)?$|TOKEN$")


def names() -> list[str]:
    return re.findall(r"^## ([A-Z_]+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def values_of(name: str) -> list[str]:
    """The values between which it chooses; empty if it takes others."""
    about = PAGE.read_text(encoding="utf-8").partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    listed = re.search(r"^Values: (.*?)\. Default", about, re.MULTILINE)
    return re.findall(r"`([^`]+)`", listed[1]) if listed else []


def add_option(parser: argparse.ArgumentParser) -> None:
    told = "a setting of the function over those of events/expected.json, e.g. ON_MFA=sms; can be repeated"
    parser.add_argument("--set", action="append", default=[], type=_setting, metavar="NAME=VALUE", help=told)


def in_force(settings: dict[str, str], changed: list[tuple[str, str]]) -> list[str]:
    """A headline, and a line for each setting; those of --set are marked."""
    width = max(map(len, settings), default=0)
    lines = [f"\n{paint('Settings in force', BOLD)} (every other has its default: docs/settings.md)"]
    for name, value in settings.items():
        # As a person may see it on a screen.
        shown = ("********" if SECRET.search(name) else value) if value else "(unset)"
        lines.append(f"  {name:<{width}}  {shown}{paint('  (--set)', BOLD) if name in dict(changed) else ''}")
    return lines


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    # The SDK's own variables and Lambda's log level: no list of ours names them.
    if name not in names() and not name.startswith("AWS_"):
        raise argparse.ArgumentTypeError(f"the function has no setting {name}; docs/settings.md has them all")
    return name, value
