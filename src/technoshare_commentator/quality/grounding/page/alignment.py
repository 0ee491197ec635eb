"""Which sentences of a page a sentence speaks of: shared meanings, weighed by how rare they are on the page."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.parsed import Parsed, folded, parsed
from technoshare_commentator.quality.grounding.language.quantities import quantities
from technoshare_commentator.quality.grounding.language.quantity import Quantity, plain
from technoshare_commentator.quality.grounding.language.words import concepts
from technoshare_commentator.sentences import split_sentences
from technoshare_commentator.vocabulary import is_common

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.quality.grounding.page.passages import Passage

LONGEST_SENTENCE = 1500  # characters; what is longer is a list or a dump
_MOST_SUPPORTS = 3
_LEAST_GAIN = 0.12  # of the sentence's weight that one more supporting sentence must cover
_ROW = re.compile(r"^\s*\|", re.MULTILINE)
_CAPITAL_INSIDE = re.compile(r"(?<=[a-z,] )[A-Z]\w+")
_CAPITAL = re.compile(r"\b[A-Z]\w+")
_PLAIN = re.compile(r"\b[a-z]\w+")
_BLOATED = 60  # words; a longer sentence of the page covers more by chance


@dataclass(frozen=True)
class Place:
    """One sentence of a page: the snippet that holds it and its number in reading order."""

    snippet_id: str
    text: str
    number: int
    concepts: frozenset[str]
    known: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def parsed(self) -> Parsed:
        """The sentence taken apart, as far as a sentence goes."""
        return parsed(self.text[:LONGEST_SENTENCE], self.known)

    @cached_property
    def figures(self) -> frozenset[str]:
        """Its numbers, folded for looking them up."""
        return _figure_keys(folded(self.text))


class Page:
    """The sentences of a page, ready to be asked which of them support another sentence.

    `passages` come in reading order; those with an id that begins with `@` (title, metadata, addresses) tell what the
    page is about and support no sentence on their own.
    """

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(passages)
        read = [one for one in self._passages if not one.id.startswith("@")]
        self.known = _known_names(" ".join(one.text for one in self._passages))
        self.places: tuple[Place, ...] = tuple(
            _place(passage_id, text, number, self.known)
            for number, (passage_id, text) in enumerate((one.id, text) for one in read for text in _cut(one.text))
        )

    @cached_property
    def whole(self) -> tuple[tuple[str, str], ...]:
        """Every passage with its folded text, for finding sentences word for word."""
        return tuple((one.id, folded(one.text)) for one in self._passages)

    @cached_property
    def topic(self) -> frozenset[str]:
        """What title, headings, metadata and addresses speak of."""
        return frozenset().union(*(concepts(folded(one.text)) for one in self._passages if one.id.startswith("@")))

    @cached_property
    def topic_figures(self) -> frozenset[str]:
        """The numbers of title, headings, metadata and addresses."""
        return frozenset().union(*(_figure_keys(folded(one.text)) for one in self._passages if one.id.startswith("@")))

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every meaning on the page."""
        return self.topic.union(*(place.concepts for place in self.places))

    def weight(self, concept: str) -> float:
        """Return how much a meaning tells: 0.5 when every sentence has it, most when the page does not have it."""
        return self._weight_of(len(self._places_of.get(concept, ())))

    def _weight_of(self, places: int) -> float:
        return 0.5 + math.log((len(self.places) + 1) / (places + 1))

    def supports(self, sentence: Parsed) -> tuple[Place, ...]:
        """Return up to three sentences that cover most of `sentence`, the best first; none when nothing is shared."""
        wanted = {one: self.weight(one) for one in sorted(sentence.concepts)}  # sorted: sums must not depend on the run
        for figure in sentence.figures:
            known = [one for one in _keys(figure.quantity) if one in self._places_of_figures]
            wanted |= {one: self._weight_of(len(self._places_of_figures[one])) for one in known[:1]}
        total = sum(wanted.values()) or 1.0
        chosen: list[Place] = []
        while wanted and len(chosen) < _MOST_SUPPORTS:
            best, gain = self._best(wanted, chosen)
            if best is None or (chosen and gain < _LEAST_GAIN * total):
                break
            chosen.append(best)
            wanted = {
                one: weight for one, weight in wanted.items() if one not in best.concepts and one not in best.figures
            }
        return tuple(chosen)

    def around(self, place: Place, reach: int = 2) -> Sequence[Place]:
        """Return the sentences of the page near `place`, itself included."""
        return self.places[max(0, place.number - reach) : place.number + reach + 1]

    def _best(self, wanted: dict[str, float], chosen: Sequence[Place]) -> tuple[Place | None, float]:
        scores: defaultdict[int, float] = defaultdict(float)
        for one, weight in wanted.items():
            places = self._places_of_figures if one.startswith("#") else self._places_of
            for number in places.get(one, ()):
                scores[number] += weight
        for place in chosen:
            for near in self.around(place, 1):
                if near.number in scores:
                    scores[near.number] *= 1.25
            scores.pop(place.number, None)
        if not scores:
            return None, 0.0
        best = max(scores, key=lambda number: (scores[number] - self._bloat(number), -number))
        return self.places[best], scores[best]

    def _bloat(self, number: int) -> float:
        return 0.02 * max(len(self.places[number].concepts) - _BLOATED, 0)

    @cached_property
    def _places_of(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place in self.places:
            for one in place.concepts:
                found[one].append(place.number)
        return found

    @cached_property
    def _places_of_figures(self) -> dict[str, list[int]]:
        found: defaultdict[str, list[int]] = defaultdict(list)
        for place in self.places:
            for one in place.figures:
                found[one].append(place.number)
        return found


def _cut(text: str) -> Iterable[str]:
    """Yield the sentences of a passage; each row of a table is one."""
    parts = text.split("\n") if _ROW.search(text) else [text]
    return (sentence for part in parts for sentence in split_sentences(part))


def _place(passage_id: str, text: str, number: int, known: frozenset[str]) -> Place:
    return Place(passage_id, text, number, concepts(folded(text)), known)


def _known_names(text: str) -> frozenset[str]:
    """Return the words a page writes with a capital, more than once or inside a sentence, and never without."""
    inside = {word.lower() for word in _CAPITAL_INSIDE.findall(text)}
    counts = Counter(word.lower() for word in _CAPITAL.findall(text))
    often = {word for word, count in counts.items() if count > 1}
    plain_words = set(_PLAIN.findall(text))
    return frozenset(word for word in inside | often if word not in plain_words and not is_common(word))


def _figure_keys(text: str) -> frozenset[str]:
    return frozenset(key for one in quantities(text) for key in _keys(one))


def _keys(quantity: Quantity) -> tuple[str, ...]:
    """Return a number with and without its unit, which a text may leave out."""
    return figure_key(quantity), f"#{quantity.exact}"


def figure_key(quantity: Quantity) -> str:
    """Fold a number for looking it up: by value and unit, or by its digits when it has no unit."""
    return (
        f"#{plain(quantity.value)} {quantity.dimension}"
        if quantity.dimension and quantity.value
        else f"#{quantity.exact}"
    )
