"""Each sentence of a commentary with the snippets that support it and what is wrong with it.

A sentence that stands on the page word for word is supported. Any other is held against the one to three sentences of
the page that share most with it: numbers, names, quotations, denials, directions, roles and words nobody said. This is
no understanding: a false statement made of the right words in the right order gets through, and that is for judges.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from technoshare_commentator.domain import split_bullet
from technoshare_commentator.quality.grounding.figures.placed_numbers import number_problems
from technoshare_commentator.quality.grounding.language.parsed import Parsed, folded, parsed
from technoshare_commentator.quality.grounding.page.alignment import LONGEST_SENTENCE, Page, Place
from technoshare_commentator.quality.grounding.page.occurrences import Grounding, Support, stands_in
from technoshare_commentator.quality.grounding.page.passages import Passage, evidence_passages, theme_passage
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.quality.grounding.statements.additions import Known, addition_problems
from technoshare_commentator.quality.grounding.statements.comparisons import comparison_problems
from technoshare_commentator.quality.grounding.statements.crossings import crossing_problems
from technoshare_commentator.quality.grounding.statements.directions import direction_problems
from technoshare_commentator.quality.grounding.statements.near_copies import copy_problems
from technoshare_commentator.quality.grounding.statements.placed_names import date_problems, name_problems
from technoshare_commentator.quality.grounding.statements.polarity import polarity_problems
from technoshare_commentator.quality.grounding.statements.quotations import quote_problems
from technoshare_commentator.quality.grounding.statements.roles import role_problems
from technoshare_commentator.quality.grounding.statements.shares import (
    certainty_problems,
    quantity_problems,
    universal_problems,
)
from technoshare_commentator.quality.grounding.statements.sources import source_problems
from technoshare_commentator.sentences import normalise_sentence, split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from technoshare_commentator.domain import Commentary, Evidence
    from technoshare_commentator.prompts import ProjectContext
    from technoshare_commentator.quality.grounding.problems import ProblemKind


@dataclass(frozen=True)
class SentenceSupport:
    """One sentence of a commentary: where it stands, the snippets that support it best, what is wrong with it.

    `place` counts the items of a section from 1; `nearest` is the sentence of the page that shares most with it;
    `coverage` is the share (0 to 1) of its content words that its support holds.
    """

    section: str
    place: int
    sentence: str
    snippet_ids: tuple[str, ...]
    nearest: str
    problems: tuple[Problem, ...]
    coverage: float = 1.0

    @property
    def supported(self) -> bool:
        """Whether nothing was found wrong."""
        return not self.problems


_QUOTATION = re.compile(r'"([^"]+)"')
_WHOLE_QUOTATION = 4  # words; a shorter quotation is a part of the sentence around it
_BULLETED = frozenset(("projects", "similar_tech"))
_OF_BULLETS: frozenset[ProblemKind] = frozenset(("number", "name", "quote", "length"))
_MOST_SENTENCES = 20  # of an item, which holds one to three; the rest is for the rules of shape to refuse
_SHOWN = 60  # characters of a sentence that is too long


class SentenceChecker:
    """Holds sentences against passages: those of a page, with a theme's where a bullet may rest on it."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = tuple(passages)
        self._page = Page(self._passages)
        self._grounding = Grounding(self._passages)

    def check(self, sentence: str, section: str = "", place: int = 1) -> SentenceSupport:
        """Return the support of one sentence and its problems, none when it stands on the page word for word."""
        text = folded(sentence)
        if quoted := next((one for one, whole in self._page.whole if stands_in(text, whole)), None):
            return SentenceSupport(section, place, sentence, (quoted,), text, ())
        if len(text) > LONGEST_SENTENCE:
            long = Problem(
                "length", f"{text[:_SHOWN]}…", f"it has {len(text)} characters, too many to be held against a page"
            )
            return SentenceSupport(section, place, sentence, (), "", (long,))
        rest = _QUOTATION.sub(self._unless_held, text)
        claim = parsed(rest, self._page.known)
        places = self._page.supports(claim)
        found: dict[tuple[str, str], Problem] = {}
        for problem in self._problems(claim, places):
            found.setdefault((problem.kind, problem.claim), problem)
        ids = tuple(dict.fromkeys(one.snippet_id for one in places))
        nearest = places[0].text if places else ""
        return SentenceSupport(section, place, sentence, ids, nearest, tuple(found.values()), _coverage(claim, places))

    def _unless_held(self, quotation: re.Match[str]) -> str:
        """Take out a quotation that the page holds word for word; only the rest is in question."""
        quoted = quotation.group(1)
        held = any(stands_in(quoted, whole) for _, whole in self._page.whole)
        return " " if held and len(quoted.split()) >= _WHOLE_QUOTATION else quotation.group()

    def _problems(self, claim: Parsed, places: Sequence[Place]) -> Iterator[Problem]:
        supports = [place.parsed for place in places]
        yield from number_problems(claim, places, self._page)
        yield from name_problems(claim, places, self._page, self._grounding)
        yield from date_problems(claim, places, self._page)
        yield from quote_problems(claim.text, lambda: self._normalised)
        if supports:
            yield from copy_problems(claim, supports[0], self._page.vocabulary)
        yield from polarity_problems(claim, supports)
        yield from direction_problems(claim, supports)
        yield from quantity_problems(claim, supports)
        yield from universal_problems(claim, supports)
        yield from certainty_problems(claim, supports, self._page.vocabulary)
        yield from role_problems(claim, supports)
        yield from crossing_problems(claim, supports)
        yield from comparison_problems(claim, supports)
        yield from source_problems(claim, places, self._page)
        yield from addition_problems(claim, self._known(places), supports)

    def _known(self, places: Sequence[Place]) -> Known:
        near = chain.from_iterable(self._page.around(place) for place in places)
        return Known(frozenset().union(*(one.concepts for one in near)), self._page.topic, self._page.vocabulary)

    @cached_property
    def _normalised(self) -> str:
        """The page as `quote_problems` wants it."""
        return f" {' '.join(normalise_sentence(text) for _, text in self._page.whole)} "


