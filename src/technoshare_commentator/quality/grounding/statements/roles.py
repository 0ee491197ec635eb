"""Who does what to whom, and which number belongs to which thing.

Two orders are compared around every word that a sentence shares with its support: what stands to the left of it and
what stands to the right. Crosswise agreement ("A beats B", "B beats A") is an exchange of roles, unless one side is in
the passive. Numbers and names are bound to the words of their segment.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.figures.bindings import belongs_elsewhere
from technoshare_commentator.quality.grounding.figures.ends import holds_ends, old_for_new
from technoshare_commentator.quality.grounding.language.agreement import agrees
from technoshare_commentator.quality.grounding.language.lexicon import NEGATIONS, SHARES
from technoshare_commentator.quality.grounding.language.parsed import PAUSE, Named
from technoshare_commentator.quality.grounding.language.quantities import UNIT_WORDS
from technoshare_commentator.quality.grounding.language.versions import is_version
from technoshare_commentator.quality.grounding.language.words import stem
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.vocabulary import looks_like_a_verb, word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed
    from technoshare_commentator.quality.grounding.language.words import Word

_FIRST_PERSON = word_set("we our us")
_SUBJECT = 3  # words
_BOUND = 2  # content words that bind a clause to a name
_ARGUMENTS = 3  # content words on each side of a pivot
_BE = word_set("is are was were be been being gets got has had have")
_NOUN_BEFORE = word_set("the a an its their our his her this that these those each every no any of")
_AGENT = word_set("by with through via")
_PIVOTS = word_set("than from over into before after under above below")
_SYMMETRIC = word_set("and or with")
_STOPS = word_set("while whereas but because although though when where which who if unless")


@lru_cache(maxsize=8192)
def sides(sentence: Parsed, at: int, reach: int = _ARGUMENTS) -> tuple[frozenset[str], frozenset[str]]:
    """What stands left and right of the word at `at` in its clause: the nearest content words and numbers."""
    left = _collected(sentence, range(at - 1, -1, -1), reach)
    right = _collected(sentence, range(at + 1, len(sentence.words)), reach)
    return left, right


def role_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield the first exchange of roles around a shared word, and every number that belongs to something else."""
    found = [(_exchanged(claim, support, supports), support) for support in supports]
    for pivot, support in found:
        if pivot:
            yield Problem("roles", pivot, f"the two sides of {pivot!r} are exchanged", support.text)
            break
    for figure in claim.figures:
        holding = [
            one
            for one in supports
            if any(agrees(figure.quantity, claim.text, f.quantity, one.text) for f in one.figures)
        ]
        owners = [(belongs_elsewhere(figure, claim, support), support) for support in holding]
        if owners and all(owner for owner, _ in owners):
            owner, support = owners[0]
            yield Problem("roles", figure.quantity.text, f"on the page it belongs to {owner}", support.text)
    if supports and (found_name := _named_elsewhere(claim, supports)):
        name, support = found_name
        yield Problem("roles", name, "on the page this is said of another", support.text)
    ends = [(old_for_new(claim, support), support) for support in supports if holds_ends(claim, support)]
    if ends and all(figure_text for figure_text, _ in ends):
        figure_text, support = ends[0]
        yield Problem("roles", figure_text, "on the page it is the other end of the change", support.text)


def _collected(sentence: Parsed, places: range, reach: int) -> frozenset[str]:
    figures = _figures_at(sentence)
    found: list[str] = []
    for place in places:
        word = sentence.words[place]
        if word.lower in _STOPS or (
            place - places.step in range(len(sentence.words)) and _paused(sentence, place, places.step)
        ):
            break
        mark = figures.get(place) or word.concept
        if mark and not _grades(word) and word.lower not in UNIT_WORDS:
            found.append(mark)
        if len(found) == reach:
            break
    return frozenset(found)


def _grades(word: Word) -> bool:
    """Whether a word only says how or how often, and is no party to what happens."""
    return word.lower.endswith("ly") or word.lower in SHARES or word.lower in NEGATIONS


def _paused(sentence: Parsed, place: int, step: int) -> bool:
    """Whether a comma or another pause stands between the word at `place` and the one collected before."""
    first, second = sorted((place, place - step))
    one = sentence.words[first]
    return bool(PAUSE.search(sentence.text, one.start + len(one.written), sentence.words[second].start))


@lru_cache(maxsize=4096)
def _figures_at(sentence: Parsed) -> dict[int, str]:
    plain = [figure for figure in sentence.figures if not is_version(figure.quantity, sentence.text)]
    return {figure.at: f"#{figure.quantity.value or figure.quantity.exact}" for figure in plain}


def _exchanged(claim: Parsed, support: Parsed, supports: Sequence[Parsed]) -> str:
    """Return the word whose two sides are exchanged; empty when there is none."""
    named = {name.at for name in claim.names}
    for at, word in enumerate(claim.words):
        pivot = word.concept or (word.lower if word.lower in _PIVOTS else "")
        if not pivot or at in named or not (word.lower in _PIVOTS or _acts(claim, at)):
            continue
        there = [
            place
            for place, one in enumerate(support.words)
            if (one.concept or (one.lower if one.lower in _PIVOTS else "")) == pivot
            and (one.lower in _PIVOTS or _acts(support, place))
            and not (word.lower == "than" and _compared(claim, at) != _compared(support, place))
        ]
        if there and all(_is_crosswise(claim, at, support, place) for place in there):
            straight = any(_is_straight(claim, at, one) for one in supports)
            if not straight:
                return word.written
    return ""


