"""Paragraphs cut into snippets at sentence ends, in the order of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.domain import Snippet
from technoshare_commentator.retrieval.extraction.document import Block, Kind
from technoshare_commentator.sentences import split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SNIPPET_CHARACTERS = 600  # a paragraph of a screen's width: enough context to judge a sentence, short enough to cite
SNIPPET_LIMIT = 400


def cut(blocks: Iterable[Block], limit: int = SNIPPET_LIMIT) -> tuple[tuple[Snippet, ...], int]:
    """Return at most `limit` snippets named `s1`, `s2`, …, and how many there would have been without the limit.

    A snippet never spans two blocks, ends where a sentence ends, and is longer than `SNIPPET_CHARACTERS` only when it
    is one sentence. Its section is the nearest heading above it.
    """
    pieces = list(_pieces(blocks))
    snippets = (Snippet(id=f"s{n}", text=text, section=section) for n, (text, section) in enumerate(pieces[:limit], 1))
    return tuple(snippets), len(pieces)


def _pieces(blocks: Iterable[Block]) -> Iterator[tuple[str, str]]:
    section = ""
    for block in blocks:
        if block.kind is Kind.HEADING:
            section = block.text
            continue
        for text in pack(split_sentences(block.text)):
            yield text, section


def pack(sentences: Iterable[str], size: int = SNIPPET_CHARACTERS) -> Iterator[str]:
    """Join neighbouring sentences with a space as long as the result has at most `size` characters."""
    current = ""
    for sentence in sentences:
        if current and len(current) + 1 + len(sentence) > size:
            yield current
            current = sentence
        else:
            current = f"{current} {sentence}" if current else sentence
    if current:
        yield current
