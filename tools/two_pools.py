"""One address for both pools: what is asked of cognito-local's pools goes there, everything else to the old pool.

On AWS a pool's Region leads to it; here the function knows a single endpoint for all of Cognito.
"""

from __future__ import annotations

import http.client
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

# Every id that cognito-local gives to a pool begins with this.
LOCAL = "local_"


class TwoPools:
    """Listens until the end of the `with`."""

    def __init__(self, old: str, new: str):
        class Front(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                target = urlsplit(new if _names_a_new_pool(body) else old)
                connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=10)
                try:
                    connection.request(self.command, self.path, body, dict(self.headers))
                    answer = connection.getresponse()
                    content = answer.read()
                finally:
                    connection.close()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() in ("content-type", "x-amzn-errortype", "x-amzn-requestid"):
                        self.send_header(name, value)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _pass_on

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Front)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> TwoPools:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _names_a_new_pool(body: bytes) -> bool:
    try:
        return str(json.loads(body).get("UserPoolId", "")).startswith(LOCAL)
    except (ValueError, AttributeError):
        return False
