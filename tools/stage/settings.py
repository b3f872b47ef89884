"""The function's settings, as far as the tools need them."""

from __future__ import annotations

import argparse
import difflib
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
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        type=_setting,
        metavar="NAME=VALUE",
        help="a setting of the function over those of events/expected.json, e.g. ON_MFA=sms; can be repeated",
    )


def in_force(settings: dict[str, str], changed: list[tuple[str, str]]) -> list[str]:
    """A headline, and a line for each setting of `settings`; those of --set are marked."""
    of_option = dict(changed)
    shown = [name for name in settings if name in names() or name in of_option]
    width = max(map(len, shown), default=0)
    lines = [f"\n{paint('Settings in force', BOLD)} (every other has its default: docs/settings.md)"]
    for name in shown:
        of_set = paint("  (--set)", BOLD) if name in of_option else ""
        lines.append(f"  {name:<{width}}  {_shown(name, settings[name])}{of_set}")
    return lines


def _shown(name: str, value: str) -> str:
    """The value as a person may see it on a screen."""
    if not value:
        return "(unset)"
    return "********" if SECRET.search(name) else value


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    # The SDK's own variables and Lambda's log level: no list of ours names them.
    if name not in names() and not name.startswith("AWS_"):
        nearest = difflib.get_close_matches(name.upper(), names(), n=1)
        advice = f"did you mean {nearest[0]}?" if nearest else "docs/settings.md has them all"
        raise argparse.ArgumentTypeError(f"the function has no setting {name}; {advice}")
    return name, value
