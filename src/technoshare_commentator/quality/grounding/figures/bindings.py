"""Which number belongs to which thing: `12 percent with Orbweaver, 20 percent with Quiverstore`.

The words on both sides of a number, up to the next number or conjunction, are its own. A number without words of its
own in front ("against 410 ms") inherits those of the number before it; inherited words can excuse it, never accuse it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.agreement import agrees
from technoshare_commentator.quality.grounding.language.quantities import is_counted
from technoshare_commentator.quality.grounding.language.versions import is_version
from technoshare_commentator.quality.grounding.page.occurrences import months
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from technoshare_commentator.quality.grounding.language.parsed import Figure, Parsed

_TURNS = word_set("to and or against versus vs while whereas but than")
_DATED = re.compile(r"(?:19|20)[0-9]{2}")
_ORDINALS = ("st", "nd", "rd", "th")
_LARGEST_SCALE = word_set("hundred thousand million billion dozen")
_EARLIER = word_set("after since from before over")
_AGAINST = word_set("against versus vs compared than")
_BEFORE_PRONOUNS = word_set("before then now and but earlier today")
_PRONOUNS = word_set("it they this that these those")
_PREPOSITIONS = word_set("with for on at in by")
_NEAR = 4  # words
_SHOWN_WORDS = 4


@dataclass(frozen=True)
class Binding:
    """A number with the words that are its own, before and `behind` it, and those it inherits."""

    figure: Figure
    own: frozenset[str]
    inherited: frozenset[str]
    behind: frozenset[str]
    bare_behind: bool

    @property
    def all(self) -> frozenset[str]:
        """Own and inherited words together."""
        return self.own | self.inherited


@lru_cache(maxsize=4096)
def bindings(sentence: Parsed) -> tuple[Binding, ...]:
    """Return every number of a sentence that can be mistaken for another, with what it belongs to; versions apart."""
    with_unit = {one.at: one for one in sentence.figures if one.quantity.implied}  # the 4 of "4 to 9 ms"
    figures = [with_unit.get(one.at, one) for one in sentence.figures if _can_be_exchanged(one, sentence)]
    versions = [one for one in figures if is_version(one.quantity, sentence.text)]
    return (*_bound(sentence, [one for one in figures if one not in versions]), *_bound(sentence, versions))


def _bound(sentence: Parsed, figures: list[Figure]) -> tuple[Binding, ...]:
    found: list[Binding] = []
    before: frozenset[str] = frozenset()
    behind: frozenset[str] = frozenset()
    last = 0
    for number, figure in enumerate(figures):
        start = _start(sentence, figure, figures[number - 1] if number else None)
        stop = _stop(sentence, figure, figures[number + 1] if number + 1 < len(figures) else None)
        own_before = _concepts(sentence, start, figure.at)
        own_behind = _concepts(sentence, figure.at, stop) | _number_behind(sentence, figures, number)
        own_before = own_before or _lead(sentence, start, last)
        opening = [word.lower for word in sentence.words[start : start + 2] if word.lower not in _BEFORE_PRONOUNS]
        repeats = own_before <= before  # "took 71 minutes in 3.9 and takes 22"
        leaves_out = repeats or not _PRONOUNS.isdisjoint(opening[:1])
        inherited = (before if leaves_out else frozenset()) | (frozenset() if own_behind else behind)
        bare = not own_behind or _qualified(sentence, figure)
        found.append(Binding(figure, own_before | own_behind, inherited, own_behind, bare))
        before, behind, last = own_before or before, own_behind or behind, stop
    return tuple(found)


def belongs_elsewhere(figure: Figure, claim: Parsed, support: Parsed) -> str:
    """Return what a number belongs to in `support` when `claim` gives it to something else there; else empty."""
    mine = next((one for one in bindings(claim) if one.figure == figure), None)
    theirs = bindings(support)
    kind = is_version(figure.quantity, claim.text)
    theirs = tuple(one for one in theirs if is_version(one.figure.quantity, support.text) == kind)
    same = [one for one in theirs if agrees(figure.quantity, claim.text, one.figure.quantity, support.text)]
    if mine is None or not same:
        return ""
    own = frozenset().union(*(one.own for one in same))
    counted = frozenset() if figure.quantity.dimension else mine.behind.intersection(*(one.behind for one in same))
    all_own = own.union(*(one.inherited for one in same))
    said = [word.concept for word in support.words]
    for other in theirs:
        rivals = [one for one in same if _alike(one, other) and not one.own <= other.inherited]
        if other in same or not rivals:
            continue  # a number that shares all its words, as the ends of "from 4 to 9", cannot be told by them
        taken = {one for one in mine.own & (other.own - all_own) if said.count(one) == 1}
        kept = counted | (mine.all & (own - other.all))
        if len(taken) > len(kept) and (not kind or own - other.all or len(taken) > 1):
            return _shown(support, same[0])
    if all(_is_set_against(one.figure, support) for one in same) and not _is_set_against(figure, claim):
        apart = own - frozenset().union(*(one.own for one in theirs if one not in same))
        beside = [one for one in theirs if one not in same and not _is_set_against(one.figure, support)]
        beside = [one for one in beside if any(_alike(one, other) for other in same)]
        told = any(agrees(f.quantity, claim.text, one.figure.quantity) for f in claim.figures for one in beside)
        if not mine.all & (apart | counted) and mine.own and not told:
            return _shown(support, same[0])
    return ""


def _is_set_against(figure: Figure, sentence: Parsed) -> bool:
    """Whether a number stands there to compare another with: `38 ms, against 410 ms`, `down from 41`."""
    before = [word.lower for word in sentence.words[max(figure.at - 2, 0) : figure.at]]
    if is_version(figure.quantity, sentence.text) and not _EARLIER.isdisjoint(before):
        return True  # "nine months after 3.3"
    return not _AGAINST.isdisjoint(before) or before in (["down", "from"], ["up", "from"])


def _can_be_exchanged(figure: Figure, sentence: Parsed) -> bool:
    """Whether a number can be mistaken for another: not a version, a date, an ordinal, or one only suggested."""
    quantity = figure.quantity
    around = sentence.text[max(quantity.start - 1, 0) : quantity.start + len(quantity.text) + 1]
    named = (
        quantity.text.endswith(_ORDINALS) or quantity.text.lower() in _LARGEST_SCALE or ":" in around[:1] + around[-1:]
    )
    behind = sentence.words[figure.at + 1].written if figure.at + 1 < len(sentence.words) else ""
    dated = bool(_DATED.fullmatch(quantity.text)) or any(months(f"{behind} 1"))
    glued = around[:1] not in {"", " ", "$", "(", '"', "~"} and quantity.start > 0
    glued = glued or (around[-1:] == "-" and not quantity.dimension and "-" not in quantity.text)  # `16-bit`
    return is_counted(quantity) and not (named or dated or glued)


def _start(sentence: Parsed, figure: Figure, previous: Figure | None) -> int:
    """Where the words in front of a number begin: behind the last turn, pause or number."""
    start = figure.at
    while start > 0 and sentence.segments[start - 1] == figure.segment:
        start -= 1
    if previous and previous.at >= start:
        start = previous.at + 1
        turns = [at for at in range(start, figure.at) if sentence.words[at].lower in _TURNS]
        start = turns[0] if turns else start
    return start


def _stop(sentence: Parsed, figure: Figure, following: Figure | None) -> int:
    """Where the words behind a number end: at the next turn, pause or number."""
    stop = figure.at + 1
    while stop < len(sentence.words) and sentence.segments[stop] == figure.segment:
        if following and stop >= following.at:
            break
        if following and following.segment == figure.segment and sentence.words[stop].lower in _TURNS:
            break
        stop += 1
    return stop


def _qualified(sentence: Parsed, figure: Figure) -> bool:
    """Whether a preposition follows a number, so that nothing is counted: `3.4 with Quiverstore`."""
    following = sentence.words[figure.at + 1 : figure.at + 2]
    return bool(following) and following[0].lower in _PREPOSITIONS


def _number_behind(sentence: Parsed, figures: list[Figure], number: int) -> frozenset[str]:
    """What a number has for a qualifier when that is a number itself: `71 minutes in 3.9`."""
    if number + 1 == len(figures):
        return frozenset()
    figure, following = figures[number], figures[number + 1]
    between = [word.lower for word in sentence.words[figure.at + 1 : following.at]]
    return (
        frozenset({f"#{following.quantity.exact}"})
        if between[-1:] in (["in"], ["at"], ["with"]) and len(between) < _NEAR
        else frozenset()
    )


def _lead(sentence: Parsed, start: int, last: int) -> frozenset[str]:
    """What the segments say between the words of the number before, which end at `last`, and `start`."""
    segment = sentence.segments[start] if start < len(sentence.segments) else 0
    return frozenset(
        sentence.words[at].concept
        for at in range(last, start)
        if sentence.words[at].concept and sentence.segments[at] < segment
    )


def _concepts(sentence: Parsed, start: int, stop: int) -> frozenset[str]:
    return frozenset(word.concept for word in sentence.words[start:stop] if word.concept)


def _alike(one: Binding, other: Binding) -> bool:
    """Whether two numbers could stand in each other's place; one without a unit may leave out that of the other."""
    first, second = one.figure.quantity, other.figure.quantity
    if first.dimension == second.dimension:
        return bool(first.dimension) or ("." in first.exact) == ("." in second.exact)
    bare = one if not one.figure.quantity.dimension else other
    return not bare.figure.quantity.dimension and bare.bare_behind


def _shown(support: Parsed, one: Binding) -> str:
    near = [word.written for word in support.words if word.concept in one.all]
    return repr(" ".join(near[:_SHOWN_WORDS]))
