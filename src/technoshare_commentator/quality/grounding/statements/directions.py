"""Whether a sentence points where its support points: faster or slower, before or after, enabled or disabled.

A word stands on a pole of a scale (`lexicon.OPPOSITES`). It contradicts when the support, about the same thing, names
the opposite pole alone; a denial turns a pole around, and so does an exchange of what stands on the two sides of it
("A is faster than B" and "B is slower than A").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.cues import cues
from technoshare_commentator.quality.grounding.language.lexicon import OPPOSITES
from technoshare_commentator.quality.grounding.language.words import concept, negated_base, stem
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.quality.grounding.statements.roles import sides

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_DEGREES = frozenset(("more", "most", "less", "least", "up", "down", "first", "last", "one"))
_LESS = frozenset(("less", "least"))
_ATTRIBUTES = frozenset(
    ("missing", "absent", "lacking", "failed", "failing")
)  # they deny their noun, no verb behind it
_OF_NOUNS = frozenset(("no", "without"))
_NEXT = 2  # content words on each side of a comparison
_SHARED = 2  # content words
_BESIDE = 3  # words
_NEAR = 4  # words from "all" to what it speaks of
_ALL_OVER = 3  # shared words that make a whole sentence speak of the same


def _scales() -> dict[str, frozenset[tuple[int, int]]]:
    """Every word on a scale, by its stem, with the scales and poles it stands on."""
    found: dict[str, set[tuple[int, int]]] = {}
    logical_lines = OPPOSITES.replace("\n        ", " ").strip().splitlines()
    for scale, line in enumerate(logical_lines):
        _OF_A_KIND.update({scale} if line.strip().startswith("~") else ())
        for pole, side in enumerate(line.replace("~", "").split("|")):
            for word in side.split():
                found.setdefault(stem(word), set()).add((scale, 1 - 2 * pole))
    return {word: frozenset(places) for word, places in found.items()}


_OF_A_KIND: set[int] = set()
_SCALES = _scales()


@dataclass(frozen=True)
class Pointer:
    """A word on a scale: where it stands, its pole (1 or -1, `turned` by a denial), and what its segment speaks of.

    Words of one pole, of which one is denied, are for `polarity_problems` to say.
    """

    word: str
    at: int
    scale: int
    pole: int
    turned: int
    about: frozenset[str]
    comparing: bool


@lru_cache(maxsize=4096)
def pointers(sentence: Parsed) -> tuple[Pointer, ...]:
    """Return every word of a sentence that stands on a scale, once for each scale."""
    found = []
    for at, word in enumerate(sentence.words):
        places = _SCALES.get(stem(word.lower), frozenset())
        if not places or _is_only_degree(sentence, at):
            continue
        turned = -1 if _is_turned(sentence, at) else 1
        about = sentence.segment_concepts(sentence.segments[at]) - {word.concept}
        comparing = _compares(sentence, at)
        found += [
            Pointer(word.lower, at, scale, pole * turned, turned, about, comparing) for scale, pole in sorted(places)
        ]
    return tuple(found)


def direction_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield words that point against their support."""
    told: set[int] = set()
    for mine in pointers(claim):
        if mine.at in told:
            continue
        alone = len(set(claim.segments)) == 1
        nearest = [(one, support) for support in supports for one in _about_the_same(mine, support, alone=alone)]
        most = max((len(mine.about & one.about) for one, _ in nearest), default=0)
        nearest = [(one, support) for one, support in nearest if len(mine.about & one.about) == most]
        if (
            not nearest
            or not _is_tight(mine, most, nearest)
            or any(mine.pole in {one.pole, one.pole * one.turned * mine.turned} for one, _ in nearest)
        ):
            continue
        other, support = nearest[0]
        if _names_both(support, mine, other) or _is_told_apart(claim, mine, other):
            continue
        if mine.scale in _OF_A_KIND and any(concept(mine.word) in one.concepts for one in supports):
            continue
        if mine.comparing != other.comparing and "than" in (claim.lowers if mine.comparing else support.lowers):
            continue  # "A has more than B" of a page that says "B loses"
        if mine.comparing and other.comparing and not _sides_straight(claim, mine, support, other):
            continue
        if not _sides_exchanged(claim, mine, support, other):
            told.add(mine.at)
            yield Problem("direction", mine.word, f"the page says {other.word!r}", support.text)


