"""Whether a sentence adds to its support: runs of words that neither the support nor what stands around it holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.lexicon import NEGATIONS, SHARES, TELLING
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed
    from technoshare_commentator.quality.grounding.language.words import Word

_RUN = 4  # foreign words side by side make a claim of their own
_SEGMENT, _LONG_SEGMENT = 2, 3  # content words of a segment that is foreign wholly, or but for a quarter
_MOSTLY = 0.75
_MOST_FOREIGN = 0.5  # of a sentence's content
_LEAST_WORDS = 3
_ELSEWHERE = 0.45  # how far a word counts as held that stands on another part of the page


@dataclass(frozen=True)
class Known:
    """What a sentence may draw on: its support with what stands around it, the topic, and the rest of the page."""

    near: frozenset[str]
    topic: frozenset[str]
    page: frozenset[str]

    def holds(self, word: Word) -> float:
        """Return how far the page holds `word`: 1 nearby or in the topic, less elsewhere, 0 when it is foreign."""
        if word.concept in self.near or word.concept in self.topic or word.lower in TELLING:
            return 1.0
        return _ELSEWHERE if word.concept in self.page else 0.0


def addition_problems(claim: Parsed, known: Known, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield the longest run of words that the page does not hold, when it is long enough to be a claim."""
    nearest = supports[0].text if supports else ""
    placed = [(w, s) for w, s in zip(claim.words, claim.segments, strict=True) if w.concept and not _tells(w)]
    content = [word for word, _ in placed]
    held = [known.holds(word) for word in content]
    run = _longest_run(content, held)
    if len(run) < _RUN:
        run = _foreign_segment(placed, held) or run
    long_enough = len(content) >= _LEAST_WORDS and sum(1.0 - one for one in held) >= _MOST_FOREIGN * len(content)
    if len(run) >= _RUN or _foreign_segment(placed, held) or long_enough:
        said = [word.written for word in run] or [
            word.written for word, one in zip(content, held, strict=True) if one < 1
        ]
        yield Problem("addition", " ".join(said), "the page does not say this", nearest)


def _tells(word: Word) -> bool:
    """Whether a word needs no support of its own: what others check, or what any text about a page says."""
    return word.lower in TELLING or word.lower in NEGATIONS or word.lower in SHARES


def _foreign_segment(placed: Sequence[tuple[Word, int]], held: Sequence[float]) -> list[Word]:
    """Return the words of a segment that is foreign as a whole."""
    for segment in dict.fromkeys(number for _, number in placed):
        own = [(word, one) for (word, number), one in zip(placed, held, strict=True) if number == segment]
        foreign = [word for word, one in own if one == 0.0]
        if len(foreign) == len(own) > _SEGMENT or (len(own) > _LONG_SEGMENT and len(foreign) >= _MOSTLY * len(own)):
            return foreign
    return []


def _longest_run(content: Sequence[Word], held: Sequence[float]) -> list[Word]:
    """Return the longest run of words without any support on the page."""
    best: list[Word] = []
    run: list[Word] = []
    for word, one in zip(content, held, strict=True):
        run = [*run, word] if one == 0.0 else []
        best = run if len(run) > len(best) else best
    return best
