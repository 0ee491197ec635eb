"""Whether the page says something itself, word for word: what it says, a commentary may repeat."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence


# Where a sentence may end; a word of its own, so that two sentences of the page are never one of a commentary.
_END = re.compile(r"[.!?][\"'\u201d\u2019)\]]*\s")
_END_WORD = " endofsentence "


def page_says(evidence: Evidence, text: str) -> bool:
    """Whether the words of `text` stand side by side in the sentences of the page; case and other marks aside.

    A text without words stands nowhere.
    """
    wanted = _folded(text)
    return bool(wanted) and f" {wanted} " in _words(evidence.text)


@lru_cache(maxsize=4)
def _words(text: str) -> str:
    return f" {_folded(text)} "


def _folded(text: str) -> str:
    return normalise_sentence(_END.sub(_END_WORD, text.strip()))
