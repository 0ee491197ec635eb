"""Greedy choice of sentences by score, form, what they add, and what they would repeat (maximal marginal relevance)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from technoshare_commentator.llm.extractive.aspects import Aspect, aspects_of
from technoshare_commentator.llm.extractive.vectors import similarities
from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from technoshare_commentator.llm.extractive.candidates import Candidate

LEANING = 0.35  # what a sentence is worth that needs another one, …
_BESIDE_ITS_SUPPORT = 0.8  # … and when that one is quoted too

_POOL = 170  # six times as many sentences as are ever chosen
_REPEATS = 0.55  # cosine from which a second sentence tells nothing new
_SAME_WORDS = 0.7
_MIN_CONTAINED = 4
_VARIETY = 0.35
_ASPECT_BONUS = 0.1
_ENOUGH_OF_AN_ASPECT = 4
_DIGITS = 6


class Choice:
    """Picks the best candidates one after the other, each judged by those chosen before it.

    `beside` was chosen elsewhere for the same reader: sentences that lean on it may follow it.
    """

    def __init__(self, scores: Mapping[Candidate, float], beside: Collection[Candidate] = ()) -> None:
        self._pool = sorted(scores, key=lambda candidate: (-scores[candidate], candidate.position))[:_POOL]
        self._scores = scores
        self._likeness = similarities([candidate.text for candidate in self._pool])
        self._words = [normalise_sentence(candidate.text).split() for candidate in self._pool]
        self._aspects = [aspects_of(candidate.text) for candidate in self._pool]
        self._nearest = [0.0] * len(self._pool)
        self._chosen: list[int] = []
        self._support = {(candidate.snippet_id, candidate.position) for candidate in beside}
        self._covered: Counter[Aspect] = Counter()

    def pick(self, count: int, at_least: float = 0.0) -> list[Candidate]:
        """Go on choosing until there are `count`, among candidates whose form is worth `at_least`."""
        while len(self._chosen) < count:
            rest = [
                (round(self._value(index), _DIGITS), -candidate.position, index)
                for index, candidate in enumerate(self._pool)
                if index not in self._chosen and self._nearest[index] < _REPEATS and self._form(candidate) >= at_least
            ]
            if not rest:
                break
            self._take(max(rest)[-1])
        return [self._pool[index] for index in self._chosen]

    def _form(self, candidate: Candidate) -> float:
        if not candidate.leans:
            return candidate.weight
        supported = (candidate.snippet_id, candidate.position - 1) in self._support
        return candidate.weight * (_BESIDE_ITS_SUPPORT if supported else LEANING)

    def _value(self, index: int) -> float:
        candidate = self._pool[index]
        form = self._form(candidate)
        missing = sum(self._covered[aspect] < _ENOUGH_OF_AN_ASPECT for aspect in self._aspects[index])
        standing = form / candidate.weight
        gain = self._scores[candidate] * standing + _ASPECT_BONUS * min(missing, 2) * form
        return gain - _VARIETY * self._nearest[index]

    def _take(self, chosen: int) -> None:
        candidate = self._pool[chosen]
        self._chosen.append(chosen)
        self._support.add((candidate.snippet_id, candidate.position))
        self._covered.update(self._aspects[chosen])
        for index, likeness in enumerate(self._likeness[chosen]):
            same = _REPEATS if _same_words(self._words[index], self._words[chosen]) else 0.0
            self._nearest[index] = max(self._nearest[index], float(likeness), same)


def _same_words(one: list[str], other: list[str]) -> bool:
    """Whether two sentences share most of their words, or one stands in the other."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) >= _MIN_CONTAINED and f" {' '.join(shorter)} " in f" {' '.join(longer)} ":
        return True
    first, second = set(one), set(other)
    return len(first & second) >= _SAME_WORDS * len(first | second)
