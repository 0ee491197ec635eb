"""A sentence taken apart: words, numbers, names, the segments between its commas and conjunctions."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.names import key as name_key
from technoshare_commentator.quality.grounding.language.names import names
from technoshare_commentator.quality.grounding.language.quantities import quantities
from technoshare_commentator.quality.grounding.language.shares_in_words import shares_in_words
from technoshare_commentator.quality.grounding.language.words import Word, words
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from technoshare_commentator.quality.grounding.language.quantity import Quantity

PAUSE = re.compile(r"[,;:()\[\]|\u2013\u2014\"\u201c\u201d]")
_BREAKERS = word_set("""
    and but while whereas where which who because since so although though when if unless until against versus
    vs compared unlike instead rather than despite yet or
""")
_SUBORDINATE = word_set("while whereas where which who because since although though when if unless until but")
_QUOTES = str.maketrans("\u2018\u2019\u201c\u201d", "''\"\"")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PHRASES = {
    "us dollars": "dollars",
    "us dollar": "dollar",
    "us cents": "cents",
    "us cent": "cent",
    "leave out": "omit",
    "leaves out": "omits",
    "left out": "omitted",
    "switch off": "disable",
    "switches off": "disables",
    "switched off": "disabled",
    "turn off": "disable",
    "turns off": "disables",
    "turned off": "disabled",
    "switched on": "enabled",
    "turned on": "enabled",
    "turn on": "enable",
    "got rid of": "removed",
    "get rid of": "remove",
    "throw away": "discard",
    "throws away": "discards",
    "threw away": "discarded",
    "thrown away": "discarded",
    "at the price of": "losing",
    "at the cost of": "losing",
    "at the expense of": "losing",
    "decided against": "rejected",
    "decides against": "rejects",
    "give up": "lose",
    "gives up": "loses",
    "so far": "yet",
    "more than one": "several",
    "come out": "release",
    "came out": "released",
    "find out": "discover",
    "found out": "discovered",
    "as well as": "and",
}
_PHRASE = re.compile(rf"\b(?:{'|'.join(_PHRASES)})\b", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r"[`*]+|\[\d+\]")


def folded(text: str) -> str:
    """Fold what never changes a meaning: white space, typographic quotes, code and emphasis, thousands' commas."""
    return _SPACE.sub(" ", _THOUSANDS.sub("", _MARKS.sub("", text.translate(_QUOTES)))).strip()


@dataclass(frozen=True)
class Figure:
    """A number of a sentence at the place of the word it begins in."""

    quantity: Quantity
    at: int
    segment: int


@dataclass(frozen=True)
class Named:
    """A proper name of a sentence at the place of its first word; `key` folds its spelling."""

    text: str
    key: str
    at: int
    segment: int = 0


class Parsed:
    """One sentence, read once; what is costly is read when it is asked for.

    `known` are words, lower-cased, that are names also where they open the sentence.
    """

    def __init__(self, text: str, known: frozenset[str] = frozenset()) -> None:
        self._known = known
        self.text = _PHRASE.sub(lambda match: _PHRASES[match.group().lower()], folded(text))
        self.words: tuple[Word, ...] = tuple(words(self.text))

    @cached_property
    def segments(self) -> tuple[int, ...]:
        """The number of the segment each word stands in."""
        found: list[int] = []
        current, end = 0, 0
        for place, word in enumerate(self.words):
            if place and (PAUSE.search(self.text, end, word.start) or word.lower in _BREAKERS):
                current += 1
            found.append(current)
            end = word.start + len(word.written)
        return self._lists_joined(found)

    def _lists_joined(self, segments: list[int]) -> tuple[int, ...]:
        """Join a segment of names alone with the one behind it: `A, B and C took 5 ms` is one."""
        named = {name.at for name in self._placed_names}
        says_more = {
            s for at, (w, s) in enumerate(zip(self.words, segments, strict=True)) if w.concept and at not in named
        }
        opening = {segments[at]: self.words[at].lower for at in range(len(segments) - 1, -1, -1)}
        last = max(segments, default=-1)
        joined: dict[int, int] = {}
        for segment in range(last, -1, -1):
            ahead = segment < last and opening[segment + 1] not in _SUBORDINATE
            alone = segment not in says_more
            joined[segment] = joined[segment + 1] if alone and ahead else segment
        for segment in range(1, last + 1):
            if segment not in says_more and joined[segment] == segment:
                joined[segment] = joined[segment - 1]
        return tuple(joined[segment] for segment in segments)

    @cached_property
    def concepts(self) -> frozenset[str]:
        """What the content words mean."""
        return frozenset(word.concept for word in self.words if word.concept)

    @cached_property
    def lowers(self) -> frozenset[str]:
        """Every word as written, lower-cased."""
        return frozenset(word.lower for word in self.words)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """Every number, in digits and words, with the readings it implies."""
        quantified = chain(quantities(self.text), shares_in_words(self.text))
        found = (Figure(one, at, self._segment(at)) for one in quantified for at in [self._at(one.start)])
        return tuple(sorted(found, key=lambda figure: figure.quantity.start))

    @cached_property
    def names(self) -> tuple[Named, ...]:
        """Every proper name."""
        return tuple(replace(name, segment=self._segment(name.at)) for name in self._placed_names)

    @cached_property
    def _placed_names(self) -> tuple[Named, ...]:
        found = [Named(name.text, name_key(name.text), self._at(name.start)) for name in names(self.text)]
        first = self.words[0] if self.words else None
        if (
            first
            and first.lower in self._known
            and first.written[:1].isupper()
            and not any(one.at == 0 for one in found)
        ):
            found.insert(0, Named(first.written, name_key(first.written), 0))
        return tuple(found)

    def segment_concepts(self, segment: int) -> frozenset[str]:
        """What the content words of one segment mean."""
        return self._by_segment.get(segment, frozenset())

    @cached_property
    def _by_segment(self) -> dict[int, frozenset[str]]:
        found: dict[int, set[str]] = {}
        for word, segment in zip(self.words, self.segments, strict=True):
            if word.concept:
                found.setdefault(segment, set()).add(word.concept)
        return {segment: frozenset(those) for segment, those in found.items()}

    @cached_property
    def _starts(self) -> list[int]:
        return [word.start for word in self.words]

    def _at(self, position: int) -> int:
        return max(bisect_right(self._starts, position) - 1, 0)

    def _segment(self, at: int) -> int:
        return self.segments[at] if self.segments else 0


@lru_cache(maxsize=8192)
def parsed(text: str, known: frozenset[str] = frozenset()) -> Parsed:
    """Take one sentence apart, given words known to be names; the same text gives the same value."""
    return Parsed(text, known)
