"""Local files and standard input, for `technoshare comment FILE`; links from Slack never come here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import SourceError
from technoshare_commentator.retrieval.extraction.content import evidence_from_bytes
from technoshare_commentator.retrieval.extraction.content_type import BY_SUFFIX, Format
from technoshare_commentator.retrieval.extraction.evidence import Origin
from technoshare_commentator.retrieval.extraction.extract import off_the_loop

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.domain import Evidence, Link

STDIN = "-"
SIZE_LIMIT = 20_000_000
_CONTENT_TYPES = {
    Format.HTML: "text/html",
    Format.MARKDOWN: "text/markdown",
    Format.RST: "text/x-rst",
    Format.TEXT: "text/plain",
    Format.PDF: "application/pdf",
}


class FileRetriever:
    """The port `Retriever` over files: a link's `url` is a path, or `-` for standard input."""

    def __init__(self, stdin: Callable[[], bytes] | None = None) -> None:
        """`stdin` gives all of standard input as bytes; the default reads the process's own."""
        self._stdin = stdin or (lambda: sys.stdin.buffer.read(SIZE_LIMIT + 1))

    async def retrieve(self, link: Link) -> Evidence:
        """Read the file; raise `SourceError` when it cannot be read or holds no prose."""
        return await off_the_loop(self._read, link.url)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _read(self, name: str) -> Evidence:
        if name == STDIN:
            body = self._stdin()
            _refuse_too_large(body, "standard input")
            return _file_evidence(name, body, guess_content_type(body))
        path = Path(name)
        return _file_evidence(name, read_file(path), content_type_of(path))


def content_type_of(path: Path) -> str:
    """Return the media type that a file's suffix stands for; raise `SourceError` for one that cannot be read."""
    kind = BY_SUFFIX.get(path.suffix.lower())
    if kind is None:
        known = ", ".join(sorted(BY_SUFFIX))
        raise SourceError(f"{str(path)!r} has the suffix {path.suffix!r}; rename or convert it to one of {known}")
    return _CONTENT_TYPES[kind]


def guess_content_type(body: bytes) -> str:
    """Return the media type of input without a name: HTML when it starts with a tag or holds one, else Markdown."""
    head = body[:4096].lstrip().lower()
    looks_like_html = head.startswith((b"<!doctype", b"<html", b"<?xml")) or b"<body" in head or b"</p>" in head
    return "text/html" if looks_like_html else "text/markdown"


def read_file(path: Path) -> bytes:
    """Return the bytes of a regular file of at most `SIZE_LIMIT` bytes, or raise `SourceError`."""
    try:
        if not path.is_file():
            problem = "is a folder" if path.is_dir() else "does not exist"
            raise SourceError(f"{str(path)!r} {problem}; give a URL, a file or '-' for standard input")
        with path.open("rb") as file:
            body = file.read(SIZE_LIMIT + 1)
    except OSError as error:
        raise SourceError(f"{str(path)!r} cannot be read ({error.strerror}); check its permissions") from error
    _refuse_too_large(body, str(path))
    return body


def _file_evidence(name: str, body: bytes, content_type: str) -> Evidence:
    title = "standard input" if name == STDIN else Path(name).stem
    origin = Origin(url=name, final_url=name, adapter_name="file", title=title)
    return evidence_from_bytes(name, body, content_type, origin=origin)


def _refuse_too_large(body: bytes, name: str) -> None:
    if len(body) > SIZE_LIMIT:
        raise SourceError(f"{name!r} has more than {SIZE_LIMIT:,} bytes; give a smaller file, such as one chapter")
