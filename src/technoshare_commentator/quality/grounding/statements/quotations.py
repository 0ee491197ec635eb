"""Whether quoted words stand on the page word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.parsed import folded
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_QUOTED = re.compile(r"\"([^\"]+)\"|(?<!\w)'([^']+)'(?!\w)")
_OMITTED = re.compile(r"\s*(?:\.\.\.|\u2026|\[[^\]]*\])\s*")
_LEAST_WORDS = 2  # a single word in quotes is often the writer's distance, not a quotation


def quote_problems(text: str, normalised_page: Callable[[], str]) -> Iterator[Problem]:
    """Yield every quotation of two words or more that the page, normalised as sentences are, does not hold."""
    for match in _QUOTED.finditer(folded(text)):
        quoted = match.group(1) or match.group(2)
        pieces = [normalise_sentence(piece) for piece in _OMITTED.split(quoted)]
        if len(quoted.split()) >= _LEAST_WORDS and not all(
            f" {piece} " in normalised_page() for piece in pieces if piece
        ):
            yield Problem("quote", quoted, "the page does not hold these words")
