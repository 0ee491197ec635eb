"""Pages of every kind through the retriever: what they are is decided by what comes back."""

from __future__ import annotations

import asyncio

import pytest

from hostile_server import PAGE, SENTENCES, LoopbackPlaysBoth, Names, answer, hostile_server, redirect
from pdf_files import pdf_file
from technoshare_commentator.domain import Coverage, Evidence, Link
from technoshare_commentator.errors import FetchFailedError, FetchRefusedError, SourceError
from technoshare_commentator.retrieval.extraction import extract
from technoshare_commentator.retrieval.fetching.fetch import Fetcher
from technoshare_commentator.retrieval.retriever import Retriever
from technoshare_commentator.retrieval.sources.arxiv import ArxivSource
from technoshare_commentator.retrieval.sources.github import GitHubSource
from technoshare_commentator.retrieval.sources.webpage import WebpageSource

PDF = pdf_file([SENTENCES.replace(". ", ".|").split("|")], "A paper")


def retriever() -> Retriever:
    names = Names(site_example=[["127.0.0.1"]], github_com_evil_example=[["127.0.0.1"]])
    fetcher = Fetcher(policy=LoopbackPlaysBoth(), resolver=names)
    return Retriever(fetcher, [GitHubSource(), ArxivSource(), WebpageSource()])


def read(body: bytes, content_type: str, path: str = "/page", host: str = "site.example") -> Evidence:
    async def scenario() -> Evidence:
        async with hostile_server({path: answer(body=body, content_type=content_type)}) as server:
            return await retriever().retrieve(Link(url=server.url(path, host)))

    return asyncio.run(scenario())


@pytest.mark.parametrize(
    ("body", "content_type", "path", "adapter"),
    [
        (PAGE, "text/html", "/post", "webpage"),
        (PAGE, "application/xhtml+xml", "/post", "webpage"),
        (PAGE, "text/plain", "/post", "webpage"),
        (SENTENCES.encode(), "text/plain; charset=utf-8", "/notes.txt", "webpage"),
        (f"# Title\n\n{SENTENCES}\n".encode(), "text/markdown", "/notes", "webpage"),
        (f"# Title\n\n{SENTENCES}\n".encode(), "text/plain", "/raw/README.md", "webpage"),
        (f"Title\n=====\n\n.. note:: Hm\n\n{SENTENCES}".encode(), "text/plain", "/raw/README.rst", "webpage"),
        (PDF, "application/pdf", "/paper.pdf", "pdf"),
        (PDF, "application/pdf", "/download?id=7", "pdf"),
        (PDF, "application/octet-stream", "/paper", "pdf"),
        (PDF, "text/html", "/paper.pdf", "pdf"),
        (PAGE, "text/html", "/paper.pdf", "webpage"),
    ],
    ids=[
        *("html", "xhtml", "html served as text", "text", "markdown", "raw markdown", "raw rst", "pdf", "pdf no name"),
        *("pdf as octets", "pdf as html", "html named pdf"),
    ],
)
def test_a_page_is_read_as_what_it_is(body: bytes, content_type: str, path: str, adapter: str) -> None:
    evidence = read(body, content_type, path)
    assert evidence.adapter_name == adapter
    assert evidence.coverage is Coverage.FULL, evidence.coverage_reason
    assert evidence.text.replace("\n\n", " ").endswith(SENTENCES)
    assert "<p>" not in evidence.text
    assert ".. note" not in evidence.text


def test_a_host_that_only_begins_like_githubs_is_a_webpage() -> None:
    evidence = read(PAGE, "text/html", "/owner/repository", "github.com.evil.example")
    assert evidence.adapter_name == "webpage"
    assert evidence.title == "Title"


def test_githubs_name_before_an_at_sign_is_refused_as_credentials() -> None:
    with pytest.raises(FetchRefusedError, match="user name or password"):
        asyncio.run(retriever().retrieve(Link(url="https://github.com@evil.example/owner/repository")))


@pytest.mark.parametrize(
    ("body", "content_type", "message"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"a" * 50, "text/html", "a PNG image"),
        (b"PK\x03\x04" + b"a" * 50, "text/plain", "a zip archive"),
        (b"text\x00\x01\x02", "text/plain", "binary data"),
        (b"some bytes", "application/octet-stream", "served as 'application/octet-stream'"),
        (b"not a pdf", "application/pdf", "does not start like one"),
        (b"%PDF-1.7\ngarbage", "application/pdf", "cannot be parsed"),
    ],
)
def test_a_body_that_is_not_what_it_says_is_a_clear_error(body: bytes, content_type: str, message: str) -> None:
    with pytest.raises(FetchFailedError, match=message):
        read(body, content_type)


@pytest.mark.parametrize("body", [b"<html><body></body></html>", b"<html><body><nav>Home</nav></body></html>"])
def test_a_page_without_prose_is_an_error_that_says_what_to_do(body: bytes) -> None:
    with pytest.raises(SourceError, match="save the page and run `technoshare comment"):
        read(body, "text/html")


def test_the_link_as_shared_and_where_it_led_are_both_kept() -> None:
    async def scenario() -> tuple[Evidence, str]:
        async with hostile_server({"/old": redirect("/new"), "/new": answer(body=PAGE)}) as server:
            link = server.url("/old", "site.example")
            return await retriever().retrieve(Link(url=link)), link

    evidence, link = asyncio.run(scenario())
    assert evidence.url == link
    assert evidence.final_url.endswith("/new")
    assert evidence.sources == (evidence.final_url,)
    assert Evidence.model_validate_json(evidence.model_dump_json()) == evidence


@pytest.mark.parametrize(
    "url", ["mailto:a@b.example", "ftp://github.com/a/b", "file:///etc/passwd", "page.html", "http://[::1", ""]
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(FetchRefusedError):
        asyncio.run(retriever().retrieve(Link(url=url)))


def test_the_charset_of_the_header_is_used() -> None:
    text = "Größe und Übung zählen viel in dieser Welt. " * 3
    evidence = read(f"<html><body><p>{text}</p></body></html>".encode("cp1252"), "text/html; charset=ISO-8859-1")
    assert "Größe und Übung zählen" in evidence.text


def test_a_page_that_takes_too_long_to_make_sense_of_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "SECONDS_LIMIT", 0.0)
    with pytest.raises(FetchFailedError, match="to make sense of"):
        read(PAGE, "text/html")
