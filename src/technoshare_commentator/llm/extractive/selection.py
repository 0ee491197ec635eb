"""Which sentences become facts, and which facts become the TL;DR and the summary."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.llm.extractive.aspects import Aspect, aspects_of
from technoshare_commentator.llm.extractive.choice import LEANING, Choice
from technoshare_commentator.llm.extractive.vectors import terms

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from technoshare_commentator.llm.extractive.candidates import Candidate

FACTS = 28
TLDR = 3
SUMMARY = 12
MIN_SUMMARY = 10

_GOOD_FORM = 0.5
_OPENING = 6
_SUBORDINATE = re.compile(
    r"(?:since|when|if|while|although|though|because|as|after|before|once|until|unless|whereas|by|with|without|for)\b",
    re.IGNORECASE,
)


def choose_facts(scores: Mapping[Candidate, float]) -> tuple[Candidate, ...]:
    """Pick at most `FACTS` candidates, most important first, that differ from one another and cover all aspects."""
    return tuple(Choice(scores).pick(FACTS))


def without_repeats(facts: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """Keep of facts that say the same only the first; those of `choose_facts` differ already, others may not."""
    ordered = list(dict.fromkeys(facts))
    kept = set(Choice(dict.fromkeys(ordered, 1.0)).pick(len(ordered)))
    return tuple(fact for fact in ordered if fact in kept)


def choose_tldr(facts: Sequence[Candidate], title: str) -> tuple[Candidate, ...]:
    """Pick what it is, then how it works or what is new, then the figure or consequence; fewer when facts are fewer.

    `facts` come most important first. Sentences that lean on another are only taken when nothing else is left.
    """
    subject = frozenset(terms(title))
    last = max((fact.position for fact in facts), default=0) or 1
    rest = list(facts)
    chosen: list[Candidate] = []
    for fitness in (_says_what, _says_how, _says_how_much)[: len(facts)]:
        values = {
            fact: _standing(fact, facts.index(fact) / len(facts)) * fitness(fact, subject, fact.position / last)
            for fact in rest
        }
        best = max(rest, key=lambda fact: (round(values[fact], 6), -fact.position))
        rest.remove(best)
        chosen.append(best)
    return tuple(chosen)


def choose_summary(facts: Sequence[Candidate], tldr: Collection[Candidate]) -> tuple[Candidate, ...]:
    """Pick up to `SUMMARY` other facts in the order of the page; ill-formed ones only to reach `MIN_SUMMARY`."""
    scores = {fact: 1.0 - 0.7 * index / len(facts) for index, fact in enumerate(facts) if fact not in tldr}
    choice = Choice(scores, beside=tldr)
    chosen = choice.pick(SUMMARY, at_least=_GOOD_FORM)
    if len(chosen) < MIN_SUMMARY:
        chosen = choice.pick(MIN_SUMMARY)
    return tuple(sorted(chosen, key=lambda fact: fact.position))


def _standing(fact: Candidate, rank: float) -> float:
    """How good a fact is whatever its slot: 1 for the most important that stands alone."""
    return fact.weight * (LEANING if fact.leans else 1.0) * (1.0 - 0.4 * rank)


def _says_what(fact: Candidate, subject: Collection[str], place: float) -> float:
    named = len(set(subject) & set(terms(fact.text))) / max(1, len(subject))
    is_definition = Aspect.WHAT in aspects_of(fact.text)
    subordinate = bool(_SUBORDINATE.match(fact.text))
    first = max(0.0, 1.0 - 3.0 * place)
    return 1.0 + 0.4 * is_definition + 0.4 * _opens_with(fact, subject) + 0.8 * named + 0.9 * first - 0.4 * subordinate


def _says_how(fact: Candidate, subject: Collection[str], place: float) -> float:
    del place
    aspects = aspects_of(fact.text)
    return 1.0 + 0.4 * (Aspect.NEW in aspects) + 0.4 * (Aspect.HOW in aspects) + 0.2 * _opens_with(fact, subject)


def _says_how_much(fact: Candidate, subject: Collection[str], place: float) -> float:
    del subject, place
    aspects = aspects_of(fact.text)
    return 1.0 + 0.6 * (Aspect.FIGURES in aspects) + 0.3 * (Aspect.LIMITS in aspects)


def _opens_with(fact: Candidate, subject: Collection[str]) -> bool:
    """Whether the fact names the subject of the page in its first words."""
    return not set(subject).isdisjoint(terms(" ".join(fact.text.split()[:_OPENING])))
