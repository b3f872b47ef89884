"""A server in front of an emulator, which answers some requests itself and passes the others on."""

from __future__ import annotations

import http.client
import json
import threading
import traceback
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from werkzeug import wrappers
from werkzeug.datastructures import Headers
from werkzeug.serving import WSGIRequestHandler, make_server

OF_THE_CONNECTION = {"connection", "content-length", "date", "server", "transfer-encoding"}


class Request(NamedTuple):
    method: str
    path: str
    # Its names have no case.
    headers: Headers
    body: bytes


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def json_reply(content: Any, status: int = 200) -> Reply:
    return Reply(status, {"Content-Type": "application/x-amz-json-1.1"}, json.dumps(content).encode())


class Front:
    """Serves on a free port of this machine until the `with` block is left."""

    def __init__(self) -> None:
        # What went wrong in here: a test fails if there is any.
        self.faults: list[str] = []
        # What Terraform's calls were answered, by the id that all tries of a call have.
        self._answered: dict[str, Reply] = {}
        self._server = make_server("127.0.0.1", 0, self._serve, threaded=True, request_handler=_Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @wrappers.Request.application
    def _serve(self, came: wrappers.Request) -> wrappers.Response:
        try:
            # The path as it was sent.
            reply = self._answer_once(Request(came.method, came.environ["REQUEST_URI"], came.headers, came.get_data()))
        except Exception:
            self.faults.append(traceback.format_exc())
            reply = Reply(500, {}, b"")
        return wrappers.Response(reply.body, reply.status, _end_to_end(reply.headers.items()))

    def _answer_once(self, request: Request) -> Reply:
        """Answers a call of Terraform once, however often it is tried.

        On a busy machine the provider closes one connection in about a thousand before it has read the answer. It then
        tries again, and what it creates would be there already.
        """
        call = request.headers.get("Amz-Sdk-Invocation-Id")
        if call is None or "Terraform" not in request.headers.get("User-Agent", ""):
            return self.answer(request)
        if call not in self._answered:
            reply = self.answer(request)
            if reply.status >= 300:
                return reply
            self._answered[call] = reply
        return self._answered[call]

    def __enter__(self) -> Front:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError


class _Handler(WSGIRequestHandler):
    # The body follows the headers at once.
    disable_nagle_algorithm = True

    def log(self, *_arguments: object) -> None:
        pass


def _end_to_end(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    return {name: value for name, value in headers if name.lower() not in OF_THE_CONNECTION}


def forward(endpoint: str, request: Request) -> Reply:
    target = urlsplit(endpoint)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=300)
    headers = _end_to_end(request.headers.items())
    try:
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


class Passing(Front):
    """Passes every request on."""

    def __init__(self, endpoint: str) -> None:
        super().__init__()
        self._endpoint = endpoint

    def answer(self, request: Request) -> Reply:
        return forward(self._endpoint, request)


class Calls(Front):
    """Stands between the function and the source pool, and notes what the function asks."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: list[str] = []

    def to(self, endpoint: str) -> str:
        """Where the function finds the source pool that is at `endpoint`."""
        self._endpoint = endpoint
        return self.url

    def answer(self, request: Request) -> Reply:
        # The function warms its connections up with requests that ask nothing.
        if "X-Amz-Target" in request.headers:
            self._asked.append(request.headers["X-Amz-Target"].rpartition(".")[2])
        return forward(self._endpoint, request)

    def taken(self) -> list[str]:
        """Those since this was last asked for."""
        asked, self._asked = self._asked, []
        return asked
