"""Every address and every answer by which a stranger could misuse the fetcher, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import gzip
import time
import zlib
from typing import TYPE_CHECKING

import pytest

from hostile_server import (
    INSIDE,
    PAGE,
    PUBLIC,
    Behaviour,
    HostileServer,
    LoopbackPlaysBoth,
    Names,
    answer,
    endless,
    hostile_server,
    raw,
    redirect,
    reset,
    silence,
)
from technoshare_commentator.errors import FetchFailedError, FetchRefusedError
from technoshare_commentator.retrieval.fetching.fetch import Fetcher, FetchLimits, Page

if TYPE_CHECKING:
    from technoshare_commentator.errors import SourceError

# Names and what they stand for; every other name is unknown territory and answers with a documentation address.
RESOLVED: dict[str, list[list[str]]] = {
    "inside_example": [[INSIDE]],
    "private_example": [["10.1.2.3"]],
    "metadata_example": [["169.254.169.254"]],
    "mixed_example": [["198.41.0.4", "192.168.1.1"]],
    "sixes_example": [["fd00::5"]],
    "mapped_example": [["::ffff:127.0.0.2"]],
    "nat64_example": [["64:ff9b::a00:1"]],
    "scoped_example": [["fe80::1%1"]],
    "octal_example": [["0177.0.0.1"]],
    "nothing_example": [[]],
}

# id, URL ({port} is a server that must never be reached), part of the message
HOSTILE_URLS = [
    ("scheme-file", "file:///etc/passwd", "its scheme is 'file'"),
    ("scheme-ftp", "ftp://ftp.example.com/a", "its scheme is 'ftp'"),
    ("scheme-gopher", "gopher://example.com:6379/_INFO", "its scheme is 'gopher'"),
    ("scheme-javascript", "javascript:alert(1)", "its scheme is 'javascript'"),
    ("scheme-data", "data:text/html,<p>hello</p>", "its scheme is 'data'"),
    ("scheme-none", "example.com/page", "its scheme is ''"),
    ("scheme-relative", "//example.com/page", "its scheme is ''"),
    ("scheme-websocket", "ws://example.com/", "its scheme is 'ws'"),
    ("no-host", "http:///etc/passwd", "names no host"),
    ("no-host-opaque", "http:example.com", "names no host"),
    ("credentials", "http://user:password@example.com/", "user name or password"),
    ("credentials-as-disguise", "https://github.com@evil.example/owner/repo", "user name or password"),
    ("credentials-empty-password", "http://user:@example.com/", "user name or password"),
    ("backslash-host", "http://good.example\\@127.0.0.2:{port}/", "backslash"),
    ("backslash-path", "http:\\\\127.0.0.2:{port}/", "backslash"),
    ("space", "http://127.0.0.2 .example/", "a space"),
    ("tab", "http://127.0.0\t.2:{port}/", "a space"),
    ("line-break", "http://example.com/\r\nHost: inside", "a space"),
    ("null", "http://example.com\x00.inside/", "invisible character"),
    ("zero-width", "http://exam\u200bple.com/", "invisible character"),
    ("direction-override", "http://\u202eexample.com/", "invisible character"),
    ("too-long", "http://example.com/" + "a" * 5000, "more than 4,096 characters"),
    ("port-zero", "http://example.com:0/", "port 0 does not exist"),
    ("port-too-high", "http://example.com:70000/", "port 70000 does not exist"),
    ("port-not-a-number", "http://example.com:http/", "not a valid URL"),
    ("port-smtp", "http://example.com:25/", "port 25 belongs to another service"),
    ("port-ssh", "http://example.com:22/", "port 22 belongs to another service"),
    ("loopback", "http://127.0.0.2:{port}/", "loopback"),
    ("loopback-other", "http://127.255.255.254:{port}/", "loopback"),
    ("loopback-decimal", "http://2130706434:{port}/", "address in disguise"),
    ("loopback-octal", "http://0177.0.0.02:{port}/", "not a valid URL"),
    ("loopback-octal-number", "http://017700000002:{port}/", "address in disguise"),
    ("loopback-hexadecimal", "http://0x7f000002:{port}/", "address in disguise"),
    ("loopback-hexadecimal-parts", "http://0x7f.0.0.0x2:{port}/", "address in disguise"),
    ("loopback-two-parts", "http://127.2:{port}/", "address in disguise"),
    ("loopback-three-parts", "http://127.0.2:{port}/", "address in disguise"),
    ("loopback-trailing-dot", "http://127.0.0.2.:{port}/", "ends in a dot"),
    ("loopback-ideographic-dots", "http://127\u30020\u30020\u30022:{port}/", "loopback"),
    ("loopback-fullwidth", "http://\uff11\uff12\uff17.0.0.2:{port}/", "not a valid URL"),
    ("loopback-circled", "http://\u2460\u2461\u2466.0.0.2:{port}/", "not a valid URL"),
    ("loopback-percent", "http://127%2e0%2e0%2e2:{port}/", "zone id or an encoded character"),
    ("loopback-too-many-parts", "http://127.0.0.0.2:{port}/", "address in disguise"),
    ("loopback-part-too-large", "http://127.0.0.258:{port}/", "not a valid URL"),
    ("loopback-ipv6", "http://[::1]:{port}/", "loopback"),
    ("loopback-ipv6-long", "http://[0:0:0:0:0:0:0:1]:{port}/", "loopback"),
    ("loopback-mapped", "http://[::ffff:127.0.0.2]:{port}/", "IPv4 address in IPv6 form"),
    ("loopback-mapped-hexadecimal", "http://[::ffff:7f00:2]:{port}/", "IPv4 address in IPv6 form"),
    ("loopback-compatible", "http://[::127.0.0.2]:{port}/", "IPv4 address in IPv6 form"),
    ("loopback-6to4", "http://[2002:7f00:0002::1]/", "6to4"),
    ("loopback-teredo", "http://[2001:0:7f00:2::1]/", "Teredo"),
    ("loopback-nat64", "http://[64:ff9b::7f00:2]/", "translation of an address that is loopback"),
    ("nat64-local", "http://[64:ff9b:1::a00:1]/", "local translation"),
    ("unspecified", "http://0.0.0.0:{port}/", "unspecified"),
    ("unspecified-short", "http://0:{port}/", "address in disguise"),
    ("unspecified-ipv6", "http://[::]:{port}/", "unspecified"),
    ("private-ten", "http://10.0.0.1/", "private"),
    ("private-172", "http://172.31.255.1/", "private"),
    ("private-192", "http://192.168.0.1/admin", "private"),
    ("carrier", "http://100.64.0.1/", "CGNAT"),
    ("link-local-metadata", "http://169.254.169.254/latest/meta-data/", "link-local"),
    ("link-local-ipv6", "http://[fe80::1]/", "link-local"),
    ("zone-id", "http://[fe80::1%25eth0]/", "zone id"),
    ("private-ipv6", "http://[fd12:3456::1]/", "private"),
    ("site-local-ipv6", "http://[fec0::1]/", "site-local"),
    ("multicast", "http://224.0.0.251/", "multicast"),
    ("multicast-ipv6", "http://[ff02::fb]/", "multicast"),
    ("reserved", "http://240.0.0.1/", "reserved"),
    ("reserved-ipv6", "http://[4000::1]/", "reserved"),
    ("broadcast", "http://255.255.255.255/", "broadcast"),
    ("documentation", "http://192.0.2.1/", "documentation"),
    ("documentation-ipv6", "http://[2001:db8::1]/", "documentation"),
    ("benchmark", "http://198.18.0.1/", "benchmarks"),
    ("name-localhost", "http://localhost:{port}/", "not a public one"),
    ("name-localhost-capitals", "http://LocalHost:{port}/", "not a public one"),
    ("name-localhost-dot", "http://localhost.:{port}/", "ends in a dot"),
    ("name-localhost-below", "http://a.b.localhost:{port}/", "not a public one"),
    ("name-single-label", "http://intranet/", "not a public one"),
    ("name-local", "http://printer.local/", "not a public one"),
    ("name-internal", "http://metadata.google.internal/computeMetadata/v1/", "not a public one"),
    ("name-empty-label", "http://example..com/", "not a valid name"),
    ("name-leading-dot", "http://.example.com/", "not a valid name"),
    ("name-too-long-label", "http://" + "a" * 64 + ".example.com/", "not a valid name"),
    ("resolves-to-loopback", "http://inside.example:{port}/", "leads to 127.0.0.2, which is not a public"),
    ("resolves-to-private", "http://private.example/", "leads to 10.1.2.3"),
    ("resolves-to-metadata", "http://metadata.example/", "link-local"),
    ("resolves-to-mixture", "http://mixed.example/", "leads to 192.168.1.1"),
    ("resolves-to-private-ipv6", "http://sixes.example/", "leads to fd00::5"),
    ("resolves-to-mapped", "http://mapped.example:{port}/", "IPv4 address in IPv6 form"),
    ("resolves-to-nat64-of-private", "http://nat64.example/", "translation of an address that is private"),
    ("resolves-to-scoped", "http://scoped.example/", "bound to a network interface"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "rule"), [row[1:] for row in HOSTILE_URLS], ids=[row[0] for row in HOSTILE_URLS])
def test_a_hostile_url_is_refused_and_nothing_is_connected_to(url: str, rule: str) -> None:
    async def scenario() -> tuple[str, int]:
        async with hostile_server({"/": answer(body=PAGE)}, host=INSIDE) as server:
            fetcher = Fetcher(resolver=Names(**RESOLVED))
            with pytest.raises(FetchRefusedError) as refusal:
                await fetcher.fetch(url.replace("{port}", str(server.port)))
            await fetcher.aclose()
            return str(refusal.value), server.connections

    message, connections = asyncio.run(scenario())
    assert rule in message
    assert ";" in message, "the message says what to do"
    assert connections == 0


@pytest.mark.parametrize("name", ["octal.example", "nothing.example"])
def test_a_name_without_usable_addresses_is_not_connected_to(name: str) -> None:
    with pytest.raises(FetchFailedError, match="no usable address"):
        asyncio.run(Fetcher(resolver=Names(**RESOLVED)).fetch(f"http://{name}/"))


def gzipped(size: int) -> bytes:
    """A gzip stream that unpacks to `size` zeros, made in pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    piece = b"0" * 1_000_000
    return b"".join(packer.compress(piece) for _ in range(size // len(piece))) + packer.flush()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzipped(200_000_000)
FLAT_BOMB = zlib.compress(b"0" * 50_000_000)
CUT_OFF = gzip.compress(PAGE)[:-9]

# id, what the server does, part of the message
HOSTILE_ANSWERS: list[tuple[str, Behaviour, str]] = [
    ("redirect-to-loopback", redirect("http://127.0.0.2:{inside}/"), "redirects to where it must not"),
    ("redirect-to-name-inside", redirect("http://inside.example:{inside}/"), "leads to 127.0.0.2"),
    ("redirect-to-metadata", redirect("http://169.254.169.254/latest/"), "link-local"),
    ("redirect-to-decimal", redirect("http://2130706434:{inside}/", 301), "address in disguise"),
    ("redirect-to-file", redirect("file:///etc/passwd", 307), "its scheme is 'file'"),
    ("redirect-to-credentials", redirect("http://user:pw@public.example/"), "user name or password"),
    ("redirect-protocol-relative", redirect("//127.0.0.2:{inside}/", 308), "redirects to where it must not"),
    ("redirect-second-hop-inside", redirect("/hop-inside"), "redirects to where it must not"),
    ("redirect-loop", redirect("/"), "redirects more than 5 times"),
    ("redirect-without-location", answer(302), "answered 302"),
    ("redirect-to-nonsense", redirect("http://[::1"), "not a valid URL"),
    ("redirect-with-spaces", redirect("http://public.example/a b\tc"), "a space"),
    ("redirect-to-gopher", redirect("gopher://public.example/"), "its scheme is 'gopher'"),
    ("status-400", answer(400, PAGE), "answered 400 Bad Request"),
    ("status-401", answer(401, PAGE), "wants a login"),
    ("status-403", answer(403, PAGE), "does not let programs in"),
    ("status-404", answer(404, PAGE), "check the link"),
    ("status-429", answer(429, PAGE), "wait and try again"),
    ("status-500", answer(500, PAGE), "try again later"),
    ("status-999", answer(999, PAGE), "answered 999"),
    ("status-204", answer(204), "answered 204 No Content"),
    ("status-206", answer(206, PAGE), "answered 206"),
    ("status-304", answer(304), "answered 304"),
    ("type-missing", answer(body=PAGE, content_type=""), "served without a Content-Type"),
    ("type-image", answer(body=b"\x89PNG\r\n", content_type="image/png"), "served as 'image/png'"),
    ("type-zip", answer(body=b"PK\x03\x04", content_type="application/zip"), "served as 'application/zip'"),
    ("type-json", answer(body=b"{}", content_type="application/json"), "served as 'application/json'"),
    ("type-nonsense", answer(body=PAGE, content_type="text/html\x80; ="), "served as"),
    ("body-empty", answer(body=b""), "empty body"),
    ("body-blank", answer(body=b" \r\n\t "), "empty body"),
    ("body-too-large", answer(body=b"a" * 300_000), "larger than 200,000 bytes"),
    ("body-endless", endless(OK + b"\r\n", b"<p>more</p>" * 1000), "larger than 200,000 bytes"),
    ("body-endless-chunks", endless(CHUNKED, b"5\r\nhello\r\n" * 1000), "larger than"),
    ("body-declared-too-large", raw(OK + b"Content-Length: 99999999999\r\n\r\n", b"a"), "larger than"),
    ("bomb-gzip", answer(body=BOMB, headers=[("Content-Encoding", "gzip")]), "larger than 200,000 bytes"),
    ("bomb-deflate", answer(body=FLAT_BOMB, headers=[("Content-Encoding", "deflate")]), "larger than"),
    ("bomb-nested", answer(body=gzip.compress(BOMB), headers=[("Content-Encoding", "gzip, gzip")]), "encoded as"),
    ("encoding-not-asked-for", answer(body=PAGE, headers=[("Content-Encoding", "br")]), "encoded as 'br'"),
    ("encoding-unknown", answer(body=PAGE, headers=[("Content-Encoding", "rot13")]), "encoded as 'rot13'"),
    ("encoding-lie", answer(body=PAGE, headers=[("Content-Encoding", "gzip")]), "not valid gzip"),
    ("encoding-cut-off", answer(body=CUT_OFF, headers=[("Content-Encoding", "gzip")]), "in the middle"),
    ("length-too-long", raw(OK + b"Content-Length: 5000\r\n\r\n" + PAGE[:200]), "connection broke"),
    ("length-of-5000-digits", raw(OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n" + PAGE), "not HTTP"),
    ("length-negative", raw(OK + b"Content-Length: -5\r\n\r\n" + PAGE), "not HTTP"),
    ("length-twice", raw(OK + b"Content-Length: 5\r\nContent-Length: 9\r\n\r\n" + PAGE), "not HTTP"),
    ("chunk-cut-off", raw(CHUNKED + b"fff\r\nabc"), "connection broke"),
    ("chunk-nonsense", raw(CHUNKED + b"zz\r\nabc"), "not HTTP"),
    ("headers-endless", endless(b"HTTP/1.1 200 OK\r\n", b"X-More: and more\r\n" * 100), "not HTTP"),
    ("headers-one-endless", endless(b"HTTP/1.1 200 OK\r\nX-Long: ", b"a" * 10_000), "not HTTP"),
    ("headers-invalid", raw(b"HTTP/1.1 200 OK\r\nBad Header\r\n\r\n"), "not HTTP"),
    ("headers-null", raw(OK + b"X-Odd: a\x00b\r\n\r\n" + PAGE), "not HTTP"),
    ("not-http", raw(b"220 mail.example ESMTP\r\n"), "not HTTP"),
    ("nothing-at-all", raw(b""), "connection broke"),
    ("reset-at-once", reset(), "connection broke"),
    ("reset-in-body", reset(OK + b"Content-Length: 5000\r\n\r\nabc"), "connection broke"),
    ("informational-forever", endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.01), "longer than 1 s in total"),
    ("silence", silence(), "longer than 1 s in total"),
    ("slow-headers", endless(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", 0.1), "longer than 1 s in total"),
    ("slow-body", endless(OK + b"\r\n", b"<p>a</p>", 0.1), "longer than 1 s in total"),
    ("slow-redirects", raw(b"HTTP/1.1 302 Found\r\n", b"Location: /\r\n\r\n", pause=0.4), "longer than 1 s"),
]  # fmt: skip
LIMITS = FetchLimits(total_seconds=1.0, max_bytes=200_000)


@pytest.mark.parametrize(
    ("behaviour", "reason"), [row[1:] for row in HOSTILE_ANSWERS], ids=[row[0] for row in HOSTILE_ANSWERS]
)
def test_a_hostile_answer_ends_in_a_clear_error_and_never_inside(behaviour: Behaviour, reason: str) -> None:
    async def scenario() -> tuple[SourceError, int]:
        async with hostile_server({"/": answer(body=PAGE)}, host=INSIDE) as inside:
            routes = {"/": aimed(behaviour, inside), "/hop-inside": redirect(inside.url())}
            async with hostile_server(routes) as server:
                names = Names(public_example=[[PUBLIC]], inside_example=[[INSIDE]])
                fetcher = Fetcher(LIMITS, policy=LoopbackPlaysBoth(), resolver=names)
                with pytest.raises((FetchFailedError, FetchRefusedError)) as failure:
                    await fetcher.fetch(server.url("/", "public.example"))
                await fetcher.aclose()
        return failure.value, inside.connections

    started = time.monotonic()
    error, connections = asyncio.run(scenario())
    assert reason in str(error)
    assert ";" in str(error) or ":" in str(error)
    assert connections == 0
    assert time.monotonic() - started < 5


def aimed(behaviour: Behaviour, inside: HostileServer) -> Behaviour:
    """Put the port of the server inside where a redirect names it."""

    async def send(request: object, writer: asyncio.StreamWriter) -> None:
        await behaviour(request, Aimed(writer, inside.port))  # type: ignore[arg-type]  # a writer in all that is used

    return send


class Aimed:
    """A stream writer that writes `{inside}` as a port number."""

    def __init__(self, writer: asyncio.StreamWriter, port: int) -> None:
        self._writer = writer
        self._port = str(port).encode()

    def write(self, data: bytes) -> None:
        """Write, with the port put in."""
        self._writer.write(data.replace(b"{inside}", self._port))

    def __getattr__(self, name: str) -> object:
        """Everything else is the writer's own."""
        return getattr(self._writer, name)


def test_the_lists_hold_at_least_sixty_hostile_urls_and_answers_with_different_names() -> None:
    names = [row[0] for row in (*HOSTILE_URLS, *HOSTILE_ANSWERS)]
    assert len(set(names)) == len(names) >= 120


def test_a_name_that_moves_inside_after_the_check_gains_nothing() -> None:
    """DNS rebinding: public when asked first, inside when asked again; one fetch asks once and connects to that."""

    async def scenario() -> tuple[Page, list[str], int]:
        async with (
            hostile_server({"/": answer(body=PAGE)}) as public,
            hostile_server({"/": answer(body=b"secret")}, host=INSIDE, port=public.port) as inside,
        ):
            names = Names(rebinding_example=[[PUBLIC], [INSIDE]])
            fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=names)
            page = await fetcher.fetch(public.url("/", "rebinding.example"))
            with pytest.raises(FetchRefusedError, match=r"leads to 127\.0\.0\.2"):
                await fetcher.fetch(public.url("/", "rebinding.example"))
            return page, names.asked, inside.connections

    page, asked, connections = asyncio.run(scenario())
    assert page.body == PAGE
    assert asked == ["rebinding.example", "rebinding.example"]
    assert connections == 0


def test_a_name_that_moves_inside_between_two_redirects_is_refused() -> None:
    async def scenario() -> int:
        async with (
            hostile_server({"/": redirect("/next")}) as public,
            hostile_server({"/next": answer(body=b"secret")}, host=INSIDE, port=public.port) as inside,
        ):
            names = Names(rebinding_example=[[PUBLIC], [INSIDE]])
            with pytest.raises(FetchRefusedError, match=r"leads to 127\.0\.0\.2"):
                await Fetcher(policy=LoopbackPlaysBoth(), resolver=names).fetch(public.url("/", "rebinding.example"))
            return inside.connections

    assert asyncio.run(scenario()) == 0


def test_a_resolver_that_never_answers_counts_against_the_total_time() -> None:
    async def never(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(60)
        return []

    started = time.monotonic()
    with pytest.raises(FetchFailedError, match=r"longer than 0\.3 s in total"):
        asyncio.run(Fetcher(FetchLimits(total_seconds=0.3), resolver=never).fetch("http://slow.example/"))
    assert time.monotonic() - started < 5
