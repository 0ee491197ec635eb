"""Which numbers are versions: `v2.4`, "version 3", `Osprey 3.4`, "since 3.3"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.lexicon import STOP_WORDS
from technoshare_commentator.vocabulary import is_common

if TYPE_CHECKING:
    from technoshare_commentator.quality.grounding.language.quantity import Quantity

_VERSIONED = re.compile(r"(?:\bv|versions?|releases?|python|[A-Z][\w.+#-]*)\s*$")
_VERSION_PLACE = re.compile(r"\b(?:in|until|since|before|after)\s$")
_LOOK = 24  # characters in front of a number


def is_version(quantity: Quantity, text: str) -> bool:
    """Whether a bare number tells a version: behind a `v`, "version" or a name."""
    before = text[max(0, quantity.start - _LOOK) : quantity.start]
    if quantity.dimension or not quantity.text[:1].isdigit():
        return False
    numbered = "." in quantity.text and not quantity.text.startswith("0") and _VERSION_PLACE.search(before)
    named = _VERSIONED.search(before)
    return bool(numbered or (named and not _is_plain(named.group().strip())))


def _is_plain(word: str) -> bool:
    """Whether a word has its capital from opening a sentence only: the "Roughly" of "Roughly 1200"."""
    return word[0].isupper() and (word.lower() in STOP_WORDS or is_common(word.lower()) or word.endswith("ly"))
