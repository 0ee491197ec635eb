"""One door to all formats: bytes in, document out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.charset import decode
from technoshare_commentator.retrieval.extraction.content_type import Format
from technoshare_commentator.retrieval.extraction.formats.html import read_html
from technoshare_commentator.retrieval.extraction.formats.markdown import read_markdown
from technoshare_commentator.retrieval.extraction.formats.pdf import read_pdf
from technoshare_commentator.retrieval.extraction.formats.plain import read_plain
from technoshare_commentator.retrieval.extraction.formats.restructured import read_restructured

if TYPE_CHECKING:
    from collections.abc import Callable

    from technoshare_commentator.retrieval.extraction.document import Document

# How each text format is read, and how many characters of it: beyond that it is a dump, and the time the parsers need
# grows faster than the text (docutils most of all).
_READERS = {
    Format.HTML: (read_html, 4_000_000),
    Format.MARKDOWN: (read_markdown, 1_000_000),
    Format.RST: (read_restructured, 200_000),
    Format.TEXT: (read_plain, 4_000_000),
}
SECONDS_LIMIT = 45.0
P = ParamSpec("P")
T = TypeVar("T")


def extract(body: bytes, kind: Format, charset: str = "") -> Document:
    """Read `body`, which is CPU work: where an event loop waits, call it through `off_the_loop`.

    `charset` is what the server declared; a PDF needs none. Raises `FetchFailedError` when nothing can be parsed.
    """
    if kind is Format.PDF:
        return read_pdf(body)
    read, limit = _READERS[kind]
    text = decode(body, charset)
    document = read(text[:limit])
    if len(text) <= limit:
        return document
    gap = f"the page has {len(text):,} characters; the first {limit:,} were read"
    return replace(document, gaps=(*document.gaps, gap))


async def off_the_loop(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run CPU work in a thread and wait for it at most `SECONDS_LIMIT`; raise `FetchFailedError` after that.

    The thread itself cannot be stopped; the limits on size see to it that it ends.
    """
    try:
        return await asyncio.wait_for(asyncio.to_thread(function, *args, **kwargs), SECONDS_LIMIT)
    except TimeoutError:
        raise FetchFailedError(
            f"the page took longer than {SECONDS_LIMIT:g} s to make sense of; share a smaller part of it"
        ) from None
