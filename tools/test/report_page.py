"""python3 -m tools test-report: the page of `survey --html` in a browser, with and without users.

On a narrow and a wide screen, in light and dark, and in print: nothing is wider than the window, every text has enough
contrast with what is behind it, every part has a name for a screen reader, and the page asks nothing of any host.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools import Failure
from tools.base import browser
from tools.base.processes import Processes
from tools.build import cargo
from tools.stage import local_aws, source_pool
from tools.stage.local import say
from tools.stage.scenarios import sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESTINATION = "eu-central-1_NewPool01"
# A name that would be HTML, and one that no line holds.
EVIL = {"nickname": "custom:<script>document.title='evil'</script>", "name": "custom:" + "x" * 500}
KINDS = [("CONFIRMED", 40), ("RESET_REQUIRED", 5), ("FORCE_CHANGE_PASSWORD", 3), ("UNCONFIRMED", 2), ("ARCHIVED", 1)]
# WCAG 2.2, success criterion 1.4.3: https://www.w3.org/TR/WCAG22/#contrast-minimum
LEAST_CONTRAST = 4.5
# What of the page a person reads, each with its colour and that of the first ancestor that has one.
TEXTS = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement, text = texts.currentNode.data.trim();
    if (!text || element.closest("svg")) continue;
    let behind = element;
    while (behind && getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)") behind = behind.parentElement;
    const paper = behind ? getComputedStyle(behind).backgroundColor : "rgb(255, 255, 255)";
    found.push([text, getComputedStyle(element).color, paper]);
  }
  return found;
}"""
BARS = """() => [...document.querySelectorAll("svg.bar rect[class]")].map(bar => {
  return [bar.getAttribute("class"), getComputedStyle(bar).fill, getComputedStyle(document.body).backgroundColor];
})"""


class Checked:
    def __init__(self, pictures: Path | None) -> None:
        self.passed, self._pictures = 0, pictures

    def expect(self, title: str, is_so: bool, found: Any = "") -> None:
        if not is_so:
            raise Failure(f"The page of the survey: {title} {found}")
        self.passed += 1

    def picture(self, page: Page, name: str) -> None:
        if self._pictures:
            page.screenshot(path=self._pictures / f"{name}.png", full_page=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-browser", action="store_true", help="without a browser: say so and succeed, except in CI")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="keep a picture of each view in this folder")
    arguments = parser.parse_args()
    if arguments.if_browser and (status := browser.left_out("the page of the survey")) is not None:
        return status
    local_aws.isolate()
    checked = Checked(arguments.pictures)
    with Processes() as processes:
        say("Building the operator's program and the test bed with Cargo")
        built = cargo.as_tested(processes)
        pages = [page(processes, built, users) for users in (made_up_users(), [])]
        with browser.started(processes) as started:
            for path, name in zip(pages, ("users", "empty")):
                look_at(checked, started, path, name)
    print(f"report: {checked.passed} passed, 0 failed")
    return 0


def made_up_users() -> list[dict[str, Any]]:
    kinds = [status for status, users in KINDS for _ in range(users)]
    return [
        {
            "username": f"user{number}@example.com",
            "status": status,
            "enabled": number % 20 != 19,
            "attributes": {"email": f"user{number % 45}@example.com", "email_verified": str(number % 9 != 8).lower()},
        }
        for number, status in enumerate(kinds)
    ]


def page(processes: Processes, built: dict[str, Path], users: list[dict[str, Any]]) -> Path:
    """What the program writes about these users."""
    state = {**sample("expected")["source_pool"], "users": users}
    state["neighbours"] = [{"pool_id": DESTINATION, "description": {"UsernameConfiguration": {"CaseSensitive": False}}}]
    endpoint = source_pool.start_stub(processes, built[cargo.STUB], state)
    path = processes.directory / f"{len(users)}-users.html"
    command = [str(built[cargo.OPERATORS_PROGRAM]), "survey", "--source-pool", state["pool_id"], "--pool", DESTINATION]
    given = {
        "AWS_ENDPOINT_URL": endpoint,
        "SRC_CLIENT_ID": state["clients"][0]["id"],
        "ATTRIBUTE_MAP": json.dumps(EVIL),
    }
    subprocess.run([*command, "--html", str(path)], env={**os.environ, **given}, stdout=subprocess.DEVNULL, check=True)
    return path


def look_at(checked: Checked, started: Browser, path: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        for width in (360, 1280):
            view = f"{name}, {width} px, {scheme}"
            context = started.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page, asked = context.new_page(), []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            page.on("console", lambda message, asked=asked: asked.append(message.text))
            page.goto(path.as_uri())
            checked.picture(page, f"{name}-{width}-{scheme}")
            checked.expect(f"{view}: asks for nothing but itself, and has no error", len(asked) == 1, asked)
            widest = page.evaluate("document.documentElement.scrollWidth")
            checked.expect(f"{view}: nothing is wider than the window, but", widest <= width, f"{widest} px")
            check_contrast(checked, page, view)
            check_names(checked, page, view)
            # Printed on white, whatever the screen shows.
            page.emulate_media(media="print", color_scheme=scheme)
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            checked.expect(f"{view}: printed on white, not", paper == "rgb(255, 255, 255)", paper)
            check_contrast(checked, page, f"{view}, printed")
            checked.picture(page, f"{name}-{width}-{scheme}-print")
            context.close()


def check_contrast(checked: Checked, page: Page, view: str) -> None:
    texts = page.evaluate(TEXTS)
    faint = [(text, round(ratio, 2)) for text, ink, paper in texts if (ratio := contrast(ink, paper)) < LEAST_CONTRAST]
    checked.expect(f"{view}: enough contrast of {len(texts)} texts, but", bool(texts) and not faint, faint)
    # A graphic needs less: https://www.w3.org/TR/WCAG22/#non-text-contrast
    faint = [bar for bar in page.evaluate(BARS) if contrast(*bar[1:]) < 3]
    checked.expect(f"{view}: enough contrast of the bars, but", not faint, faint)


def check_names(checked: Checked, page: Page, view: str) -> None:
    """Every bar and table has a name, and the tables are tables on narrow screens too."""
    tables = page.locator("table").count()
    named = [table for table in page.get_by_role("table").all() if table.get_attribute("aria-labelledby")]
    checked.expect(f"{view}: {tables} tables with names, not", tables == len(named) > 0, len(named))
    bars = page.locator("svg").count()
    shares = page.get_by_role("img", name="% of the users").count()
    checked.expect(f"{view}: {bars} bars with names, not", bars == shares, shares)
    checked.expect(f"{view}: the rows of tables have heads", page.get_by_role("rowheader").count() > 0)
    checked.expect(f"{view}: no value is HTML", "evil" not in page.title() and "<script>" in page.inner_text("body"))


def contrast(ink: str, paper: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    if not color.startswith("rgb("):
        raise Failure(f"{color} is no opaque colour")
    parts = [int(part) / 255 for part in color[4:-1].split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
