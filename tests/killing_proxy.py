"""An HTTP proxy on loopback that does harm when told to, by the beginning of the path: `/<moment>/<process id>/…`.

Moments: `never`; `before-3` kills the process before its fourth request is forwarded; `after-3` kills it when the
server has done what the fourth request asked, without passing the answer on; `lost-runs_create` drops the first answer
to a request whose path ends with `runs/create`, and kills nobody; `late-runs_create` does so too, and has the server do
what was asked only after the second such request, as when the first one waited in a queue.
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
    port: int = 0
    address: str = ""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    held: dict[str, tuple[str, str, bytes, dict[str, str]]] = field(default_factory=dict)
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
def killing_proxy(server: str, port: int = 0) -> Iterator[KillingProxy]:
    """Run the proxy in front of a server until the block ends, on a free port when none is given."""
    proxy = KillingProxy(server)
    handler = type("Handler", (_Handler,), {"proxy": proxy})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as listening:
        proxy.port, proxy.address = listening.server_port, f"http://127.0.0.1:{listening.server_port}"
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
        if self._is_the_first(moment, "late-", path):
            self.proxy.held[moment] = (self.command, f"/{path}", body, self._headers_to_pass())
            return
        status, headers, answer = self._ask(self.command, f"/{path}", body, self._headers_to_pass())
        if moment in self.proxy.held and path.endswith(_ending(moment, "late-")):
            self._ask(*self.proxy.held.pop(moment))
        if moment == f"after-{number}":
            os.kill(int(process), signal.SIGKILL)
        elif not self._is_the_first(moment, "lost-", path):
            self._pass_on(status, headers, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _relay  # noqa: N815 - the base class wants these names

    def _is_the_first(self, moment: str, kind: str, path: str) -> bool:
        """Whether this is the first request of the sort that the moment names."""
        ending = _ending(moment, kind)
        return bool(ending) and path.endswith(ending) and self.proxy.first_time(moment)

    def _headers_to_pass(self) -> dict[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() not in {"host", *_HOP_BY_HOP}}

    def _ask(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        there = http.client.HTTPConnection(urlsplit(self.proxy.server).netloc, timeout=_SECONDS)
        try:
            there.request(method, path, body, headers)
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


def _ending(moment: str, kind: str) -> str:
    return moment.removeprefix(kind).replace("_", "/") if moment.startswith(kind) else ""
