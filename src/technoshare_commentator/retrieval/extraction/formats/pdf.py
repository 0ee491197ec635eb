"""PDF files by pypdf: pages to paragraphs, running heads and page numbers out, references left out."""

from __future__ import annotations

import io
import logging
import re
import time
from collections import Counter
from typing import TYPE_CHECKING

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.clean_text import tidy, visible_text
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pypdf import PdfReader

PAGE_LIMIT = 60
SECONDS_LIMIT = 30.0  # nobody can stop a thread from outside, and some files are made to be slow
_PAGE_NUMBER = re.compile(r"(?:page\s+)?\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?", re.IGNORECASE)
_NUMBERED_HEADING = re.compile(r"(?:(?:\d{1,2}|[A-H])(?:\.\d{1,2}){0,3}\.?|[IVX]{1,5}\.)\s+[A-Z][\w ,:&/()-]{2,70}")
_PLAIN_HEADING = re.compile(
    r"abstract|introduction|background|related work|methods?|methodology|experiments?|results|evaluation|discussion"
    r"|conclusions?|limitations|acknowledge?ments?|references|bibliography|appendix(?: [A-Z])?|summary|overview",
    re.IGNORECASE,
)
_BULLET = re.compile(r"^(?:[•‣◦▪·\u2013-]|\(?\d{1,2}[.)])\s+(?=\S)")
_ENDS = (".", "!", "?", ":", "…", ".”", '."', ".)")
_REFERENCES = re.compile(r"\b(?:references|bibliography)$", re.IGNORECASE)
_APPENDIX = re.compile(r"\bappendix\b|^[A-H]\.?\s", re.IGNORECASE)
_COMPOUND = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")
_DIGITS = re.compile(r"\d+")
_REPEATED_SHARE = 0.5
_FEW_PAGES = 3
_SHORT_LINE = 0.75


def read_pdf(body: bytes) -> Document:
    """Read at most `PAGE_LIMIT` pages; raise `FetchFailedError` for a file that is locked, broken or without text."""
    reader, count = _open(body)
    wanted = min(count, PAGE_LIMIT)
    pages, failed = _page_texts(reader, wanted)
    if not any(page.strip() for page in pages):
        raise FetchFailedError(
            f"the PDF's {count} pages hold no text, they are probably scans; run them through text recognition first"
        )
    gaps = []
    if count > PAGE_LIMIT:
        gaps.append(f"the PDF has {count:,} pages; the first {PAGE_LIMIT} were read")
    if failed:
        gaps.append(f"{failed} of {wanted} pages could not be read")
    if len(pages) + failed < wanted:
        gaps.append(f"the PDF took too long; {len(pages)} of {wanted} pages were read")
    blocks = tuple(_blocks(_without_running_heads(pages)))
    metadata = _metadata(reader)
    return Document(metadata.pop("title", "") or _first_line(pages), blocks, metadata, tuple(gaps))


def _open(body: bytes) -> tuple[PdfReader, int]:
    from pypdf import PdfReader  # noqa: PLC0415 - only PDF files need it

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it reports every flaw of a stranger's file as a warning
    try:
        reader = PdfReader(io.BytesIO(body), strict=False)
        locked = reader.is_encrypted and not reader.decrypt("")
        count = 0 if locked else len(reader.pages)
    except Exception as error:
        raise FetchFailedError(
            f"the PDF cannot be parsed ({type(error).__name__}: {error}); check that it opens in a viewer"
        ) from error
    if locked:
        raise FetchFailedError("the PDF is locked with a password; share an open copy or the page that describes it")
    return reader, count


def _page_texts(reader: PdfReader, count: int) -> tuple[list[str], int]:
    """Return the texts of the pages that could be read and how many could not; stops after `SECONDS_LIMIT`."""
    pages: list[str] = []
    failed = 0
    deadline = time.monotonic() + SECONDS_LIMIT
    for number in range(count):
        try:
            pages.append(visible_text(reader.pages[number].extract_text() or ""))
        except Exception:  # noqa: BLE001 - pypdf raises anything on a broken page, which must not cost the others
            failed += 1
        if time.monotonic() > deadline:
            break
    return pages, failed


def _metadata(reader: PdfReader) -> dict[str, str]:
    try:
        info: Mapping[str, object] = reader.metadata or {}
        found = {"title": tidy(str(info.get("/Title") or "")), "author": tidy(str(info.get("/Author") or ""))}
    except Exception:  # noqa: BLE001 - a broken information dictionary costs nothing but the title
        return {}
    # Word processors leave the name of their own file there.
    if found["title"].lower().endswith((".doc", ".docx", ".tex", ".dvi", ".indd")) or found["title"] == "untitled":
        found["title"] = ""
    return {key: value for key, value in found.items() if value}


def _without_running_heads(pages: list[str]) -> list[str]:
    """Return all lines, without page numbers and the lines that stand at the edge of every other page."""
    split = [[line.rstrip() for line in page.split("\n")] for page in pages]
    edges: Counter[str] = Counter()
    for lines in split:
        filled = [line for line in lines if line.strip()]
        edges.update({_DIGITS.sub("#", line.strip()) for line in (*filled[:2], *filled[-2:])})
    often = {line for line, seen in edges.items() if len(pages) >= _FEW_PAGES and seen >= _REPEATED_SHARE * len(pages)}
    return [
        line
        for lines in split
        for line in lines
        if _DIGITS.sub("#", line.strip()) not in often and not _PAGE_NUMBER.fullmatch(line.strip())
    ]


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Join lines to paragraphs: one ends at a blank line, a heading, a bullet, or a short line that ends a sentence."""
    width = sorted(len(line) for line in lines if line)[-(len(lines) // 10 + 1)] if any(lines) else 0
    hyphenated = set(_COMPOUND.findall("\n".join(lines)))
    kind, gathered, in_references = Kind.PROSE, list[str](), False
    for line in (*lines, ""):
        text = line.strip()
        heading = bool(_NUMBERED_HEADING.fullmatch(text) or _PLAIN_HEADING.fullmatch(text))
        bullet = _BULLET.match(text)
        if gathered and (not text or heading or bullet):
            yield from _paragraph(kind, gathered, hyphenated)
            kind, gathered = Kind.PROSE, []
        if heading:
            in_references = _REFERENCES.search(text) is not None or (in_references and not _APPENDIX.search(text))
            if not in_references:
                yield Block(Kind.HEADING, tidy(text), level=2)
        elif text and not in_references:
            gathered.append(text[bullet.end() :] if bullet else text)
            kind = Kind.ITEM if bullet else kind
            if len(text) < _SHORT_LINE * width and text.endswith(_ENDS):
                yield from _paragraph(kind, gathered, hyphenated)
                kind, gathered = Kind.PROSE, []


def _paragraph(kind: Kind, lines: list[str], hyphenated: set[str]) -> Iterator[Block]:
    text = lines[0]
    for line in lines[1:]:
        if text.endswith("-") and line[:1].islower():
            compound = text.rsplit(maxsplit=1)[-1] + line.split(maxsplit=1)[0].rstrip(".,;:)")
            text = (text if compound in hyphenated else text[:-1]) + line
        else:
            text = f"{text} {line}"
    if clean := tidy(text):
        yield Block(kind, clean)


def _first_line(pages: list[str]) -> str:
    return next((tidy(line) for page in pages for line in page.split("\n") if line.strip()), "")
