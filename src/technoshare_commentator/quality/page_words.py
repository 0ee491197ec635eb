"""Whether the page says something itself, word for word: what it says, a commentary may repeat."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence


def page_says(evidence: Evidence, text: str) -> bool:
    """Whether the words of `text` stand side by side in a passage, case and punctuation aside; no words stand nowhere."""
    wanted = normalise_sentence(text)
    return bool(wanted) and f" {wanted} " in _words(evidence.text)


@lru_cache(maxsize=4)
def _words(text: str) -> str:
    return f" {normalise_sentence(text)} "
