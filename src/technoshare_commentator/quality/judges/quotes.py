"""Whether the words that a judge quotes were there to be read: looked up, never believed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

_OMISSION = re.compile(r"\[\s*(?:\.{3}|…)\s*\]|\.{3}|…")


class Source:
    """The texts that a judge was shown, case, punctuation and white space folded."""

    def __init__(self, texts: Iterable[str]) -> None:
        """Take the texts in their order."""
        self._words = f" {normalise_sentence(' '.join(texts))} "

    def holds(self, quote: str) -> bool:
        """Whether the words of `quote` stand there next to each other, and those around an omission in their order."""
        parts = [words for part in _OMISSION.split(quote) if (words := normalise_sentence(part))]
        position = 0
        for words in parts:
            found = self._words.find(f" {words} ", position)
            if found < 0:
                return False
            position = found + len(words) + 1
        return bool(parts)
