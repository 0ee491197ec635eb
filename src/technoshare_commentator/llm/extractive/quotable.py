"""Which sentences may be quoted on their own, and how gladly."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.injection import is_suspect
from technoshare_commentator.llm.extractive import openings, phrases
from technoshare_commentator.llm.extractive.cleaning import code_spans, prose
from technoshare_commentator.llm.extractive.grammar import is_order, lacks_main_verb, lacks_subject
from technoshare_commentator.sentences import english_share, foreign_share, is_full_sentence

if TYPE_CHECKING:
    from collections.abc import Callable

MIN_WORDS, MAX_WORDS = 6, 45
MAX_CHARACTERS = 400
_REMEMBERED = 4096  # both stages judge the same sentences
_SHORT, _LONG = 9, 36
_MIN_ENGLISH, _MAX_FOREIGN = 0.08, 0.1
_MAX_CODE_SHARE, _MAX_CODE_SPANS, _MANY_CODE_SPANS = 0.4, 4, 2
_MAX_SYMBOL_SHARE = 0.12
_LABEL_WORDS = 5
_PUNCTUATION = frozenset(".,;:'\"()-/%")

_I = re.compile(r"\b(?:I|I'(?:m|ve|ll|d)|[Mm]e|[Mm]y|[Mm]yself)\b")
_WE = re.compile(r"\b(?:we|us|our|ours|we'\w+)\b", re.IGNORECASE)
_YOU = re.compile(r"\b(?:you|your|yours|you'\w+)\b", re.IGNORECASE)


@lru_cache(maxsize=_REMEMBERED)
def fault(sentence: str) -> str:
    """Say why `sentence` may not be quoted at all; empty when it may."""
    if len(sentence) > MAX_CHARACTERS:
        return f"it has {len(sentence)} characters, more than {MAX_CHARACTERS}"
    words = len(sentence.split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        return f"it has {words} words, not {MIN_WORDS} to {MAX_WORDS}"
    plain = prose(sentence)
    found = next((reason for reason, has_fault in _WORDING if has_fault(plain)), "")
    if found or not (is_suspect(sentence) or _is_mostly_code(sentence)):
        return found or ("" if is_full_sentence(sentence) else "it is not one full sentence")
    return "it is mostly code, or may be an instruction or a mention"


def is_english(sentence: str, *, on_english_page: bool) -> bool:
    """Whether the sentence reads like English; on an English page it need not prove it by its small words."""
    if foreign_share(sentence) > _MAX_FOREIGN:
        return False
    return on_english_page or english_share(sentence) >= _MIN_ENGLISH


@lru_cache(maxsize=_REMEMBERED)
def weight(sentence: str) -> float:
    """How gladly a sentence is quoted for its form alone: 1 for one that states, less for talk, advice and chatter.

    Leaning on another sentence is not part of this: it depends on what is quoted beside it.
    """
    plain = prose(sentence)
    words = len(plain.split())
    result = 1.0
    for present, factor in (
        (_I.search(plain), 0.45),
        (_WE.search(plain), 0.85),
        (_YOU.search(plain), 0.85),
        (phrases.CHATTER.search(plain), 0.5),
        (phrases.PLANS.search(plain), 0.6),
        (phrases.POINTS_BACK.search(plain), 0.8),
        (openings.DIRECTS.match(plain) or is_order(sentence), 0.6),
        (_label(plain), 0.85),
        (plain.endswith("!"), 0.6),
        (words < _SHORT, 0.8),
        (words > _LONG, 0.85),
        (len(code_spans(sentence)) > _MANY_CODE_SPANS, 0.8),
    ):
        result *= factor if present else 1.0
    return result


def leans_on_the_one_before(sentence: str) -> bool:
    """Whether the sentence begins with a word that points at the sentence before it, or ties on to it."""
    return bool(openings.LEANS.match(prose(sentence)))


def _is_question(plain: str) -> bool:
    return plain.rstrip("\"')").endswith("?")


def _is_labelled_fragment(plain: str) -> bool:
    label = _label(plain)
    if label is None or not label[2].islower():
        return False
    if label[0].endswith(f"- {label[2]}"):
        return True
    rest = plain[label.start(2) :]
    return lacks_main_verb(rest) or lacks_subject(f"{rest[:1].upper()}{rest[1:]}")


def _label(plain: str) -> re.Match[str] | None:
    """Find a few words without a verb before a colon or dash."""
    label = openings.LABEL.match(plain)
    return label if label and len(label[1].split()) <= _LABEL_WORDS and lacks_main_verb(f"{label[1]},") else None


def _is_mostly_code(sentence: str) -> bool:
    spans = code_spans(sentence)
    if len(spans) > _MAX_CODE_SPANS or sum(map(len, spans)) > _MAX_CODE_SHARE * len(sentence):
        return True
    plain = prose(sentence)
    symbols = sum(not (sign.isalnum() or sign.isspace() or sign in _PUNCTUATION) for sign in plain)
    return symbols > _MAX_SYMBOL_SHARE * len(plain)


_WORDING: tuple[tuple[str, Callable[[str], object]], ...] = (
    ("it is a question", _is_question),
    ("it talks to the reader about reading", openings.SENDS_AWAY.match),
    ("it points at something else on the page", phrases.POINTS_ELSEWHERE.search),
    ("it is boilerplate", phrases.BOILERPLATE.search),
    ("it holds an address", phrases.ADDRESS.search),
    ("it holds residue of markup or code", phrases.RESIDUE.search),
    ("it lacks a subject", lacks_subject),
    ("it lacks a main verb", lacks_main_verb),
    ("it is a label with a fragment", _is_labelled_fragment),
)
