"""Whether a comparison holds for the figures that the page gives: "A is faster than B", of 12 ms and 9 ms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.figures.bindings import Binding, bindings
from technoshare_commentator.quality.grounding.language.versions import is_version
from technoshare_commentator.quality.grounding.language.words import concept, stem
from technoshare_commentator.quality.grounding.problems import Problem
from technoshare_commentator.quality.grounding.statements.roles import sides
from technoshare_commentator.vocabulary import word_set

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_MORE = frozenset(stem(word) for word in word_set("more higher larger bigger greater longer"))
_LESS = frozenset(stem(word) for word in word_set("less fewer lower smaller shorter cheaper"))
_BETTER = frozenset(stem(word) for word in word_set("better outperform outperforms beat beats"))
_WORSE = frozenset(stem(word) for word in word_set("worse underperform underperforms"))
_FASTER, _SLOWER = stem("faster"), stem("slower")
_LOWER_IS_BETTER = frozenset(
    concept(word) for word in word_set("error latency cost memory loss time price bug failure")
)
_SMALLER_UNITS = frozenset(("time", "bytes", "dollars", "euros", "pounds"))
_ALIKE = word_set("equally same identical matches match equals equal indistinguishable")
_APART = word_set("against versus vs compared than")
_RATES = frozenset(("percent", "times"))
_WITHIN = 4  # words from the first "as" to the second


def comparison_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield comparisons that the figures of a support contradict, and likeness where it gives two figures."""
    for support in supports:
        for at, word in enumerate(claim.words):
            if _contradicted(claim, at, support):
                yield Problem("direction", word.lower, "the figures of the page say the opposite", support.text)
                return
    if supports and (likeness := _likeness(claim)) and _gives_two_figures(claim, supports[0]):
        yield Problem("direction", likeness, "the page gives two different figures", supports[0].text)


def _contradicted(claim: Parsed, at: int, support: Parsed) -> bool:
    root = stem(claim.words[at].lower)
    if any(figure.at in {at + 1, at + 2} for figure in claim.figures):
        return False  # "more than ten times lower"
    if "than" not in {word.lower for word in claim.words[at + 1 : at + 6]} and root not in _BETTER | _WORSE:
        return False
    left, right = sides(claim, at)
    names = {claim.words[name.at].concept for name in claim.names}
    one, other = (
        _bound_to(mine & names or mine, theirs, support)
        for mine, theirs in ((left - right, right), (right - left, left))
    )
    if one is None or other is None or one.figure.quantity.dimension != other.figure.quantity.dimension:
        return False
    wanted = _wanted(root, one, support)
    first, second = one.figure.quantity.value, other.figure.quantity.value
    if not wanted or first is None or second is None:
        return False
    return (first < second) if wanted > 0 else (first > second)


def _bound_to(these: frozenset[str], those: frozenset[str], support: Parsed) -> Binding | None:
    """Return the only number that belongs to `these` and not to `those`."""
    numbers = [one for one in bindings(support) if not is_version(one.figure.quantity, support.text)]
    found = [one for one in numbers if one.own & these and not one.own & (those - these)]
    return found[0] if len(found) == 1 else None


def _wanted(root: str, one: Binding, support: Parsed) -> int:
    """Return 1 when the first figure has to be larger for the comparison to hold, -1 when smaller, 0 when unknown."""
    timed = one.figure.quantity.dimension == "time"
    lower_wins = one.figure.quantity.dimension in _SMALLER_UNITS or not _LOWER_IS_BETTER.isdisjoint(support.concepts)
    if root in _MORE:
        return 1
    if root in _LESS:
        return -1
    if root in {_FASTER, _SLOWER}:
        return (-1 if timed else 1) * (1 if root == _FASTER else -1)
    if root in _BETTER | _WORSE:
        return (-1 if lower_wins else 1) * (1 if root in _BETTER else -1)
    return 0


def _likeness(claim: Parsed) -> str:
    """Return the words that call two things alike: "just as faithful as", "the same"; empty when there are none."""
    lowers = [word.lower for word in claim.words]
    for at, lower in enumerate(lowers):
        denied = at and lowers[at - 1] in {"not", "never"}
        if lower == "as" and "as" in lowers[at + 2 : at + _WITHIN] and not denied:
            many = lowers[at + 1] in {"much", "many", "well", "long", "soon", "far", "little", "few", "high", "low"}
            twice = at and (lowers[at - 1] in {"twice", "half", "times"} or any(f.at == at - 1 for f in claim.figures))
            if not many and not twice:
                return " ".join(lowers[at : at + 3])
    return ""


def _gives_two_figures(claim: Parsed, support: Parsed) -> bool:
    measured = [one.figure.quantity for one in bindings(support) if one.figure.quantity.dimension in _RATES]
    return (
        len({one.value for one in measured}) > 1
        and not _APART.isdisjoint(support.lowers)
        and _APART.isdisjoint(claim.lowers)
        and not (_ALIKE & support.lowers)
    )
