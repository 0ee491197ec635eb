"""Fetching a page from a stranger's server: checked addresses, few redirects, bounded size and time."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from technoshare_commentator.errors import FetchFailedError, FetchRefusedError
from technoshare_commentator.retrieval.extraction.content_type import (
    is_readable_type,
    parse_content_type,
    readable_types,
)
from technoshare_commentator.retrieval.fetching.addresses import AddressPolicy, AnyAddress, PublicAddresses
from technoshare_commentator.retrieval.fetching.decoding import ACCEPTED, BodyError, decoder_for
from technoshare_commentator.retrieval.fetching.target import Target, parse_target

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping

    import httpcore2

    from technoshare_commentator.retrieval.fetching.network import Resolver

PAGE_TYPES = "text/html, application/xhtml+xml, text/markdown, text/plain, application/pdf;q=0.9, */*;q=0.1"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ADVICE = {
    401: "it wants a login; open it in a browser, save it and run `technoshare comment FILE.html`",
    402: "it wants payment; open it in a browser, save it and run `technoshare comment FILE.html`",
    403: "it does not let programs in; open it in a browser, save it and run `technoshare comment FILE.html`",
    404: "check the link",
    410: "the page was taken down for good; share another link",
    429: "too many requests were sent; wait and try again",
}
_SERVER_ERROR = 500
_READABLE_STATUSES = frozenset({200, 203})  # 203: the same, changed by a proxy on the way


@dataclass(frozen=True)
class FetchLimits:
    """How far the fetcher goes for one page; `allow_private` switches off the rule about addresses, and only that.

    `total_seconds` spans everything from the first look-up to the last byte of the last redirect; `max_bytes` counts
    both what arrives and what it unpacks to.
    """

    max_redirects: int = 5
    max_bytes: int = 20_000_000
    total_seconds: float = 20.0
    user_agent: str = "TechnoShareCommentator/0.1 (link commentary for one Slack team)"
    allow_private: bool = False


@dataclass(frozen=True)
class Page:
    """What a server answered: the address that answered in the end, its Content-Type header, and the decoded body."""

    url: str
    final_url: str
    content_type: str
    body: bytes


class HttpStatusError(FetchFailedError):
    """The server answered with another status than 200."""

    def __init__(self, message: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers


class Fetcher:
    """Fetches pages by GET, each request over a new connection: no cookies, no proxies, no credentials of its own.

    Connections are made when they are needed; `aclose` ends them. Use one fetcher within one event loop.
    """

    def __init__(
        self,
        limits: FetchLimits | None = None,
        *,
        policy: AddressPolicy | None = None,
        resolver: Resolver | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Keywords are for tests: which addresses count as public, what names stand for, whom TLS trusts."""
        self.limits = limits or FetchLimits()
        self._policy = policy or (AnyAddress() if self.limits.allow_private else PublicAddresses())
        self._resolver = resolver
        self._ssl_context = ssl_context
        self._pool: httpcore2.AsyncConnectionPool | None = None

    async def fetch(
        self,
        url: str,
        *,
        accept: str = PAGE_TYPES,
        is_accepted: Callable[[str], bool] = is_readable_type,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Return the page behind `url`.

        `is_accepted` decides from the media type whether the body is wanted. `headers` are sent to the origin of `url`
        alone, never to where it redirects. Raises `FetchRefusedError` for an address that must not be asked and
        `FetchFailedError` for everything else that goes wrong.
        """
        try:
            async with asyncio.timeout(self.limits.total_seconds):
                return await self._follow(url, accept, is_accepted, headers or {})
        except TimeoutError:
            raise FetchFailedError(
                f"{url!r} took longer than {self.limits.total_seconds:g} s in total; try again, or save the page and "
                "run `technoshare comment FILE.html`"
            ) from None

    async def aclose(self) -> None:
        """Close what is open; the fetcher may be used again afterwards."""
        if self._pool is not None:
            pool, self._pool = self._pool, None
            await pool.aclose()

    async def _follow(
        self, url: str, accept: str, is_accepted: Callable[[str], bool], headers: Mapping[str, str]
    ) -> Page:
        target = first = parse_target(url, self._policy)
        for _ in range(self.limits.max_redirects + 1):
            if target.origin != first.origin:
                headers = {}  # for good: who was led away and back does not go where somebody else wants with them
            async with self._ask(target, accept, headers) as answer:
                location = answer.redirect()
                if location is None:
                    return await self._page(url, target, answer, is_accepted)
            try:
                target = parse_target(_joined(target, location), self._policy)
            except FetchRefusedError as error:
                raise FetchRefusedError(f"{url!r} redirects to where it must not: {error}") from error
        raise FetchFailedError(
            f"{url!r} redirects more than {self.limits.max_redirects} times; open it in a browser and share the "
            "address where it ends"
        )

    async def _page(self, url: str, target: Target, answer: _Answer, is_accepted: Callable[[str], bool]) -> Page:
        final_url = str(target.url)
        if answer.status not in _READABLE_STATUSES:
            raise HttpStatusError(_status_message(final_url, answer.status), answer.status, answer.headers)
        content_type = answer.headers.get("content-type", "")
        media_type, _ = parse_content_type(content_type)
        if not is_accepted(media_type):
            shown = f"is served as {media_type!r}" if media_type else "is served without a Content-Type"
            raise FetchFailedError(
                f"{final_url!r} {shown}; only {readable_types()} can be read, so share a page that describes it"
            )
        return Page(url, final_url, content_type, await self._body(final_url, answer))

    async def _body(self, url: str, answer: _Answer) -> bytes:
        """Return the decoded body; both its forms are counted while they grow, whatever Content-Length says."""
        limit = self.limits.max_bytes
        too_large = FetchFailedError(f"{url!r} is larger than {limit:,} bytes; share a smaller part of it")
        if answer.declared_length() > limit:
            raise too_large
        received, body = 0, bytearray()
        try:
            decoder = decoder_for(answer.headers.get("content-encoding", ""))
            async for data in answer.stream:
                received += len(data)
                for piece in decoder.feed(data):
                    body += piece
                    if len(body) > limit or received > limit:
                        raise too_large
            decoder.finish()
        except BodyError as error:
            raise FetchFailedError(f"{url!r} cannot be read: {error}; try again or share another page") from error
        if not body.strip():
            raise FetchFailedError(f"{url!r} has an empty body; open it in a browser to see what it shows")
        return bytes(body)

    @asynccontextmanager
    async def _ask(self, target: Target, accept: str, headers: Mapping[str, str]) -> AsyncIterator[_Answer]:
        import httpcore2  # noqa: PLC0415 - importing the package stays cheap

        address = httpcore2.URL(
            scheme=target.scheme, host=target.url.raw_host, port=target.url.port, target=target.url.raw_path
        )
        sent = {"User-Agent": self.limits.user_agent, "Accept": accept, "Accept-Encoding": ACCEPTED, **headers}
        try:
            async with self._connections().stream("GET", address, headers=list(sent.items())) as response:
                yield _Answer(response.status, _header_map(response.headers), response.aiter_stream())
        except (httpcore2.ProtocolError, httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            raise FetchFailedError(f"{str(target.url)!r} cannot be read: {_network_message(error)}") from error

    def _connections(self) -> httpcore2.AsyncConnectionPool:
        if self._pool is None:
            import httpcore2  # noqa: PLC0415 - importing the package stays cheap

            from technoshare_commentator.retrieval.fetching.network import CheckedBackend, resolve  # noqa: PLC0415 - the same

            self._pool = httpcore2.AsyncConnectionPool(
                ssl_context=self._ssl_context,
                network_backend=CheckedBackend(self._policy, self._resolver or resolve),
                max_connections=None,
                max_keepalive_connections=0,
            )
        return self._pool


@dataclass(frozen=True)
class _Answer:
    """A response whose body has not been read yet."""

    status: int
    headers: Mapping[str, str]
    stream: AsyncIterator[bytes]

    def redirect(self) -> str | None:
        """Return where it redirects, None when it does not."""
        return self.headers.get("location") if self.status in _REDIRECTS else None

    def declared_length(self) -> int:
        """Return what Content-Length says, 0 when it says nothing."""
        length = self.headers.get("content-length", "")
        return int(length) if length.isdecimal() else 0


def _header_map(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return the headers by lower-case name; of one that comes twice the first counts."""
    found: dict[str, str] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), value.decode("utf-8", errors="replace").strip())
    return found


def _joined(target: Target, location: str) -> str:
    import httpx2  # noqa: PLC0415 - importing the package stays cheap

    try:
        return str(target.url.join(location).copy_with(fragment=None))
    except (httpx2.InvalidURL, ValueError):
        return location  # the check of the target says what is wrong with it


def _status_message(url: str, status: int) -> str:
    advice = _ADVICE.get(status)
    if advice is None:
        advice = "the server has a problem; try again later" if status >= _SERVER_ERROR else "open it in a browser"
    try:
        phrase = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = str(status)
    return f"{url!r} answered {phrase}: {advice}"


def _network_message(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in text:
        return f"its certificate is not valid ({text}); tell the owner of the site"
    return f"the connection broke or the answer is not HTTP ({text}); try again"
