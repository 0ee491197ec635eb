"""Connecting to addresses that were checked: names are looked up here, and nowhere after the check."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import httpcore2

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.fetching.addresses import AddressPolicy, IPAddress, parse_address
from technoshare_commentator.retrieval.fetching.target import refuse_address

if TYPE_CHECKING:
    import ssl

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
_ATTEMPT_SECONDS = 5.0  # one dead address of several must not use up the whole budget


async def resolve(host: str, port: int) -> Sequence[str]:
    """Return the addresses of `host` in the system's order; raise `FetchFailedError` for an unknown name."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailedError(f"the host {host!r} is not known ({error}); check how the link is spelled") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class CheckedBackend(httpcore2.AsyncNetworkBackend):
    """A network backend that resolves a host once, refuses it unless every address may be used, and connects to those.

    The connection goes to the checked number, so a name that answers differently the next time (DNS rebinding) gains
    nothing. TLS and the Host header still see the name: they are made above this layer.
    """

    def __init__(self, policy: AddressPolicy, resolver: Resolver = resolve) -> None:
        self._policy = policy
        self._resolver = resolver
        self._sockets = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base class
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first of the host's addresses that answers."""
        failure: Exception | None = None
        attempt = min(timeout or _ATTEMPT_SECONDS, _ATTEMPT_SECONDS)
        for address in await self._checked_addresses(host, port):
            try:
                stream = await self._sockets.connect_tcp(str(address), port, attempt, local_address, socket_options)
                return _Stream(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise FetchFailedError(
            f"no connection to {host}:{port} ({_reason(failure)}); check that the site is up and try again"
        ) from failure

    async def _checked_addresses(self, host: str, port: int) -> list[IPAddress]:
        literal = parse_address(host)
        texts = [str(literal)] if literal else await self._resolver(host, port)
        addresses = [address for text in texts if (address := parse_address(text)) is not None]
        if not addresses or len(addresses) != len(texts):
            raise FetchFailedError(f"the host {host!r} has no usable address ({list(texts)!r}); check the link")
        for address in addresses:
            refuse_address(f"{host}:{port}", host, address, self._policy)
        return addresses

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base class
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: nothing here is ever read from a local socket."""
        raise FetchFailedError(f"the local socket {path!r} is not fetched ({timeout=}, {socket_options=})")

    async def sleep(self, seconds: float) -> None:
        """Wait, as the base class wants it."""
        await asyncio.sleep(seconds)


class _Stream(httpcore2.AsyncNetworkStream):
    """A connection that is also closed when its TLS handshake is given up, which the layers below leave open."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 - base class
        """Read from the connection."""
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 - base class
        """Write to the connection."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    def get_extra_info(self, info: str) -> Any:
        """Return what the connection knows about itself."""
        return self._stream.get_extra_info(info)

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the base class
    ) -> httpcore2.AsyncNetworkStream:
        """Shake hands, or close the connection whatever the reason."""
        try:
            return await self._stream.start_tls(ssl_context, server_hostname, timeout)
        except BaseException:
            await self._stream.aclose()
            raise


def _reason(failure: Exception | None) -> str:
    if isinstance(failure, httpcore2.ConnectTimeout):
        return f"no answer within {_ATTEMPT_SECONDS:g} s"
    return str(failure) or type(failure).__name__
