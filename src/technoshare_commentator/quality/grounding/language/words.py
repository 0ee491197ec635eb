"""The words of a sentence, folded so that inflected forms and synonyms meet."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.inflections import IRREGULAR
from technoshare_commentator.quality.grounding.language.lexicon import STOP_WORDS
from technoshare_commentator.quality.grounding.language.names import key, parts, tokens
from technoshare_commentator.quality.grounding.language.quantities import UNIT_WORDS, starts_with_quantity
from technoshare_commentator.quality.grounding.language.synonyms import SYNONYMS
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator

# Longest first; what is left must be a word's root of at least `_ROOT` letters.
_ENDINGS = (
    *("ization", "isation", "ability", "ibility", "ation", "ition", "ment", "ingly", "iness", "ness", "able", "ible"),
    *("edly", "ized", "ised", "izing", "ising", "ity", "ing", "ion", "ied", "ily", "est", "ive", "ize", "ise", "ate"),
    *("age", "ed", "er", "or", "ly", "al", "e", "y"),
)
_ROOT = 3
_LOOSE = frozenset(("or", "al", "ive", "age", "ate", "ise", "ize", "able", "ible", "ability", "ibility"))
_LONGER_ROOT = 4
_VOWEL = re.compile(r"[aeiouy]")
_DOUBLED = re.compile(r"([bdfgklmnprt])\1$")
_LETTER = re.compile(r"[^\W\d_]")
_NEGATED_PREFIX = re.compile(r"(?:un|non)(?=[a-z]{5,})")
_NO_NEGATION = re.compile(
    r"un(?:der|it|iq|if|iv|ion|like|less|til|ix|folds?|veil|lock|load|do|ravel|leash|canny|pack|zip|surpris)|none"
)
_NEGATED = {
    "incompatible": "compatible",
    "insecure": "secure",
    "incorrect": "correct",
    "incomplete": "complete",
    "inconsistent": "consistent",
    "inaccurate": "accurate",
    "invalid": "valid",
    "inactive": "active",
    "impossible": "possible",
    "insufficient": "sufficient",
    "ineffective": "effective",
    "inefficient": "efficient",
    "independent": "depend",
    "disagree": "agree",
    "disagreed": "agree",
    "disconnected": "connect",
    "disallowed": "allow",
    "impractical": "practical",
    "inexact": "exact",
    "inaccessible": "accessible",
}
_SPANS = word_set("second minute hour day week month year hours days weeks months years")
_APOSTROPHE = "\u2019"


@dataclass(frozen=True, slots=True)
class Word:
    """One word: lower-cased, its folded meaning (empty for function words and numbers), and where it begins.

    `written` keeps the capitals; of a compound such as `Kafka-compatible` each part is a word.
    """

    lower: str
    concept: str
    start: int
    written: str


def words(text: str) -> Iterator[Word]:
    """Yield the words of `text`, compounds in parts; function words and numbers have no concept."""
    behind_number = False
    for token, start in tokens(text):
        position = start
        for part in parts(token) or [token]:
            position = max(text.find(part, position), position) if part != token else start
            lower, meaning, span, number = _read(part)
            measures = lower in UNIT_WORDS and (behind_number or not span)
            yield Word(lower, "" if measures else meaning, position, part)
            behind_number = number


def concepts(text: str) -> frozenset[str]:
    """Return what the content words of `text` mean."""
    return frozenset(word.concept for word in words(text) if word.concept)


@lru_cache(maxsize=65536)
def _read(part: str) -> tuple[str, str, bool, bool]:
    """Return a word in lower case, its meaning, whether it is a span of time, and whether it begins with a number."""
    lower = part.lower().replace(_APOSTROPHE, "'")
    return lower, _concept_of_token(lower, part), lower in _SPANS, starts_with_quantity(part)


@lru_cache(maxsize=65536)
def _concept_of_token(lower: str, written: str) -> str:
    if lower in STOP_WORDS or not _LETTER.search(lower) or starts_with_quantity(written):
        return ""
    return concept(lower)


@lru_cache(maxsize=65536)
def concept(word: str) -> str:
    """Fold a lower-case word to its meaning: `migrated`, `migration` and `moved` are one; so are its negations."""
    root = stem(negated_base(word) or word)
    return _SYNONYM_OF.get(root, root)


def negated_base(lower: str) -> str:
    """Return what a word with a negating prefix denies: `supported` for `unsupported`; empty for other words."""
    if lower in _NEGATED:
        return _NEGATED[lower]
    if _NO_NEGATION.match(lower):
        return ""
    prefix = _NEGATED_PREFIX.match(lower)
    return lower[prefix.end() :] if prefix else ""


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Cut the endings of a lower-case word: `reductions`, `reduced` and `reduces` are `reduc`."""
    word = IRREGULAR.get(word, word)
    if not word.isalpha():
        return key(word)
    root = _singular(word)
    if root.endswith("ification"):
        root = root.removesuffix("ication")  # of "verify"
    for ending in _ENDINGS:
        least = _LONGER_ROOT if ending in _LOOSE else _ROOT
        if root.endswith(ending) and len(root) - len(ending) >= least and _VOWEL.search(root[: -len(ending)]):
            root = root[: -len(ending)]
            break
    if root != word and root.endswith("at") and len(root) > _LONGER_ROOT + 1:
        root = root[:-2]  # migrat-ed and migrat-ion
    return _DOUBLED.sub(r"\1", root)


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > len("ties"):
        return f"{word[:-3]}y"
    root = word.removesuffix("s") if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word
    return IRREGULAR.get(root, root)


def _synonyms() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in SYNONYMS.strip().splitlines():
        first, *others = line.split()
        for word in (first, *others):
            found.setdefault(stem(word), stem(first))
    return found


_SYNONYM_OF = _synonyms()
