"""What the lab serves on loopback: its page, what the page asks, and Cognito for the page and for an own app."""

from __future__ import annotations

import json
import re
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from tools.lab import people
from tools.lab.stage import Stage
from tools.stage import settings
from tools.stage.app import CognitoForApps, error_reply
from tools.stage.destination_pool import REGION, RESET_CODE
from tools.stage.front import Reply, Request, forward, json_reply

PAGE = Path(__file__).with_name("page")
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript"}
GUARDED = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# The one of docs/settings.md is met by the lab's users with a usual password.
POLICIES = ["", '{"minimumLength":12}']


class Server(CognitoForApps):
    """Also lends cognito-local names in lower case, Cognito's words for errors, and the trigger of a reset."""

    def __init__(self, stage: Stage, script: Path):
        super().__init__(stage.pool)
        self._stage = stage
        self._files = {"/": PAGE / "page.html", "/page.css": PAGE / "page.css", "/page.js": script}
        self._one_at_a_time = threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Cognito is for apps on this machine, whatever their port. All else is for the page itself."""
        origin = request.headers.get("Origin")
        own = {"http://" + host for host in self._hosts()}
        to_cognito = request.method in ("OPTIONS", "POST") and request.path == "/"
        allowed = _is_loopback(origin) if to_cognito else origin in own
        if request.headers.get("Host") not in self._hosts() or not (origin is None or allowed):
            return Reply(403, GUARDED, b"The lab answers this machine only.\n")
        if not to_cognito:
            reply = self._answer_page(request)
            return reply._replace(headers={**reply.headers, **GUARDED})
        reply = Reply(204, {}, b"") if request.method == "OPTIONS" else self._answer_app(request)
        # cognito-local's own would allow any origin.
        headers = {key: value for key, value in reply.headers.items() if not key.lower().startswith("access-control-")}
        if origin is not None:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "*")
            headers["Access-Control-Expose-Headers"] = "x-amzn-ErrorType, x-amzn-RequestId"
        return reply._replace(headers=headers)

    def _hosts(self) -> set[str]:
        port = urlsplit(self.url).port
        return {f"127.0.0.1:{port}", f"localhost:{port}"}

    def _answer_page(self, request: Request) -> Reply:
        if request.method == "GET" and request.path in self._files:
            file = self._files[request.path]
            return Reply(200, {"Content-Type": TYPES[file.suffix] + "; charset=utf-8"}, file.read_bytes())
        if request.method == "GET" and request.path == "/api/state":
            return json_reply(self._state())
        if request.method == "POST" and request.path == "/api/settings":
            changed = json.loads(request.body)
            wanted = {each["name"]: each["values"] for each in self._switches()}
            if not all(value in wanted.get(name, []) for name, value in changed.items()):
                return json_reply({"error": "no such setting, or no such value"}, 400)
            self._stage.deploy(changed)
            return json_reply({})
        return json_reply({"error": "not found"}, 404)

    def _state(self) -> dict[str, Any]:
        tries = [dict(zip(("title", "name", "password", "expect"), each)) for each in people.TRIES]
        return {
            "app": {"endpoint": self.url, "region": REGION, "pool": self._pool.id, "client": self._pool.client_id},
            "code": RESET_CODE,
            "log": self._stage.entries,
            "running": self._stage.function.running(),
            "settings": self._stage.settings(),
            "switches": self._switches(),
            "tries": tries,
            "users": self._stage.users(),
        }

    def _switches(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "value": value, "values": settings.values_of(name) or POLICIES}
            for name, value in self._stage.switches.items()
        ]

    def _answer_app(self, request: Request) -> Reply:
        asked = json.loads(request.body)
        for names, name in ((asked, "Username"), (asked.get("AuthParameters", {}), "USERNAME")):
            if name in names:
                names[name] = names[name].lower()
        request = request._replace(body=json.dumps(asked).encode())
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        with self._one_at_a_time:
            self._stage.error = None
            reply = super().answer(request)
            self._stage.write_once_more()
            if operation == "ForgotPassword" and reply.status != 200 and _code(reply) == "UserNotFoundException":
                return self._reset(request, asked)
            if operation == "InitiateAuth" and reply.status != 200 and self._stage.error is not None:
                return self._function_failed("UserNotFoundException", asked["ClientId"])
            return reply

    def _reset(self, request: Request, asked: dict[str, Any]) -> Reply:
        """What Cognito does upon a reset of a user that it does not know: cognito-local would not ask the function.

        A sign-in makes it ask, and the stage turns that into the event of a reset.
        """
        self._stage.resets = True
        try:
            # It ends in PasswordResetRequiredException, or in what the function said.
            with suppress(ClientError):
                self._pool.sign_in(asked["Username"], people.PASSWORD)
        finally:
            self._stage.resets = False
        if self._stage.error is not None:
            return self._function_failed("UserLambdaValidationException", asked["ClientId"])
        return forward(self._pool.endpoint, request)

    def _function_failed(self, code: str, client: str) -> Reply:
        """Cognito's words around what the function said, or for a function that gave no answer."""
        if not self._stage.function.running():
            return error_reply("UserNotFoundException", f"Exception migrating user in app client {client}")
        return error_reply(code, f"UserMigration failed with error {self._stage.error}.")


def _is_loopback(origin: str | None) -> bool:
    return origin is not None and urlsplit(origin).hostname in LOOPBACK


def _code(reply: Reply) -> str:
    return re.sub(r"^.*#", "", json.loads(reply.body)["__type"])
