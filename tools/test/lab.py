"""python3 -m tools test-lab: the lab in a real browser, as an engineer uses it.

UPDATE_PAGES=1 writes the picture of README.
"""

from __future__ import annotations

import http.client
import itertools
import os
import re
import signal
import socket
import time
import urllib.request
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from tools import ROOT
from tools.base import browser
from tools.base.processes import READY_SECONDS, Processes, accepts_connections
from tools.lab import people
from tools.lab.main import staged
from tools.lab.server import PAGE, Server
from tools.lab.stage import Stage
from tools.stage import local_aws, node
from tools.stage.destination_pool import RESET_CODE
from tools.stage.local import arguments_parser
from tools.stage.reasons import in_words
from tools.test.checks import Checks
from tools.test.tools import Said

PICTURE = ROOT / "docs" / "lab.jpg"
LARGEST = 200_000
WIDTHS = (360, 1280)
TIMEOUT = 60_000
# What Chromium says of each answer of Cognito that is no success.
COGNITO_SAID_NO = "Failed to load resource: the server responded with a status of 400"
COUNT_MOVES = """
window.moves = 0;
const animate = Element.prototype.animate;
Element.prototype.animate = function (...all) { window.moves += 1; return animate.apply(this, all); };
"""


class Story(Checks):
    """The page, what stands behind it, and what was seen so far."""

    def __init__(self, page: Any, stage: Stage, server: Server):
        super().__init__()
        self.page, self.stage, self.server = page, stage, server
        self.printed: list[str] = []
        page.set_default_timeout(TIMEOUT)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.printed.append(str(error)))
        page.add_init_script(COUNT_MOVES)
        page.goto(server.url)
        page.locator("#tries button").first.wait_for()

    def _note(self, message: Any) -> None:
        cognito = message.text.startswith(COGNITO_SAID_NO) and message.location["url"] == self.server.url + "/"
        if message.type == "error" and not cognito:
            self.printed.append(message.text)

    def shows(self, what: str, selector: str, text: str) -> None:
        """It may take until the page has asked again."""
        found = self.page.locator(selector).filter(has_text=text)
        with suppress(Exception):
            found.first.wait_for()
        self.expect(what, found.count() > 0 or self.page.locator(selector).all_inner_texts())

    def tries(self, title: str, word: str) -> None:
        self.page.get_by_role("button", name=title).click()
        self.shows(f"{title}: the app's word is {word}", "#result", f"The app's word for it: {word}")

    def clicks(self, button: str, word: str, **typed: str) -> None:
        for name, value in typed.items():
            self.page.locator("#" + name.replace("_", "-")).fill(value)
        self.page.get_by_role("button", name=button, exact=True).click()
        self.shows(f"{button}: the app's word is {word}", "#result", f"The app's word for it: {word}")

    def chooses(self, setting: str, value: str) -> None:
        before = self.stage.function.running()
        self.page.get_by_label(setting).select_option(value)
        deadline = time.monotonic() + READY_SECONDS
        while (now := self.stage.function.running()) in (None, before) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.shows(f"{setting}={value}: another process of the function runs", "#function.good", f"process {now}")

    def did(self, trigger: str) -> dict[str, Any]:
        """The line of the function's own log for the newest entry of that trigger on the page."""
        request_id = self.page.locator("#log tr").filter(has_text=trigger).first.locator(".request").inner_text()
        logged = [line for line in self.stage.function.log() if line["request_id"] == request_id]
        self.expect("the request id on the page is in the function's log", len(logged), 1)
        return logged[0]


def a_user_moves(story: Story) -> None:
    story.shows("at first, no user has moved", "#destination", "No user yet")
    story.tries("Right password", "signed-in")
    story.shows("the user is in the destination pool", "#destination li", "ada@example.com")
    story.shows("with the group, and the mark of the finished steps", "#destination li", "editors · mark: done/")
    story.shows("the source pool says that the user moved", "#source li.moved", "ada@example.com")
    story.expect("the user was seen moving", story.page.evaluate("window.moves"), 1)
    story.expect("the log says so", story.did("UserMigration")["outcome"], "migrated")
    story.shows("the claims of the ID token are shown", "#claims", people.USERS[0]["sub"])
    story.tries("Address in upper case", "signed-in")
    story.shows("the name is in lower case", "#destination li", "hana@example.com")
    story.tries("Address in upper case", "signed-in")
    story.shows("the second sign-in asks for no migration", "#log tr:first-child", "not_marked")
    story.page.get_by_role("button", name="Sign out").click()
    story.shows("the user is signed out", "#result", "Signed out")


