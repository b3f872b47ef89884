"""The machine's own Chromium or Chrome without a window, for the tests of pages. Playwright drives it."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tools import ROOT, Failure
from tools.base import terminal, venv
from tools.base.processes import Processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REQUIREMENTS = ROOT / "tools" / "requirements-browser.txt"
PROGRAMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


def executable() -> str | None:
    return next((found for program in PROGRAMS if (found := shutil.which(program))), None)


def left_out(what: str) -> int | None:
    """The status if `what` cannot run on this machine."""
    if executable() is None:
        return terminal.left_out("Neither Chromium nor Chrome is installed", what)
    if sys.version_info < (3, 10):
        return terminal.left_out("Playwright needs Python 3.10 or later", what)
    return None


@contextmanager
def started(processes: Processes) -> Iterator[Browser]:
    """A browser that ends with the block. Signals are left to the tool."""
    program = executable()
    if program is None:
        raise Failure("Neither Chromium nor Chrome is installed: a test in a browser needs one of them")
    venv.install(processes, REQUIREMENTS)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        ended_by_itself = {"handle_sigint": False, "handle_sigterm": False, "handle_sighup": False}
        browser = playwright.chromium.launch(executable_path=program, **ended_by_itself)
        try:
            yield browser
        finally:
            browser.close()


def faults(page: Page, width: int) -> list[object]:
    """What is wider than the window, and what axe finds in the page: contrast, names, labels."""
    from axe_playwright_python.sync_playwright import Axe

    widest = page.evaluate("document.documentElement.scrollWidth")
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response
    told = [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]]
    return [*([f"{widest} px"] if widest > width else []), *told]
