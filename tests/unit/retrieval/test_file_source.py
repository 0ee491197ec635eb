from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.domain import Coverage, Evidence, Link
from technoshare_commentator.errors import SourceError
from technoshare_commentator.retrieval.sources import file
from technoshare_commentator.retrieval.sources.file import FileRetriever, guess_content_type

if TYPE_CHECKING:
    from pathlib import Path

SENTENCES = " ".join(f"Sentence number {n} says something whole about storage engines." for n in range(20))


def read(name: object, stdin: bytes = b"") -> Evidence:
    return asyncio.run(FileRetriever(lambda: stdin).retrieve(Link(url=str(name))))


@pytest.mark.parametrize(
    ("name", "body", "title"),
    [
        ("post.html", f"<html><body><h1>Post</h1><p>{SENTENCES}</p></body></html>", "Post"),
        ("post.HTM", f"<html><body><h1>Post</h1><p>{SENTENCES}</p></body></html>", "Post"),
        ("notes.md", f"## Section\n\n{SENTENCES}", "notes"),
        ("notes.rst", f"Notes\n=====\n\n{SENTENCES}", "Notes"),
        ("abstract.txt", f"Title: A paper\nAuthors: Ada\n\n{SENTENCES}", "A paper"),
    ],
)
def test_a_file_is_read_by_its_suffix(name: str, body: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(body, encoding="utf-8")
    evidence = read(path)
    assert (evidence.url, evidence.adapter_name, evidence.title) == (str(path), "file", title)
    assert evidence.coverage is Coverage.FULL


@pytest.mark.parametrize(
    ("body", "title"),
    [
        (f"<!doctype html><title>Page</title><p>{SENTENCES}</p>", "Page"),
        (f"# Notes\n\n{SENTENCES}", "Notes"),
        (SENTENCES, "standard input"),
    ],
)
def test_standard_input_is_html_or_markdown_by_its_looks(body: str, title: str) -> None:
    evidence = read("-", body.encode())
    assert (evidence.url, evidence.title, evidence.coverage) == ("-", title, Coverage.FULL)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>", "text/html"),
        (b"\n <?xml version='1.0'?>", "text/html"),
        (b"text</p>", "text/html"),
        (b"# Title", "text/markdown"),
        (b"", "text/markdown"),
    ],
)
def test_input_without_a_name_is_guessed(body: bytes, content_type: str) -> None:
    assert guess_content_type(body) == content_type


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty.md").write_text("")
    (tmp_path / "image.md").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "data.csv").write_text("a,b\n")
    for name, message in [
        ("missing.md", "does not exist"),
        ("folder.md", "is a folder"),
        ("empty.md", "no readable text"),
        ("image.md", "a PNG image"),
        ("data.csv", r"suffix '\.csv'"),
    ]:
        with pytest.raises(SourceError, match=message):
            read(tmp_path / name)
    with pytest.raises(SourceError, match="no readable text was found behind '-'"):
        read("-")


def test_a_file_or_input_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "SIZE_LIMIT", 100)
    (tmp_path / "large.md").write_text(SENTENCES)
    with pytest.raises(SourceError, match="more than 100 bytes"):
        read(tmp_path / "large.md")
    with pytest.raises(SourceError, match="more than 100 bytes"):
        read("-", SENTENCES.encode())


def test_the_same_file_gives_the_same_evidence(tmp_path: Path) -> None:
    path = tmp_path / "post.html"
    path.write_text(f"<html><body><h1>Post</h1><p>{SENTENCES}</p></body></html>")
    assert read(path).model_dump_json() == read(path).model_dump_json()