def _is_tight(mine: Pointer, most: int, nearest: Sequence[tuple[Pointer, Parsed]]) -> bool:
    """Whether both clauses share so much that they speak of the same: two words, or half of what one of them says."""
    least = min(len(mine.about), *(len(one.about) for one, _ in nearest)) if nearest else 0
    return most >= _SHARED or most * 2 >= least


def _compares(sentence: Parsed, at: int) -> bool:
    """Whether the word at `at` compares one thing with another, not with an earlier time: "than before"."""
    following = [word.lower for word in sentence.words[at + 1 : at + 6]]
    if "than" not in following[:4]:
        return False
    return following[following.index("than") + 1 :][:1] != ["before"]


def _names_both(support: Parsed, mine: Pointer, other: Pointer) -> bool:
    """Whether a sentence names both poles side by side: "the shortest and the longest expiry"."""
    near = support.words[max(other.at - _BESIDE, 0) : other.at + _BESIDE + 1]
    return any(stem(word.lower) == stem(mine.word) for word in near)


def _is_told_apart(claim: Parsed, mine: Pointer, other: Pointer) -> bool:
    """Whether another clause of the sentence, nearer to the page's, says what the page says: "A is up, B is down"."""
    shared = len(mine.about & other.about)
    return any(stem(one.word) == stem(other.word) and len(one.about & other.about) > shared for one in pointers(claim))


def _is_only_degree(sentence: Parsed, at: int) -> bool:
    """Whether a word only grades the next one or counts: the `more` of "more expensive", "up to", "more than 40"."""
    lower = sentence.words[at].lower
    following = sentence.words[at + 1].lower if at + 1 < len(sentence.words) else ""
    if lower in {"more", "most", "less", "least"}:
        counted = following == "than" and any(figure.at == at + 2 for figure in sentence.figures)
        return counted or bool(_SCALES.get(stem(following)))
    if lower == "longer" and at and sentence.words[at - 1].lower == "no":
        return True
    if lower in {"above", "below"}:
        return any(figure.at in {at + 1, at + 2} for figure in sentence.figures)
    if lower in {"up", "down"}:
        return following in {"to", "with"} and any(figure.at == at + 2 for figure in sentence.figures)
    return lower in {"first", "let", "long", "present", "right", "left", "single"} and following in {
        "of",
        "us",
        "as",
        "to",
    }


def _is_turned(sentence: Parsed, at: int) -> bool:
    before = sentence.words[at - 1].lower if at else ""
    return before in _LESS or denied(sentence, at)


def denied(sentence: Parsed, at: int) -> bool:
    """Whether a denial right before reaches the word at `at`; "no" and "without" deny the noun behind them."""
    return any(
        cue.kind == "negation"
        and (cue.at < at <= cue.at + (_NEXT if cue.word in _OF_NOUNS else _NEAR))
        and sentence.segments[cue.at] == sentence.segments[at]
        and not negated_base(cue.word)
        and cue.word not in _ATTRIBUTES
        for cue in cues(sentence)
    )


def _about_the_same(mine: Pointer, support: Parsed, *, alone: bool) -> list[Pointer]:
    """Return the words of `support` on the same scale that speak of the same, or all when there is one clause each."""
    theirs = [one for one in pointers(support) if one.scale == mine.scale]
    shared = [one for one in theirs if mine.about & one.about]
    if not shared and len(mine.about & support.concepts) >= _ALL_OVER:
        shared = [one for one in theirs if one.word not in _DEGREES]
    return shared or (theirs if alone and len(set(support.segments)) == 1 else [])


def _sides_straight(claim: Parsed, mine: Pointer, support: Parsed, other: Pointer) -> bool:
    """Whether two comparisons put the same thing on the same side."""
    left, right = sides(claim, mine.at, _NEXT)
    their_left, their_right = sides(support, other.at, _NEXT)
    return bool(left & their_left or right & their_right)


def _sides_exchanged(claim: Parsed, mine: Pointer, support: Parsed, other: Pointer) -> bool:
    left, right = sides(claim, mine.at)
    their_left, their_right = sides(support, other.at)
    return bool(left & their_right or right & their_left) and not (left & their_left or right & their_right)
