"""What a body really is: its declared type, corrected where the first bytes say otherwise."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from technoshare_commentator.errors import FetchFailedError


class Format(StrEnum):
    """The formats that can be read."""

    HTML = "html"
    MARKDOWN = "markdown"
    RST = "restructuredtext"
    TEXT = "plain text"
    PDF = "pdf"


_BY_TYPE = {
    "text/html": Format.HTML,
    "application/xhtml+xml": Format.HTML,
    "text/markdown": Format.MARKDOWN,
    "text/x-markdown": Format.MARKDOWN,
    "text/x-rst": Format.RST,
    "text/prs.fallenstein.rst": Format.RST,
    "text/plain": Format.TEXT,
    "application/pdf": Format.PDF,
    "application/x-pdf": Format.PDF,
}
BY_SUFFIX = {
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".mdx": Format.MARKDOWN,
    ".rst": Format.RST,
    ".txt": Format.TEXT,
    ".text": Format.TEXT,
    ".pdf": Format.PDF,
}
# Types that servers give to files they know nothing about; only a PDF can be told from its first bytes for sure.
VAGUE_TYPES = frozenset({"application/octet-stream", "binary/octet-stream", "application/force-download"})
_MAGIC = (
    (b"\x89PNG", "a PNG image"), (b"\xff\xd8\xff", "a JPEG image"), (b"GIF8", "a GIF image"),
    (b"RIFF", "an image or sound file"), (b"PK\x03\x04", "a zip archive"), (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf", "a 7z archive"), (b"BZh", "a bzip2 archive"), (b"\xfd7zXZ", "an xz archive"),
    (b"\x7fELF", "a program"), (b"MZ\x90", "a program"), (b"\x00asm", "a WebAssembly module"),
    (b"OggS", "a sound file"), (b"ID3", "a sound file"), (b"SQLite format 3", "a database"),
)  # fmt: skip
_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_HEAD = 4096
_PDF_WINDOW = 1024


def parse_content_type(header: str) -> tuple[str, str]:
    """Return media type and charset of a Content-Type header, both lower case, empty where absent."""
    essence, *parameters = header.split(";")
    charset = ""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and not charset:
            charset = value.strip().strip("\"'").lower()
    return essence.strip().lower(), charset


def is_readable_type(media_type: str) -> bool:
    """Whether a body of this declared type is worth downloading."""
    return media_type in _BY_TYPE or media_type in VAGUE_TYPES


def readable_types() -> str:
    """Return the types that can be read, for messages."""
    return "HTML, Markdown, reStructuredText, plain text and PDF"


def detect(body: bytes, media_type: str, url: str) -> Format:
    """Return the format of a body; raise `FetchFailedError` when it is none that can be read.

    The bytes win where they are certain (PDF, a full HTML document, binary files); the path's suffix tells Markdown
    from plain text, because raw files are served as `text/plain`.
    """
    if b"%PDF-" in body[:_PDF_WINDOW] and not _HTML_START.match(body[:_HEAD]):
        return Format.PDF
    _refuse_binary(body, media_type, url)
    declared = _BY_TYPE.get(media_type)
    if declared is None:
        raise FetchFailedError(
            f"{url!r} is served as {media_type or '(no type)'!r}; only {readable_types()} can be read, so share a page "
            "that describes it instead"
        )
    if declared is Format.PDF:
        raise FetchFailedError(f"{url!r} says it is a PDF but does not start like one; open it in a browser to see why")
    suffix = BY_SUFFIX.get(PurePosixPath(urlsplit(url).path).suffix.lower())
    if declared is Format.TEXT and suffix in {Format.MARKDOWN, Format.RST}:
        return suffix
    return Format.HTML if declared is not Format.MARKDOWN and _HTML_START.match(body[:_HEAD]) else declared


def _refuse_binary(body: bytes, media_type: str, url: str) -> None:
    found = next((name for magic, name in _MAGIC if body.startswith(magic)), "")
    head = body[:_HEAD]
    if not found and b"\0" in head and not head.startswith((b"\xff\xfe", b"\xfe\xff")):
        found = "binary data"
    if found:
        raise FetchFailedError(
            f"{url!r} is served as {media_type!r} but holds {found}; only {readable_types()} can be read, so share a "
            "page that describes it instead"
        )
