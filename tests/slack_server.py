"""A server on loopback that behaves like Slack's Web API, as far as `auth.test` and `chat.postMessage` go."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from block_kit import LONGEST_TEXT, block_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

BOT_TOKEN = "xoxb-1111-2222-loopback"  # noqa: S105 - opens nothing but this server
CHANNEL = "C0TECHNO"
CHANNEL_WITHOUT_BOT = "C0FOREIGN"
_LONGEST_SILENCE_SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """What one request gets instead of the usual: `body` None closes the connection, `silent` waits until the end.

    With `takes_message` the message is posted all the same, as when only the answer is lost.
    """

    status: int = 200
    body: bytes | None = b"{}"
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    silent: bool = False
    takes_message: bool = False


def error(code: str, **details: object) -> Answer:
    """Slack's usual refusal: status 200 and `ok` false."""
    return Answer(body=json.dumps({"ok": False, "error": code, **details}).encode())


def rate_limited(retry_after: str = "0") -> Answer:
    """Status 429 with the pause Slack wants."""
    body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
    return Answer(status=429, body=body, headers=(("Retry-After", retry_after),))


@dataclass
class SlackServer:
    """What was asked of the server and what it took; `answers` are given first, one a request, then it is itself."""

    base_url: str = ""
    answers: list[Answer] = field(default_factory=list)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)

    def post(self, message: dict[str, Any]) -> dict[str, Any]:
        """Take a message, or refuse it as Slack would."""
        if message.get("channel") not in {CHANNEL, CHANNEL_WITHOUT_BOT}:
            return {"ok": False, "error": "channel_not_found"}
        if message["channel"] == CHANNEL_WITHOUT_BOT:
            return {"ok": False, "error": "not_in_channel"}
        if not message.get("text"):
            return {"ok": False, "error": "no_text"}
        if len(message["text"]) > LONGEST_TEXT:
            return {"ok": False, "error": "msg_too_long"}
        if errors := block_errors(message.get("blocks", [])):
            return {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": errors}}
        self.messages.append(message)
        return {"ok": True, "channel": CHANNEL, "ts": f"1730000000.{len(self.messages):06d}"}


@contextmanager
def slack_server(port: int = 0) -> Iterator[SlackServer]:
    """Run the server until the block ends, on a free port when none is given."""
    slack = SlackServer()
    handler = type("Handler", (_Handler,), {"slack": slack})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as http:
        slack.base_url = f"http://127.0.0.1:{http.server_port}/api/"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield slack
        finally:
            slack.closed.set()
            http.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    slack: SlackServer

    def do_POST(self) -> None:
        method = self.path.rpartition("/")[2]
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        self.slack.requests.append((method, body))
        answer = self.slack.answers.pop(0) if self.slack.answers else None
        if answer is None:
            self._send(Answer(body=json.dumps(self._usual(method, body)).encode(), headers=(_SCOPES,)))
            return
        if answer.takes_message:
            self.slack.post(body)
        if answer.silent:
            self.slack.closed.wait(_LONGEST_SILENCE_SECONDS)
        elif answer.body is not None:
            self._send(answer)
        self.close_connection = True

    def _usual(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.headers.get("Authorization") != f"Bearer {BOT_TOKEN}":
            return {"ok": False, "error": "invalid_auth"}
        if method == "auth.test":
            return {"ok": True, "url": "https://acme.slack.com/", "team": "Acme", "user": "technoshare"}
        return self.slack.post(body) if method == "chat.postMessage" else {"ok": False, "error": "unknown_method"}

    def _send(self, answer: Answer) -> None:
        body = answer.body or b""
        self.send_response(answer.status)
        for name, value in (("Content-Type", answer.content_type), ("Content-Length", str(len(body))), *answer.headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""


_SCOPES = ("X-OAuth-Scopes", "chat:write, channels:history")
