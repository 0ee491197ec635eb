"""An HTTP proxy on loopback that does harm when told to, by the beginning of the path: `/<moment>/<process id>/…`.

Moments: `never`; `before-3` kills the process before its fourth request is forwarded; `after-3` kills it when the server
has done what the fourth request asked, without passing the answer on; `lost-runs-create` drops the first answer to a
request whose path ends with `runs/create`, and kills nobody.
"""

from __future__ import annotations

import http.client
import os
import signal
import threading
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}
_SECONDS = 60


@dataclass
class KillingProxy:
    """Where it listens, whom it asks, and what was requested, as `(client, method, path)`."""

    server: str
    address: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, client: str, method: str, path: str) -> int:
        """Note a request; how many the client made before."""
        with self.lock:
            self.requests.append((client, method, path))
            self.seen[client] += 1
            return self.seen[client] - 1

    def first_time(self, what: str) -> bool:
        """Whether this is asked for the first time."""
        with self.lock:
            self.seen[what] += 1
            return self.seen[what] == 1


@contextmanager
def killing_proxy(server: str) -> Iterator[KillingProxy]:
    """Run the proxy in front of a server until the block ends."""
    proxy = KillingProxy(server)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as listening:
        proxy.address = f"http://127.0.0.1:{listening.server_port}"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            listening.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    proxy: KillingProxy

    def _relay(self) -> None:
        _, moment, process, path = self.path.split("/", 3)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        number = self.proxy.count(f"{moment}/{process}", self.command, path)
        self.close_connection = True
        if moment == f"before-{number}":
            os.kill(int(process), signal.SIGKILL)
            return
        status, headers, answer = self._ask(f"/{path}", body)
        if moment == f"after-{number}":
            os.kill(int(process), signal.SIGKILL)
        elif not self._loses(moment, process, path):
            self._pass_on(status, headers, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _relay  # noqa: N815 - the base class wants these names

    def _loses(self, moment: str, process: str, path: str) -> bool:
        ending = moment.partition("lost-")[2].replace("-", "/")
        return bool(ending) and path.endswith(ending) and self.proxy.first_time(f"lost {moment} {process}")

    def _ask(self, path: str, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        there = http.client.HTTPConnection(urlsplit(self.proxy.server).netloc, timeout=_SECONDS)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in {"host", *_HOP_BY_HOP}}
        try:
            there.request(self.command, path, body, headers)
            answer = there.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            there.close()

    def _pass_on(self, status: int, headers: list[tuple[str, str]], answer: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""