def a_rejection(story: Story) -> None:
    for title, reason in (("Wrong password", "wrong_credentials"), ("Disabled user", "user_disabled")):
        story.tries(title, "rejected")
        story.shows("the page says why", "#log tr:first-child", in_words(reason))
        story.expect("and so does the log", story.did("UserMigration")["reason"], reason)
    story.clicks("Sign up", "account-exists", name="dora@example.com", password=people.PASSWORD)


def a_reset(story: Story) -> None:
    new = "Another-made-up-Passw0rd!"
    story.clicks("Forgot password", "rejected", name="cleo@example.com")
    story.clicks("Forgot password", "code-sent", name="ben@example.com")
    story.shows("the user moved", "#destination li", "RESET_REQUIRED")
    story.expect("the function took it for a reset", story.did("ForgotPassword")["outcome"], "migrated")
    story.clicks("Set the new password", "wrong-code", code="000000", new_password=new)
    story.clicks("Set the new password", "password-changed", code=RESET_CODE, new_password=new)
    story.clicks("Sign in", "signed-in", password=new)


def a_switch(story: Story) -> None:
    story.tries("Authenticator app", "rejected")
    story.chooses("ON_MFA", "drop")
    story.tries("Authenticator app", "signed-in")
    story.chooses("ON_TEMPORARY_PASSWORD", "reset")
    story.tries("Temporary password", "code-sent")
    story.chooses("PASSWORD_POLICY", '{"minimumLength":12}')
    story.tries("Weak password", "code-sent")


def the_function_is_gone(story: Story) -> None:
    os.kill(story.stage.function.running(), signal.SIGKILL)
    story.shows("the page says that the function is gone", "#function.bad", "The function is gone")
    story.tries("Code by text message", "unavailable")
    story.shows("the list says that no answer came", "#log tr:first-child", "no answer")
    story.page.get_by_role("button", name="Start it again").click()
    story.shows("the function runs again", "#function.good", "The function is running")
    story.tries("Code by text message", "signed-in")


def how_it_looks(story: Story) -> None:
    for scheme, width in itertools.product(("light", "dark"), WIDTHS):
        story.page.emulate_media(color_scheme=scheme)
        story.page.set_viewport_size({"width": width, "height": 900})
        faults = browser.faults(story.page, width)
        story.expect(f"{width} px, {scheme}: nothing is too wide, and axe finds nothing", faults, [])


