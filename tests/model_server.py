"""A server on loopback that speaks OpenAI's chat completions as it is told to, failures included."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "sk-loopback-0123456789abcdef"
MODEL = "scripted-1"
_LONGEST_SILENCE_SECONDS = 20


@dataclass(frozen=True)
class Reply:
    """One HTTP answer; `cut` sends the head and half of the body before the connection drops, `silent` nothing."""

    status: int = 200
    body: bytes = b"{}"
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    cut: bool = False
    drop: bool = False
    silent: bool = False


def says(content: str | dict[str, Any] | None, *, finish: str = "stop", **message: Any) -> Reply:
    """A completion with this content (a dict becomes JSON); 11 tokens in, 7 out."""
    text = json.dumps(content) if isinstance(content, dict) else content
    choice = {"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}
    return completion([choice])


def completion(choices: list[dict[str, Any]], model: str = MODEL) -> Reply:
    """A completion with these choices."""
    usage = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}
    body = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "choices": choices}
    return Reply(body=json.dumps({**body, "usage": usage}).encode())


def calls(*wanted: tuple[str, str], content: str | None = None) -> Reply:
    """A completion that calls tools, given as names and arguments."""
    made = [
        {"id": f"call_{number}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for number, (name, arguments) in enumerate(wanted)
    ]
    return says(content, finish="tool_calls", tool_calls=made)


def refuses(status: int, message: str, *, headers: tuple[tuple[str, str], ...] = (), **more: Any) -> Reply:
    """An error in OpenAI's form."""
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None, **more}
    return Reply(status=status, body=json.dumps({"error": error}).encode(), headers=headers)


@dataclass
class ModelServer:
    """What was asked; `script` is answered first, one reply a request, then `usual`. `models` is its list of models.

    Without a `usual` a request beyond the script is answered with status 418, which no client tries again.
    """

    base_url: str = ""
    script: list[Reply] = field(default_factory=list)
    usual: Callable[[dict[str, Any]], Reply] | None = None
    models: Reply | None = None
    requests: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    connections: int = 0
    closed: threading.Event = field(default_factory=threading.Event)

    def reply(self, body: dict[str, Any]) -> Reply:
        """Note a request and choose its answer."""
        self.requests.append(body)
        self.times.append(time.monotonic())
        if self.script:
            return self.script.pop(0)
        return self.usual(body) if self.usual else refuses(418, "the script is over")


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Run the server until the block ends, on a free port."""
    model = ModelServer()
    handler = type("Handler", (_Handler,), {"model": model})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        model.base_url = f"http://127.0.0.1:{http.server_port}/v1/"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield model
        finally:
            model.closed.set()
            http.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    model: ModelServer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.model.connections += 1

    def do_GET(self) -> None:
        listed = {"object": "list", "data": [{"id": MODEL, "object": "model", "created": 1, "owned_by": "us"}]}
        self._send(self._unauthorised() or self.model.models or Reply(body=json.dumps(listed).encode()))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        reply = self._unauthorised() or self.model.reply(body)
        if reply.silent:
            self.model.closed.wait(_LONGEST_SILENCE_SECONDS)
        if reply.drop or reply.silent:
            self.close_connection = True
            return
        self._send(reply)

    def _unauthorised(self) -> Reply | None:
        given = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        wrong = given.startswith("sk-") and given != KEY
        message = f"Incorrect API key provided: {given}."
        return refuses(401, message, code="invalid_api_key") if wrong else None

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        length = str(len(reply.body))
        for name, value in (("Content-Type", reply.content_type), ("Content-Length", length), *reply.headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.cut else reply.body)
        self.close_connection = self.close_connection or reply.cut

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""
