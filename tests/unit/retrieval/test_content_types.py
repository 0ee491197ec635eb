from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.content_type import (
    Format,
    detect,
    is_readable_type,
    parse_content_type,
)


@pytest.mark.parametrize(
    ("header", "parsed"),
    [
        ("text/html", ("text/html", "")),
        ("Text/HTML; Charset=UTF-8", ("text/html", "utf-8")),
        ('text/html;charset="iso-8859-1"; x=y', ("text/html", "iso-8859-1")),
        ("text/html; charset=utf-8; charset=latin-1", ("text/html", "utf-8")),
        ("text/html; boundary=x", ("text/html", "")),
        (" ; charset=utf-8", ("", "utf-8")),
        ("", ("", "")),
    ],
)
def test_type_and_charset_are_taken_from_the_header(header: str, parsed: tuple[str, str]) -> None:
    assert parse_content_type(header) == parsed


@pytest.mark.parametrize(
    ("body", "media_type", "path", "kind"),
    [
        (b"<p>x", "text/html", "/a", Format.HTML),
        (b"<p>x", "text/html", "/a.md", Format.HTML),
        (b"plain", "text/plain", "/a", Format.TEXT),
        (b"plain", "text/plain", "/a.txt", Format.TEXT),
        (b"# md", "text/plain", "/a.MD", Format.MARKDOWN),
        (b"rst", "text/plain", "/a.rst", Format.RST),
        (b"# md", "text/markdown", "/a", Format.MARKDOWN),
        (b"<html>in markdown</html>", "text/markdown", "/a", Format.MARKDOWN),
        (b"  <!DOCTYPE html>", "text/plain", "/a", Format.HTML),
        (b"<!-- c --><html lang=en>", "text/plain", "/a", Format.HTML),
        (b"<?xml version='1.0'?><html>", "text/plain", "/a", Format.HTML),
        (b"<htmlish>", "text/plain", "/a", Format.TEXT),
        (b"junk%PDF-1.7", "text/html", "/a", Format.PDF),
        (b"%PDF-1.7", "application/octet-stream", "/a", Format.PDF),
        (b"<html>about %PDF-1.7", "text/html", "/a", Format.HTML),
        ("Größe".encode("utf-16"), "text/plain", "/a", Format.TEXT),
    ],
)
def test_the_bytes_correct_the_declared_type(body: bytes, media_type: str, path: str, kind: Format) -> None:
    assert detect(body, media_type, f"https://a.example{path}") is kind


@pytest.mark.parametrize(
    "media_type", ["image/png", "application/json", "application/zip", "video/mp4", "", "text/css"]
)
def test_a_type_that_cannot_be_read_is_refused(media_type: str) -> None:
    assert not is_readable_type(media_type)
    with pytest.raises(FetchFailedError, match="can be read"):
        detect(b"something", media_type, "https://a.example/x")


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=100),
    st.sampled_from(["text/html", "text/plain", "application/pdf", "application/octet-stream", "x"]),
)
def test_arbitrary_bytes_have_a_format_or_are_refused(body: bytes, media_type: str) -> None:
    try:
        found = detect(body, media_type, "https://a.example/x").value
    except FetchFailedError as error:
        found = str(error)
    assert found in {kind.value for kind in Format} or ";" in found
