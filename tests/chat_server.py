"""A server on loopback that speaks OpenAI's chat completions with scripted answers, and counts who connects.

What failures of models look like is for others; this one answers, forgets nothing, and can be gone.
"""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator

API_KEY = "sk-test-loopback-0123456789abcdef"


def shout(request: dict[str, Any]) -> str:
    """The usual answer: the last message in capitals."""
    return str(request["messages"][-1]["content"]).upper()


@dataclass
class ChatServer:
    """What was asked; `answer` makes the text of an answer, `statuses` are given first in place of answers."""

    base_url: str = ""
    answer: Callable[[dict[str, Any]], str] = shout
    seconds: float = 0.0
    statuses: list[int] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    connections: int = 0
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def completion(self, request: dict[str, Any]) -> dict[str, Any]:
        """An answer as OpenAI's API gives it; every one has another id."""
        message = {"role": "assistant", "content": self.answer(request), "refusal": None}
        return {
            "id": f"chatcmpl-{len(self.requests)}",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": request["model"],
            "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
        }


def as_stream(completion: dict[str, Any]) -> bytes:
    """A completion in the chunks of a stream, one a word."""
    words = completion["choices"][0]["message"]["content"].split()
    chunks = [
        {
            **{name: completion[name] for name in ("id", "created", "model")},
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": {"content": f"{word} "}}],
        }
        for word in words
    ]
    return b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks) + b"data: [DONE]\n\n"


@contextmanager
def chat_server() -> Iterator[ChatServer]:
    """Run the server on a free port until the block ends; then nobody listens there any more."""
    chat = ChatServer()
    handler = type("Handler", (_Handler,), {"chat": chat})
    with _Server(("127.0.0.1", 0), handler) as http:
        http.chat = chat
        chat.base_url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield chat
        finally:
            http.shutdown()
            thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    chat: ChatServer

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: Any) -> None:
        self.chat.connections += 1
        super().process_request(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    chat: ChatServer
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["Content-Length"]))
        with self.chat.lock:
            self.chat.at_once += 1
            self.chat.most_at_once = max(self.chat.most_at_once, self.chat.at_once)
            request = json.loads(content)
            self.chat.requests.append(request)
            self.chat.keys.append(self.headers.get("Authorization", ""))
            status = self.chat.statuses.pop(0) if self.chat.statuses else 200
            answer: dict[str, Any] = (
                self.chat.completion(request) if status == 200 else {"error": {"message": f"status {status}"}}
            )
        threading.Event().wait(self.chat.seconds)
        with self.chat.lock:
            self.chat.at_once -= 1
        streams = request.get("stream", False)
        body = as_stream(answer) if streams else json.dumps(answer).encode()
        self._answer(status, body, "text/event-stream" if streams else "application/json")

    def _answer(self, status: int, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", "session=of-nobody-else")
        self.send_header("x-request-id", f"req_{len(self.chat.requests)}")
        if status == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name in the library
        """Say nothing."""