def support_sentences(
    commentary: Commentary, evidence: Evidence, context: ProjectContext
) -> tuple[SentenceSupport, ...]:
    """Check every sentence of a commentary in its order.

    A bullet may say more than the page: what it asks of the team, and what its theme is about. It must not contradict
    the page, misquote it, or use numbers and names that neither the page nor its own theme holds.
    """
    page = _checker(evidence_passages(evidence))
    themes = {theme.name: theme for theme in context.themes}
    found: list[SentenceSupport] = []
    for section, items in commentary:
        for place, item in enumerate(items, start=1):
            bulleted = split_bullet(item) if section in _BULLETED else None
            head, text = bulleted or ("", item)
            theme = themes.get(head) if section == "projects" else None
            own = _theme(theme_passage(theme)) if theme else None
            for sentence in split_sentences(text)[:_MOST_SENTENCES]:
                checked = replace(_checked(page, sentence), section=section, place=place)
                found.append(_of_a_bullet(checked, own) if section in _BULLETED else checked)
    return tuple(found)


@lru_cache(maxsize=4)
def _checker(passages: tuple[Passage, ...]) -> SentenceChecker:
    """Return what was prepared for the same page before: many commentaries can stand on it."""
    return SentenceChecker(passages)


@lru_cache(maxsize=32)
def _theme(passage: Passage) -> Grounding:
    return Grounding((passage,))


@lru_cache(maxsize=4096)
def _checked(page: SentenceChecker, sentence: str) -> SentenceSupport:
    return page.check(sentence)


@lru_cache(maxsize=4096)
def _supports(theme: Grounding, sentence: str) -> tuple[Support, ...]:
    return theme.supports(sentence)


def _of_a_bullet(checked: SentenceSupport, theme: Grounding | None) -> SentenceSupport:
    """Leave what a bullet has to answer for: figures, names and quotations; the rest is advice."""
    supports = _supports(theme, checked.sentence) if theme else ()
    themed = {folded(one.claim) for one in supports if one.snippet_id}
    problems = tuple(one for one in checked.problems if one.kind in _OF_BULLETS and one.claim not in themed)
    return replace(checked, problems=problems)


def _coverage(claim: Parsed, places: Sequence[Place]) -> float:
    held = frozenset().union(*(place.concepts for place in places))
    return len(claim.concepts & held) / len(claim.concepts) if claim.concepts else 1.0
