"""python3 -m tools test-report: the page of `survey --html` in a browser, with and without users.

On a narrow and a wide screen, in light and dark, and in print: nothing is wider than the window, axe finds no text
without contrast, every part has a name for a screen reader, and the page asks nothing of any host.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.base import browser
from tools.base.processes import Processes
from tools.build import cargo
from tools.stage import local_aws, source_pool
from tools.stage.local import say
from tools.stage.scenarios import sample
from tools.stage.source_pool import made_up_user
from tools.test.checks import Checks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DESTINATION = "eu-central-1_NewPool01"
# A name that would be HTML, and one that no line holds.
EVIL = {"nickname": "custom:<script>document.title='evil'</script>", "name": "custom:" + "x" * 500}
KINDS = [("CONFIRMED", 40), ("RESET_REQUIRED", 5), ("FORCE_CHANGE_PASSWORD", 3), ("UNCONFIRMED", 2), ("ARCHIVED", 1)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--if-browser", action="store_true", help="without a browser: say so and succeed, except in CI")
    arguments = parser.parse_args()
    if arguments.if_browser and (status := browser.left_out("the page of the survey")) is not None:
        return status
    local_aws.isolate()
    checks = Checks()
    with Processes() as processes:
        say("Building the operator's program and the test bed with Cargo")
        built = cargo.as_tested(processes)
        pages = [page(processes, built, users) for users in (made_up_users(), [])]
        with browser.started(processes) as started:
            for path, name in zip(pages, ("users", "empty")):
                look_at(checks, started, path, name)
    checks.close("report")
    return 0


def made_up_users() -> list[dict[str, Any]]:
    kinds = [status for status, users in KINDS for _ in range(users)]
    users = [made_up_user(number, f"user{number}", status) for number, status in enumerate(kinds)]
    for number, user in enumerate(users):
        user["enabled"] = number % 20 != 19
        user["attributes"].update(email=f"user{number % 45}@example.com", email_verified=str(number % 9 != 8).lower())
    return users


def page(processes: Processes, built: dict[str, Path], users: list[dict[str, Any]]) -> Path:
    """What the program writes about these users."""
    state = {**sample("expected")["source_pool"], "users": users}
    no_case = {"UsernameConfiguration": {"CaseSensitive": False}}
    state["neighbours"] = [{"pool_id": DESTINATION, "clients": [], "description": no_case}]
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


def look_at(checks: Checks, started: Browser, path: Path, name: str) -> None:
    for scheme, width in itertools.product(("light", "dark"), (360, 1280)):
        view = f"{name}, {width} px, {scheme}"
        context = started.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        page, asked = context.new_page(), []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, asked=asked: asked.append(message.text))
        page.goto(path.as_uri())
        checks.expect(f"{view}: asks for nothing but itself, and has no error", len(asked), 1, str(asked))
        for media in ("screen", "print"):
            page.emulate_media(media=media, color_scheme=scheme)
            faults = browser.faults(page, width)
            checks.expect(f"{view}, {media}: nothing is too wide, and axe finds nothing", faults, [])
        # Printed on white, whatever the screen shows.
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        checks.expect(f"{view}: printed on white", paper, "rgb(255, 255, 255)")
        check_names(checks, page, view)
        context.close()


def check_names(checks: Checks, page: Page, view: str) -> None:
    """Every bar and table has a name, and the tables are tables on narrow screens too."""
    named = [table for table in page.get_by_role("table").all() if table.get_attribute("aria-labelledby")]
    tables, bars = page.locator("table").count(), page.locator("svg").count()
    found = (len(named), page.get_by_role("img", name="% of the users").count())
    checks.expect(f"{view}: each of {tables} tables and {bars} bars has a name", found, (tables, bars))
    checks.expect(f"{view}: the rows of tables have heads", page.get_by_role("rowheader").count() > 0)
    is_text = "evil" not in page.title() and "<script>" in page.inner_text("body")
    checks.expect(f"{view}: no value is HTML", is_text)
