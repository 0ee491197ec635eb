"""What the fetcher does for honest servers, and that it keeps its manners on the way."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import zlib
from typing import TYPE_CHECKING

import pytest

from hostile_server import (
    INSIDE,
    PAGE,
    PUBLIC,
    LoopbackPlaysBoth,
    Names,
    Request,
    answer,
    hostile_server,
    redirect,
)
from technoshare_commentator.errors import FetchFailedError, FetchRefusedError
from technoshare_commentator.retrieval.fetching.fetch import Fetcher, FetchLimits, Page
from technoshare_commentator.retrieval.fetching.network import resolve
from tls_files import tls_pair

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hostile_server import Behaviour

NAMES = {"first_example": [[PUBLIC]], "second_example": [[PUBLIC]]}


def fetched(
    routes: Mapping[str, Behaviour], path: str = "/", headers: Mapping[str, str] | None = None
) -> tuple[Page, list[Request]]:
    """Serve `routes` as first.example, fetch one path, and return the page and what was asked."""

    async def scenario() -> tuple[Page, list[Request]]:
        async with hostile_server(routes) as server:
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(**NAMES))
            page = await fetcher.fetch(server.url(path, "first.example"), headers=headers)
            await fetcher.aclose()
            return page, server.requests

    return asyncio.run(scenario())


def test_a_page_comes_with_its_address_type_and_body() -> None:
    page, requests = fetched({"/post": answer(body=PAGE)}, "/post?page=2#comments")
    assert page.body == PAGE
    assert page.content_type == "text/html; charset=utf-8"
    assert page.final_url.endswith("/post?page=2#comments")
    assert [(request.method, request.path) for request in requests] == [("GET", "/post?page=2")]


def test_the_host_header_carries_the_name_and_the_client_says_who_it_is() -> None:
    _, requests = fetched({"/": answer(body=PAGE)})
    assert requests[0].headers["host"].startswith("first.example:")
    assert requests[0].headers["user-agent"].startswith("TechnoShareCommentator/")
    assert requests[0].headers["accept-encoding"] == "gzip, deflate"


def test_five_redirects_are_followed_and_the_last_address_is_kept() -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}", status) for n, status in enumerate((301, 302, 303, 307, 308))}
    page, requests = fetched({**routes, "/5": answer(body=PAGE)}, "/0")
    assert page.url.endswith("/0")
    assert page.final_url.endswith("/5")
    assert len(requests) == 6


def test_the_sixth_redirect_is_not_followed() -> None:
    routes = {f"/{n}": redirect(f"/{n + 1}") for n in range(6)}
    with pytest.raises(FetchFailedError, match="redirects more than 5 times"):
        fetched({**routes, "/6": answer(body=PAGE)}, "/0")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("x-gzip", gzip.compress(PAGE)),
        ("GZIP", gzip.compress(PAGE[:50]) + gzip.compress(PAGE[50:])),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE, wbits=-15)),
        ("identity", PAGE),
        ("", PAGE),
    ],
    ids=["gzip", "x-gzip", "two members", "deflate", "deflate without header", "identity", "none"],
)
def test_encoded_bodies_are_decoded(encoding: str, body: bytes) -> None:
    page, _ = fetched({"/": answer(body=body, headers=[("Content-Encoding", encoding)])})
    assert page.body == PAGE


def test_headers_of_the_caller_do_not_follow_a_redirect_to_another_origin() -> None:
    async def scenario() -> list[Mapping[str, str]]:
        async with hostile_server() as server:
            server.routes["/a"] = redirect(server.url("/b", "first.example"))
            server.routes["/b"] = redirect(server.url("/c", "second.example"))
            server.routes["/c"] = redirect(server.url("/d", "first.example"))
            server.routes["/d"] = answer(body=PAGE)
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(**NAMES))
            await fetcher.fetch(server.url("/a", "first.example"), headers={"Authorization": "Bearer secret"})
            return [request.headers for request in server.requests]

    sent = asyncio.run(scenario())
    assert ["authorization" in headers for headers in sent] == [True, True, False, False]


def test_cookies_are_not_kept_between_redirects_or_fetches() -> None:
    routes = {
        "/": answer(302, headers=[("Location", "/next"), ("Set-Cookie", "session=1; Path=/")]),
        "/next": answer(body=PAGE),
    }
    _, requests = fetched(routes)
    assert len(requests) == 2
    assert all("cookie" not in request.headers for request in requests)


def test_proxies_and_credentials_of_the_environment_are_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async def scenario() -> tuple[list[Request], int]:
        async with hostile_server({"/": answer(body=PAGE)}) as server, hostile_server(host=INSIDE) as proxy:
            for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url())
            netrc = tmp_path / ".netrc"
            netrc.write_text("machine first.example login user password secret\n")
            monkeypatch.setenv("NETRC", str(netrc))
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(**NAMES))
            await fetcher.fetch(server.url("/", "first.example"))
            return server.requests, proxy.connections

    requests, through_proxy = asyncio.run(scenario())
    assert through_proxy == 0
    assert "authorization" not in requests[0].headers


def test_tls_shows_and_checks_the_name_although_the_number_is_connected_to(tmp_path: Path) -> None:
    server_tls, client_tls = tls_pair("first.example", tmp_path)
    shown: list[str | None] = []
    server_tls.sni_callback = lambda _socket, name, _context: shown.append(name)

    async def scenario() -> Page:
        async with hostile_server({"/": answer(body=PAGE)}, tls=server_tls) as server:
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(**NAMES), ssl_context=client_tls)
            page = await fetcher.fetch(f"https://first.example:{server.port}/")
            with pytest.raises(FetchFailedError, match="certificate is not valid"):
                await fetcher.fetch(f"https://second.example:{server.port}/")
            return page

    assert asyncio.run(scenario()).body == PAGE
    assert shown == ["first.example", "second.example"]


def test_a_certificate_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    server_tls, _ = tls_pair("first.example", tmp_path)

    async def scenario() -> None:
        async with hostile_server({"/": answer(body=PAGE)}, tls=server_tls) as server:
            fetcher = Fetcher(
                policy=LoopbackPlaysBoth(), resolver=Names(**NAMES), ssl_context=ssl.create_default_context()
            )
            await fetcher.fetch(f"https://first.example:{server.port}/")

    with pytest.raises(FetchFailedError, match="certificate is not valid"):
        asyncio.run(scenario())


@pytest.mark.parametrize(
    ("greeting", "message"),
    [(b"HTTP/1.1 400 Bad Request\r\n\r\n", "connection broke"), (b"", r"longer than 0\.5 s in total")],
    ids=["plain text", "silence"],
)
def test_a_server_that_does_not_shake_hands_is_a_clear_error(greeting: bytes, message: str) -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            writer.write(greeting)
            await reader.read()  # until the client has gone
        finally:
            writer.transport.abort()

    async def scenario() -> None:
        async with await asyncio.start_server(greet, PUBLIC, 0) as server:
            port = server.sockets[0].getsockname()[1]
            fetcher = Fetcher(FetchLimits(total_seconds=0.5), policy=LoopbackPlaysBoth(), resolver=Names(**NAMES))
            await fetcher.fetch(f"https://first.example:{port}/")

    with pytest.raises(FetchFailedError, match=message):
        asyncio.run(scenario())


def test_the_second_address_is_tried_when_the_first_does_not_answer() -> None:
    class TwoArePublic(LoopbackPlaysBoth):
        def why_refused(self, address: object) -> str:
            return "" if str(address) in {PUBLIC, "127.0.0.3"} else "inside"

    async def scenario() -> Page:
        async with hostile_server({"/": answer(body=PAGE)}) as server:
            names = Names(first_example=[["127.0.0.3", PUBLIC]])
            return await Fetcher(policy=TwoArePublic(), resolver=names).fetch(server.url("/", "first.example"))

    assert asyncio.run(scenario()).body == PAGE


def test_a_closed_port_is_a_clear_error() -> None:
    async def scenario() -> str:
        async with hostile_server() as server:
            port = server.port
        fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=Names(**NAMES))
        with pytest.raises(FetchFailedError) as failure:
            await fetcher.fetch(f"http://first.example:{port}/")
        return str(failure.value)

    assert "no connection to first.example" in asyncio.run(scenario())


def test_allow_private_switches_off_the_rule_about_addresses_and_no_other() -> None:
    async def scenario() -> Page:
        async with hostile_server({"/": answer(body=PAGE)}) as server:
            fetcher = Fetcher(FetchLimits(allow_private=True))
            for url in (
                f"http://2130706433:{server.port}/",
                f"http://user:pw@127.0.0.1:{server.port}/",
                f"http://127.0.0.1.:{server.port}/",
                "file:///etc/passwd",
            ):
                with pytest.raises(FetchRefusedError):
                    await fetcher.fetch(url)
            assert server.connections == 0
            page = await fetcher.fetch(server.url())
            assert (await fetcher.fetch(server.url("/", "localhost"))).body == page.body
            return page

    assert asyncio.run(scenario()).body == PAGE


def test_a_refusal_says_how_to_allow_it() -> None:
    with pytest.raises(FetchRefusedError, match="--allow-private if this is your own network"):
        asyncio.run(Fetcher().fetch("http://127.0.0.1/"))


def test_a_fetcher_that_was_closed_may_be_used_again() -> None:
    async def scenario() -> list[bytes]:
        async with hostile_server({"/": answer(body=PAGE)}) as server:
            fetcher = Fetcher(policy=LoopbackPlaysBoth())
            await fetcher.aclose()
            first = await fetcher.fetch(server.url())
            await fetcher.aclose()
            second = await fetcher.fetch(server.url())
            await fetcher.aclose()
            return [first.body, second.body]

    assert asyncio.run(scenario()) == [PAGE, PAGE]


def test_many_pages_are_fetched_at_the_same_time() -> None:
    async def scenario() -> int:
        async with hostile_server({"/": answer(body=PAGE)}) as server:
            fetcher = Fetcher(policy=LoopbackPlaysBoth())
            pages = await asyncio.gather(*(fetcher.fetch(server.url()) for _ in range(40)))
            return sum(page.body == PAGE for page in pages)

    assert asyncio.run(scenario()) == 40


def test_the_systems_resolver_gives_numbers_and_a_clear_error() -> None:
    assert set(asyncio.run(resolve("localhost", 80))) <= {"127.0.0.1", "::1"}
    with pytest.raises(FetchFailedError, match="is not known"):
        asyncio.run(resolve("a" * 64 + ".example", 80))  # fails before anybody is asked: no label is that long