def with_the_keyboard(story: Story) -> None:
    page = story.page
    page.locator("#name").fill("hana@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(people.PASSWORD)
    focus = "getComputedStyle(document.activeElement).outlineStyle"
    story.expect("the focus can be seen", page.evaluate(focus), "solid")
    page.keyboard.press("Enter")
    story.shows("Enter signs in", "#result", "signed-in")


def who_may_ask(story: Story) -> None:
    address = urlsplit(story.server.url)
    own, foreign, app = story.server.url, "https://example.com", "http://localhost:3000"
    refused = [
        ("GET", "/", {"Host": "example.com"}),
        ("GET", "/api/state", {"Host": f"example.com:{address.port}"}),
        ("GET", "/api/state", {"Origin": foreign}),
        *(("POST", "/api/settings", {"Origin": origin}) for origin in (foreign, app, "null")),
        ("POST", "/", {"Origin": foreign}),
        ("OPTIONS", "/", {"Origin": foreign}),
    ]
    taken = [("GET", "/api/state", {}, 200), ("GET", "/api/state", {"Origin": own}, 200)]
    # An own app on this machine.
    taken += [("OPTIONS", "/", {"Origin": app}, 204)]
    for method, path, headers, status in [*((*each, 403) for each in refused), *taken]:
        connection = http.client.HTTPConnection("127.0.0.1", address.port, timeout=READY_SECONDS)
        connection.request(method, path, "{}" if method == "POST" else None, headers)
        story.expect(f"{method} {path} {headers}", connection.getresponse().status, status)
        connection.close()
    policy = urllib.request.urlopen(own, timeout=READY_SECONDS).headers["Content-Security-Policy"]
    story.expect("the page runs no script but its own", "default-src 'none'" in policy)
    # Sends nothing: it asks which address of this machine would be used.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outside, suppress(OSError):
        outside.connect(("192.0.2.1", 9))
        machine = outside.getsockname()[0]
        for url in addresses(story):
            with socket.socket() as client:
                refused = client.connect_ex((machine, urlsplit(url).port)) != 0
            story.expect(f"{url} is on loopback only", refused)


def addresses(story: Story) -> list[str]:
    """Of all that the lab has started."""
    stage = story.stage
    return [story.server.url, stage.url, stage.pool.endpoint, stage.function.endpoint, stage.source.meta.endpoint_url]


def an_own_app(story: Story) -> None:
    story.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pool = story.stage.pool
    own = {"Endpoint": story.server.url, "User pool id": pool.id, "App client id": pool.client_id}
    for name, value in own.items():
        story.page.get_by_role("button", name=f"Copy: {name}").click()
        story.shows(f"{name}: it is copied", f'#own button[aria-label="Copy: {name}"]', "Copied")
        story.expect("and right", story.page.evaluate("navigator.clipboard.readText()"), value)


def the_words(story: Story) -> None:
    app, page = ((path).read_text(encoding="utf-8") for path in (ROOT / "examples/app/auth.js", PAGE / "page.js"))
    words = set(re.findall(r'(?:return|:) "([a-z-]+)"', app))
    known = set(re.findall(r'^  "?([a-z-]+)"?: \["', page, re.MULTILINE))
    story.expect("the page has a sentence for each word of the app", known, words)
    story.expect("no error is in the console", story.printed, [])
    story.expect("the lab had no fault", story.server.faults + story.stage.faults, [])


def the_picture(story: Story) -> None:
    """As it is after the first chapters, with the settings of the start."""
    page = story.page
    story.tries("Right password", "signed-in")
    story.shows("a user who has moved signs in", "#log tr:first-child", "not_marked")
    if os.environ.get("UPDATE_PAGES"):
        page.set_viewport_size({"width": 1280, "height": 1240})
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=PICTURE, type="jpeg", quality=72)
    story.expect("the picture of README has at most 200 kB", PICTURE.stat().st_size <= LARGEST)


ABOUT_USERS = (a_user_moves, a_rejection, the_picture, a_reset, a_switch, the_function_is_gone)
ABOUT_THE_PAGE = (with_the_keyboard, an_own_app, how_it_looks, the_words)


def ctrl_c_ends_all(story: Story, packaged: bool) -> None:
    """Starts the lab as `make lab` does."""
    said = Said("lab", *(["--packaged"] if packaged else []), interrupt_after="Ctrl-C ends it.")
    link = re.search(r"http://127\.0\.0\.1:(\d+)", said.text)
    found = (said.status, link is not None and accepts_connections(int(link[1])))
    story.expect("Ctrl-C ends the lab with status 0", found, (0, False), said.text)


def main() -> int:
    parser = arguments_parser(__doc__)
    without = "without a browser or Node.js: say so and succeed, except in CI"
    parser.add_argument("--if-browser", action="store_true", help=without)
    arguments = parser.parse_args()
    for needed in (browser, node):
        if arguments.if_browser and (status := needed.left_out("the lab in a browser")) is not None:
            return status
    local_aws.isolate()
    with (
        Processes() as processes,
        staged(processes, arguments.packaged) as (stage, server),
        browser.started(processes) as chromium,
    ):
        story = Story(chromium.new_page(viewport={"width": 1280, "height": 900}), stage, server)
        for chapter in (who_may_ask, *ABOUT_USERS, *ABOUT_THE_PAGE):
            print(f"\n{chapter.__name__.replace('_', ' ').capitalize()}", flush=True)
            chapter(story)
    story.expect("the function has ended", story.stage.function.running(), None)
    for url in addresses(story):
        story.expect(f"nothing listens any more at {url}", accepts_connections(urlsplit(url).port), False)
    ctrl_c_ends_all(story, arguments.packaged)
    story.close("lab")
    return 0