def _compared(sentence: Parsed, at: int) -> str:
    """Return the comparative in front of the "than" at `at`, by its stem."""
    return next((stem(word.lower) for word in reversed(sentence.words[max(at - 3, 0) : at]) if word.concept), "")


def _acts(sentence: Parsed, at: int) -> bool:
    """Whether the word at `at` can be a verb where it stands: not behind an article or another owner of nouns."""
    before = sentence.words[at - 1].lower if at else "the"
    behind = sentence.words[at + 1].lower if at + 1 < len(sentence.words) else ""
    if behind in _BE or any(figure.at == at - 1 for figure in sentence.figures):
        return False
    return looks_like_a_verb(sentence.words[at].lower) and before not in _NOUN_BEFORE


def _is_crosswise(claim: Parsed, at: int, support: Parsed, place: int) -> bool:
    reach = _ARGUMENTS if claim.words[at].lower in _PIVOTS else 1  # farther from a verb stand times and places
    left, right = sides(claim, at, reach)
    their_left, their_right = sides(support, place, reach)
    if _passive(claim, at) != _passive(support, place):
        their_left, their_right = their_right, their_left
    straight = bool(left & their_left) and bool(right & their_right)
    told = [one.concept for one in support.words]
    twice = {one for one in left | right if told.count(one) > 1}  # a word that stands on both sides has no side
    left, right = left - twice, right - twice
    return bool(left & their_right) and bool(right & their_left) and not straight


def _is_straight(claim: Parsed, at: int, support: Parsed) -> bool:
    """Whether `support` has the same word with the same things on both sides."""
    left, right = sides(claim, at)
    for place, one in enumerate(support.words):
        if one.lower == claim.words[at].lower:
            their_left, their_right = sides(support, place)
            if left & their_left and right & their_right:
                return True
    return False


def _passive(sentence: Parsed, at: int) -> bool:
    """Whether the verb at `at` is in the passive: `is beaten by`."""
    before = {word.lower for word in sentence.words[max(0, at - 3) : at]}
    after = {word.lower for word in sentence.words[at + 1 : at + 3]}
    if sentence.words[at].lower.endswith("ed") and sentence.words[at + 1 : at + 2] and "by" in after:
        return True  # "finds its write refused by the broker"
    return not before.isdisjoint(_BE) and not after.isdisjoint(_AGENT)


def _named_elsewhere(claim: Parsed, supports: Sequence[Parsed]) -> tuple[str, Parsed] | None:
    """Return a name that does here what another one does in a support, with that support."""
    for name in _names_as_in(claim, supports):
        mine = claim.segment_concepts(name.segment) - frozenset().union(*(_name_concepts(one) for one in supports))
        names = frozenset().union(*(_name_concepts(one) for one in supports))
        own = frozenset().union(*(_said_of(name, support) for support in supports)) - names
        if not own or not _is_subject(name, claim):
            continue
        for support in supports:
            here = {other.segment for other in support.names if other.key == name.key}
            if here and not _said_of(name, support) - names:
                continue  # a name that shares its clause with others: "12 percent with A, 20 with B"
            beside = {other.key for other in claim.names if other.segment == name.segment}
            for segment in sorted(_subjects(support) - here):
                rivals = {other.key for other in support.names if other.segment == segment}
                if rivals and rivals <= beside:
                    continue  # both stand here, too: "Ada Brandt, head of research at Corvid"
                taken = len(mine & (support.segment_concepts(segment) - own))
                if taken >= _BOUND and taken > len(mine & own):
                    return name.text, support
    return None


def _is_subject(name: Named, sentence: Parsed) -> bool:
    """Whether a name stands among the first words of its segment."""
    return sentence.segments[max(name.at - _SUBJECT, 0)] != name.segment or name.at < _SUBJECT


def _said_of(name: Named, support: Parsed) -> frozenset[str]:
    """What the segments that hold a name say."""
    return frozenset().union(*(support.segment_concepts(one.segment) for one in support.names if one.key == name.key))


def _subjects(support: Parsed) -> set[int]:
    """The segments that speak of somebody: of a name, or of the authors themselves."""
    found = {name.segment for name in support.names if _follows_no_verb(name, support)}
    if "unlike" not in support.lowers:
        return found  # "we" may well be the one who is named
    return found | {s for w, s in zip(support.words, support.segments, strict=True) if w.lower in _FIRST_PERSON}


def _follows_no_verb(name: Named, support: Parsed) -> bool:
    """Whether a segment does not begin with what somebody else is or does: "and commits to Iceberg"."""
    first = support.segments.index(name.segment)
    if any(word.lower in _BE for word in support.words[first : name.at]):
        return False
    opening = [at for at in range(first, name.at) if support.words[at].concept]
    return not opening or not (
        support.words[first].lower == "and" and looks_like_a_verb(support.words[opening[0]].lower)
    )


def _names_as_in(claim: Parsed, supports: Sequence[Parsed]) -> tuple[Named, ...]:
    """Return the names of `claim`, with a first word that only the supports show to be one."""
    known = {name.key for support in supports for name in support.names}
    first = claim.words[0]
    if first.lower in known and not any(name.at == 0 for name in claim.names):
        return (Named(first.written, first.lower, 0, claim.segments[0]), *claim.names)
    return claim.names


@lru_cache(maxsize=4096)
def _name_concepts(sentence: Parsed) -> frozenset[str]:
    return frozenset(sentence.words[name.at].concept for name in sentence.names if sentence.words)
