"""A server on loopback that answers like a judge over OpenAI's chat completions: what a script says to each request."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

INPUT_TOKENS, OUTPUT_TOKENS = 1000, 100  # of every answer
_LONGEST_WAIT_SECONDS = 20


@dataclass(frozen=True)
class Reply:
    """What one request gets."""

    content: str = ""
    status: int = 200
    refusal: str | None = None


@dataclass
class JudgeServer:
    """What was asked; `script` answers a request. With `together` no answer leaves before as many have been asked."""

    script: Callable[[dict[str, Any]], Reply]
    together: int = 1
    base_url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    barrier: threading.Barrier | None = None

    def take(self, request: dict[str, Any]) -> Reply:
        """Note a request and say what it gets; status 500 when the others it waits for never came."""
        with self.lock:
            self.requests.append(request)
        if self.barrier is not None:
            try:
                self.barrier.wait(_LONGEST_WAIT_SECONDS)
            except threading.BrokenBarrierError:
                return Reply(status=500)
        return self.script(request)


@contextmanager
def judge_server(script: Callable[[dict[str, Any]], Reply], together: int = 1) -> Iterator[JudgeServer]:
    """Run the server on a free port until the block ends."""
    server = JudgeServer(script, together, barrier=threading.Barrier(together) if together > 1 else None)
    handler = type("Handler", (_Handler,), {"server_of_judges": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        http.daemon_threads = True
        server.base_url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_of_judges: JudgeServer
    protocol_version = "HTTP/1.1"  # connections are kept, as real servers do

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        reply = self.server_of_judges.take(request)
        body = {"error": {"message": "out of order"}} if reply.status != 200 else _completion(request["model"], reply)
        content = json.dumps(body).encode()
        self.send_response(reply.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""


def _completion(model: str, reply: Reply) -> dict[str, Any]:
    message = {"role": "assistant", "content": reply.content or None, "refusal": reply.refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": model,
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {
            "prompt_tokens": INPUT_TOKENS,
            "completion_tokens": OUTPUT_TOKENS,
            "total_tokens": INPUT_TOKENS + OUTPUT_TOKENS,
        },
    }
