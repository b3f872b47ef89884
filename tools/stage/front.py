"""A server in front of an emulator, which answers some requests itself and passes the others on."""

from __future__ import annotations

import http.client
import json
import re
import sys
import threading
import traceback
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlsplit

OF_THE_CONNECTION = {"connection", "content-length", "date", "server", "transfer-encoding"}


class Request(NamedTuple):
    method: str
    path: str
    # Its names have no case.
    headers: Message
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
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The body follows the headers at once.
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    reply = front.answer(Request(self.command, self.path, self.headers, body))
                except Exception:
                    front.faults.append(traceback.format_exc())
                    reply = Reply(500, {}, b"")
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    if name.lower() not in OF_THE_CONNECTION:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            do_DELETE = do_GET = do_HEAD = do_OPTIONS = do_PATCH = do_POST = do_PUT = handle_one

            def log_message(self, *_arguments: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                # A browser that leaves a page closes its connections.
                if not isinstance(sys.exc_info()[1], ConnectionError):
                    front.faults.append(traceback.format_exc())

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Front:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: Request) -> Reply:
        raise NotImplementedError


def forward(endpoint: str, request: Request) -> Reply:
    target = urlsplit(endpoint)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=300)
    headers = {name: value for name, value in request.headers.items() if name.lower() not in OF_THE_CONNECTION}
    try:
        connection.request(request.method, request.path, request.body, headers)
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


class BothPools(Front):
    """One address for both pools: what is asked of cognito-local's pools goes there, everything else to the source.

    On AWS a pool's Region leads to it; here the function knows a single endpoint for all of Cognito.
    """

    def __init__(self, source: str, destination: str) -> None:
        super().__init__()
        self._source, self._destination = source, destination

    def answer(self, request: Request) -> Reply:
        # Every id that cognito-local gives to a pool begins with this.
        is_local = re.search(rb'"UserPoolId":\s*"local_', request.body)
        return forward(self._destination if is_local else self._source, request)


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
