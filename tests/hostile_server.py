"""A server on loopback that answers with whatever bytes a test wants, and remembers who came."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import TYPE_CHECKING

from technoshare_commentator.retrieval.fetching.addresses import IPAddress, why_not_public

if TYPE_CHECKING:
    import ssl

PUBLIC = "127.0.0.1"  # plays the public internet
INSIDE = "127.0.0.2"  # plays the network that must not be reached
SENTENCES = " ".join(f"Sentence number {n} says something whole about storage engines." for n in range(1, 21))
PAGE = f"<!doctype html><html><body><article><h1>Title</h1><p>{SENTENCES}</p></article></body></html>".encode()


@dataclass(frozen=True)
class Request:
    """What a client sent: its first line taken apart, and its headers by lower-case name."""

    method: str
    path: str
    headers: Mapping[str, str]


Behaviour = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class HostileServer:
    """Where it listens, what it does for which path, and every connection and request it saw."""

    host: str
    port: int = 0
    routes: dict[str, Behaviour] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/", host: str = "") -> str:
        """An address that leads here, by number or under the name `host`."""
        return f"http://{host or self.host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, badly or not, and close."""
        self.connections += 1
        try:
            request = parse_request(await reader.readuntil(b"\r\n\r\n"))
            self.requests.append(request)
            behaviour = self.routes.get(request.path) or self.routes.get(request.path.partition("?")[0]) or answer(404)
            await behaviour(request, writer)
            writer.close()
            await writer.wait_closed()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def hostile_server(
    routes: Mapping[str, Behaviour] | None = None,
    *,
    host: str = PUBLIC,
    port: int = 0,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[HostileServer]:
    """Listen on a port of `host`, on a free one when it is 0."""
    server = HostileServer(host, routes=dict(routes or {}))
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        await server.serve(reader, writer)

    listener = await asyncio.start_server(serve, host, port, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def parse_request(head: bytes) -> Request:
    """Take the head of a request apart."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    pairs = (line.split(":", 1) for line in lines if ":" in line)
    return Request(method, path, {name.lower(): value.strip() for name, value in pairs})


def answer(
    status: int = 200,
    body: bytes = b"",
    content_type: str = "text/html; charset=utf-8",
    headers: Sequence[tuple[str, str]] = (),
) -> Behaviour:
    """A well-formed response; without a content type when that is empty."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"{name}: {value}" for name, value in headers]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def redirect(location: str, status: int = 302) -> Behaviour:
    """A redirect to `location`."""
    return answer(status, headers=[("Location", location)])


def raw(*pieces: bytes, pause: float = 0.0) -> Behaviour:
    """Exactly these bytes, with `pause` seconds after each piece, then the end of the connection."""

    async def send(_request: Request, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return send


def endless(head: bytes, piece: bytes, pause: float = 0.0) -> Behaviour:
    """A head and then the same piece for ever."""

    async def send(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return send


def reset(head: bytes = b"") -> Behaviour:
    """Some bytes, then a connection reset instead of an orderly end."""

    async def send(_request: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        await writer.drain()
        connection: socket.socket = writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return send


def silence() -> Behaviour:
    """Nothing, for longer than any test waits."""

    async def send(_request: Request, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    return send


class LoopbackPlaysBoth:
    """An address policy for tests: 127.0.0.1 counts as public, everything else is judged as usual."""

    def why_refused(self, address: IPAddress) -> str:
        """Return the kind of address, empty for the one that plays the internet."""
        return "" if address == ip_address(PUBLIC) else why_not_public(address)


class Names:
    """A resolver over a table; a list of lists answers differently each time, its last entry for ever."""

    def __init__(self, **table: Sequence[Sequence[str]]) -> None:
        self._table = {name.replace("_", "."): list(answers) for name, answers in table.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        """Return the addresses of `host`, a public documentation name for everybody else's."""
        self.asked.append(host)
        answers = self._table.get(host, [["198.51.100.7"]])
        return answers.pop(0) if len(answers) > 1 else answers[0]
