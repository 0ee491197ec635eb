"""How much of a thing, and how surely: all for some, at most for at least, the best and the guaranteed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.agreement import agrees, bound
from technoshare_commentator.quality.grounding.language.lexicon import ALL_SHARES, CERTAINTIES, SHARES, SOME_SHARES
from technoshare_commentator.quality.grounding.language.quantities import UNIT_WORDS
from technoshare_commentator.quality.grounding.language.words import concept
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.quality.grounding.statements.directions import denied
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_NEAR = 4  # words from "all" to what it speaks of
_UNIVERSAL = frozenset(("every", "everything", "everyone", "everybody", "always"))
_WHOLE = _UNIVERSAL | word_set("""
    all each any both whole entire entirely fully completely none no never nobody nothing only anything across
    complete regardless whatever whichever whoever without same wherever whenever automatically
""")
_ALL, _MOST_SHARES = 100, 4  # percent, and the rank of a percentage above half of it
_TOO_FAR = 2  # ranks of `SHARES` between two words that do not mean the same
_DOUBTS = frozenset(("too", "few", "not", "no", "never", "cannot", "nothing"))
_CERTAINTIES = tuple(frozenset(line.split()) for line in CERTAINTIES.strip().splitlines())


def quantity_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield shares (`all` for `some`) and bounds (`at most` for `at least`) that the support does not give."""
    for at, word in enumerate(claim.words):
        rank = _share(claim, at)
        if word.lower not in SHARES or rank is None or denied(claim, at):
            continue
        if any(one == word.lower for support in supports for one, _ in _shares_of_the_same(claim, at, support)):
            continue
        for support in supports:
            others = _shares_of_the_same(claim, at, support)
            if others and all(_is_another_share(rank, other) for _, other in others):
                yield Problem("quantity", word.lower, f"the page says {others[0][0]!r}", support.text)
                break
    for figure in claim.figures:
        mine = bound(claim.text, figure.quantity)
        for support in supports:
            same = [one for one in support.figures if agrees(figure.quantity, claim.text, one.quantity, support.text)]
            theirs = {bound(support.text, one.quantity) for one in same} - {""}
            if mine and theirs and mine not in theirs:
                yield Problem("quantity", figure.quantity.text, "the page gives the opposite bound", support.text)


def universal_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield "every" and "all" of things of which the support speaks without any such word."""
    for at, word in enumerate(claim.words):
        head = next((later.concept for later in claim.words[at + 1 : at + 1 + _NEAR] if later.concept), "")
        often = word.lower == "every" and {later.lower for later in claim.words[at + 1 : at + 2]} <= UNIT_WORDS
        if often or word.lower not in _UNIVERSAL or _share(claim, at) != ALL_SHARES or denied(claim, at):
            continue
        speaking = [one for one in supports if head in one.concepts]
        if speaking and all(_WHOLE.isdisjoint(one.lowers) for one in supports):
            yield Problem("quantity", word.lower, f"the page does not say {word.lower!r}", speaking[0].text)


def certainty_problems(claim: Parsed, supports: Sequence[Parsed], vocabulary: frozenset[str]) -> Iterator[Problem]:
    """Yield superlatives and guarantees that neither the support nor a word of the same kind on the page carries."""
    said = frozenset().union(*(support.lowers for support in supports))
    meant = frozenset(concept(word) for word in said)
    for at, word in enumerate(claim.words):
        line = next((line for line in _CERTAINTIES if word.lower in line), None)
        if line is None or not line.isdisjoint(said) or concept(word.lower) in meant or denied(claim, at):
            continue
        following = claim.words[at + 1] if at + 1 < len(claim.words) else None
        counted = following is not None and (not following.concept or any(f.at == at + 1 for f in claim.figures))
        before = claim.words[at - 1].lower if at else ""
        if not _DOUBTS.isdisjoint(word.lower for word in claim.words[:at]):
            continue
        if word.lower in {"only", "alone", "first", "certain", "zero"} and (counted or before in {"not", "at"}):
            continue
        if concept(word.lower) not in vocabulary:
            yield Problem("certainty", word.lower, f"the page does not say {word.lower!r}", _first_text(supports))


def _shares_of_the_same(claim: Parsed, at: int, support: Parsed) -> list[tuple[str, int]]:
    """Return the words of `support` that say how much of the same thing, with their ranks."""
    mine = _head(claim, at)
    ranked = ((place, _share(support, place)) for place in range(len(support.words)))
    return [
        (support.words[place].lower, rank)
        for place, rank in ranked
        if rank is not None and mine & _head(support, place) and (rank == SOME_SHARES or not denied(support, place))
    ]


def _share(sentence: Parsed, at: int) -> int | None:
    """Return how much of a set the word at `at` speaks of; "three of the five" is some."""
    word = sentence.words[at].lower
    if word not in SHARES and [one.lower for one in sentence.words[at + 1 : at + 3]] == ["of", "the"]:
        return SOME_SHARES if any(one.at == at and not one.quantity.implied for one in sentence.figures) else None
    rank = SHARES.get(word)
    before = sentence.words[at - 1].lower if at else ""
    if rank == ALL_SHARES and before == "of":
        return None  # "11 % of all events" speaks of the whole that the share is one of
    if rank == ALL_SHARES and before == "not":
        return SOME_SHARES
    if rank == ALL_SHARES and before in {"nearly", "almost", "virtually"}:
        return rank - 1
    return rank if rank is not None else _percentage_rank(sentence, at)


def _percentage_rank(sentence: Parsed, at: int) -> int | None:
    """Return the rank of a percentage; one right behind such a word only puts it into figures."""
    found = (figure.quantity for figure in sentence.figures if figure.at == at and not figure.quantity.implied)
    shares = (quantity.value for quantity in found if quantity.dimension == "percent")
    value = next(shares, None)
    if value is None or value >= _ALL:
        return None
    return _MOST_SHARES if value > _ALL / 2 else SOME_SHARES


def _first_text(supports: Sequence[Parsed]) -> str:
    return supports[0].text if supports else ""


def _is_another_share(mine: int, other: int) -> bool:
    if mine > other:
        return mine - other >= _TOO_FAR
    return mine < SOME_SHARES < other <= ALL_SHARES


def _head(sentence: Parsed, at: int) -> frozenset[str]:
    return frozenset(word.concept for word in sentence.words[at + 1 : at + 1 + _NEAR] if word.concept)
