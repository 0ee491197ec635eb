"""Whether the commentary stands on the page: enough of it was read, facts cite it, numbers and names occur in it."""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING

from technoshare_commentator.domain import Coverage, split_bullet
from technoshare_commentator.quality.rule_input import counted, quoted
from technoshare_commentator.sentences import (
    english_share,
    foreign_share,
    is_full_sentence,
    normalise_sentence,
    split_sentences,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from technoshare_commentator.domain import Evidence
    from technoshare_commentator.quality.grounding import Kind
    from technoshare_commentator.quality.rule_input import RuleInput

# A TL;DR of three sentences and a summary of ten others need thirteen different ones.
LEAST_SENTENCES = 13

# A dozen sentences of English technical prose have at least 0.23 English function words, other languages at most 0.13.
LEAST_ENGLISH_SHARE = 0.17
_PAGE_SAMPLE = 5000  # characters
_ENOUGH_WORDS = 20  # fewer words have too few function words to judge by
_FOREIGN_SHARE = 0.1
_MOST_FOREIGN_LETTERS = 0.2
_LETTER = re.compile(r"[^\W\d_]")
_LATIN_LETTER = re.compile(r"[A-Za-z\u00aa-\u024f\u1e00-\u1eff]")


def coverage(given: RuleInput) -> Iterator[str]:
    """Evidence was read, with at least as many different full sentences as the contract needs.

    Partial coverage alone breaks nothing: the first passages of a giant page are enough to write from.
    """
    evidence = given.evidence
    known = f" (coverage {evidence.coverage}{': ' if evidence.coverage_reason else ''}{evidence.coverage_reason})"
    if evidence.coverage is Coverage.FAILED:
        yield f"the page could not be read{known}; a commentary needs evidence"
        return
    found = _count_sentences(evidence)
    if found < LEAST_SENTENCES:
        yield (
            f"the page gives too little text: {counted(found, 'different full sentence')}{known}; "
            f"three for the TL;DR and ten for the summary make {LEAST_SENTENCES}"
        )


def facts_cited(given: RuleInput) -> Iterator[str]:
    """There is a fact, and every fact names snippets that exist."""
    existing = {snippet.id for snippet in given.evidence.snippets}
    if not given.facts.facts:
        yield "there is no fact; stage A finds at least one"
    for place, fact in enumerate(given.facts.facts, start=1):
        if not fact.text.strip():
            yield f"fact {place} is empty: {fact.text!r}; a fact says something"
        if not fact.snippet_ids:
            yield f"fact {place} cites no snippet: {quoted(fact.text)}; every fact cites what supports it"
        elif missing := [one for one in fact.snippet_ids if one not in existing]:
            cited = quoted(", ".join(missing))
            yield f"fact {place} cites {cited}, which the evidence does not hold: {quoted(fact.text)}"


def numbers_supported(given: RuleInput) -> Iterator[str]:
    """Every number of the commentary occurs in the evidence or, in a project bullet, in its theme."""
    return _unsupported(given, "number")


def names_supported(given: RuleInput) -> Iterator[str]:
    """Every proper name of the commentary occurs in the evidence or, in a project bullet, in its theme."""
    return _unsupported(given, "name")


def sentences_supported(given: RuleInput) -> Iterator[str]:
    """Every sentence says what its support on the page says: numbers, names, quotations, denials, directions, roles."""
    for checked in given.sentences:
        where = f"{checked.section} item {checked.place}"
        for problem in checked.problems:
            what = f"{problem.kind} {quoted(problem.claim)}: {problem.reason}"
            nearest = f"; the nearest sentence of the page: {quoted(problem.nearest)}" if problem.nearest else ""
            yield f"{where} is not supported ({what}): {quoted(checked.sentence)}{nearest}"


def english(given: RuleInput) -> Iterator[str]:
    """Commentaries are written in English, without an item in another language."""
    items = [*_items("tldr", given.commentary.tldr), *_items("summary", given.commentary.summary)]
    text = " ".join(item for _, item in items)
    if not text.strip():
        if _is_foreign(page := given.evidence.text[:_PAGE_SAMPLE]):
            yield f"nothing was written, and the page itself does not read as English: {quoted(page)}"
        return
    foreign_script = _foreign_letters(text) > _MOST_FOREIGN_LETTERS
    if foreign_script:
        yield "the commentary is not in Latin script; it is written in English"
    elif _is_foreign(text):
        yield (
            f"the commentary does not read as English: {english_share(text):.0%} of its words are English function "
            f"words; English prose has at least {LEAST_ENGLISH_SHARE:.0%}"
        )
    bullets = [*_items("projects", given.commentary.projects), *_items("similar_tech", given.commentary.similar_tech)]
    for where, item in (*items, *bullets):
        said = (split_bullet(item) or ("", item))[1]
        foreign = foreign_share(said) >= _FOREIGN_SHARE and foreign_share(said) > english_share(said)
        if foreign or (not foreign_script and _foreign_letters(said) > _MOST_FOREIGN_LETTERS):
            yield f"{where} does not read as English: {quoted(item)}; the commentary is written in English"


def _items(section: str, items: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((f"{section} item {place}", item) for place, item in enumerate(items, start=1))


def _unsupported(given: RuleInput, kind: Kind) -> Iterator[str]:
    for item in given.grounded:
        claims = dict.fromkeys(one.claim for one in item.supports if one.kind == kind and one.snippet_id is None)
        for claim in claims:
            what = f"the {kind} {quoted(claim)}, which the evidence does not hold"
            yield f"{item.section} item {item.place} has {what}: {quoted(item.text)}"


def _count_sentences(evidence: Evidence) -> int:
    """Count different full sentences, no further than the contract needs."""
    found: set[str] = set()
    for sentence in chain.from_iterable(split_sentences(snippet.text) for snippet in evidence.snippets):
        if is_full_sentence(sentence):
            found.add(normalise_sentence(sentence))
            if len(found) == LEAST_SENTENCES:
                break
    return len(found)


def _is_foreign(text: str) -> bool:
    return len(text.split()) >= _ENOUGH_WORDS and english_share(text) < LEAST_ENGLISH_SHARE


def _foreign_letters(text: str) -> float:
    if text.isascii():
        return 0.0
    letters = _LETTER.findall(text)
    return sum(not _LATIN_LETTER.match(letter) for letter in letters) / len(letters) if letters else 0.0
