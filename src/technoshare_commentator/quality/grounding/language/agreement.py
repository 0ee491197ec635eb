"""Whether two numbers say the same: alike, rounded as far as the words around them allow, or worked out from others."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise, permutations
from typing import TYPE_CHECKING, Literal

from technoshare_commentator.quality.grounding.language.lexicon import STOP_WORDS
from technoshare_commentator.quality.grounding.language.quantities import is_counted
from technoshare_commentator.quality.grounding.language.quantity import digits, factor, in_its_unit, rounded
from technoshare_commentator.quality.grounding.language.versions import is_version

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.quality.grounding.language.parsed import Parsed
    from technoshare_commentator.quality.grounding.language.quantity import Quantity

Bound = Literal["least", "most", ""]

_LEAST = re.compile(
    r"(?:at least|no fewer than|no less than|more than|over|above|minimum of|exceed(?:s|ed|ing)?|beyond)\s*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"(?:at most|no more than|not more than|up to|less than|fewer than|under|below|within|maximum of|"
    r"as many as|limit(?:ed)? to|capped at)\s*$",
    re.IGNORECASE,
)
_LEAST_BEHIND = re.compile(r"\s*(?:\+|or more|or higher|or above|and up|minimum)", re.IGNORECASE)
_MOST_BEHIND = re.compile(r"\s*(?:or less|or fewer|or lower|at most|maximum)", re.IGNORECASE)
_ABOUT = re.compile(
    r"(?:about|around|roughly|approximately|approx\.?|circa|some|close to|near(?:ly)?|almost|just|well|~|\u2248|or so|"
    r"in the order of|on the order of|a little|slightly|somewhat|over|under|more than|less than|fewer than|above|below|"
    r"at least|up to|only|within|exceeding|exceeds|exceeded)\s*$",
    re.IGNORECASE,
)
_WORD_BEHIND = re.compile(r"[\s-]*([^\W\d_]+)")
_ARTICLE = re.compile(r"\s*(?:\ban?\s)?[$€£¥]?\s*$")
_DIFFERENCE = re.compile(
    r"\b(?:less|more|fewer|by|sav\w+|differ\w*|gap|gain\w*|lost|loses?|points?|ahead|behind|slower|faster|longer|shorter|"
    r"cheaper|higher|lower)\b",
    re.IGNORECASE,
)
_OUT_OF = re.compile(r"\s(?:\w+\s)?(?:in|of|out of)\s(?:\w+\s)?")
_LOOK = 24
_LOOSE = Decimal("0.12")  # how far "almost 40" may be from the truth, and "more than 40"
_BOUND = Decimal("0.2")
_POINTS = Decimal(4)  # how far "about 90 percent" may be from the truth
_FRACTION = Decimal("0.1")  # how far "half" may be from the percentage it stands for
_TIGHT = Decimal("0.01")
_TWO_DIGITS = 2
_LARGE = 10**12
_ORDINALS = ("st", "nd", "rd", "th")
_MOST_FIGURES = 8  # numbers of one sentence that are worked out with one another


def agrees(claim: Quantity, text: str, source: Quantity, there: str = "") -> bool:
    """Whether `claim`, a number of the sentence `text`, says what `source`, a number of `there`, says."""
    if claim.value is None or source.value is None:
        return claim.exact == source.exact
    if claim.dimension != source.dimension and claim.dimension and source.dimension:
        return _is_reciprocal(claim, source)
    if claim.dimension and not source.dimension and there and _counts_something(source, there):
        return False
    measured = bool(claim.dimension) and claim.dimension == source.dimension
    if (claim.value == source.value) if measured else (claim.exact == source.exact):
        return True
    return _comes_close(claim, text, source)


def is_rounded(claim: Quantity, text: str, source: Quantity) -> bool:
    """Whether `claim`, a number of the sentence `text`, is `source` with fewer digits: 5.8 GB as "roughly 6 GB".

    One digit and a bare number are told from others of the page only by a word such as "about".
    """
    if not claim.value or not source.value or claim.dimension != source.dimension or is_version(claim, text):
        return False
    mine, other = in_its_unit(claim), source.value / factor(claim)
    fewer = digits(mine) < digits(other) and rounded(other, mine) == mine
    telling = _is_loose(claim, text) or (bool(claim.dimension) and digits(mine) >= _TWO_DIGITS)
    return fewer and telling and _right_side(claim, text, mine, other)


def rounded_from(claim: Quantity) -> tuple[Decimal, Decimal] | None:
    """The least and the greatest value, in base units, that can be rounded to a number; None where it has no value."""
    if not claim.value:
        return None
    exponent = in_its_unit(claim).normalize().as_tuple().exponent
    half = Decimal(1).scaleb(int(exponent)) * factor(claim) / 2
    return claim.value - half, claim.value + half


def _comes_close(claim: Quantity, text: str, source: Quantity) -> bool:
    if claim.value is None or source.value is None:
        return False
    if claim.implied != source.implied and claim.dimension == "percent" and source.value:  # "half" of 52 percent
        within = _BOUND if bound(text, claim) else _FRACTION
        return abs(claim.value - source.value) <= within * source.value and _right_side(
            claim, text, claim.value, source.value
        )
    return _rounds(claim, text, source)


def _counts_something(quantity: Quantity, text: str) -> bool:
    """Whether a noun follows a bare number, so that it has no unit to leave out: the 64 of "64 accelerators"."""
    behind = _WORD_BEHIND.match(text, quantity.start + len(quantity.text))
    return behind is not None and behind.group(1).lower() not in STOP_WORDS


def _is_reciprocal(claim: Quantity, source: Quantity) -> bool:
    """Whether one says "a sixth" where the other says "six times", seen from the other side."""
    one, other = sorted((claim, source), key=lambda quantity: quantity.dimension)
    if (one.dimension, other.dimension) != ("percent", "times") or not one.value or not other.value:
        return False
    return abs(one.value * other.value - 100) <= _FRACTION * 100


def bound(text: str, quantity: Quantity) -> Bound:
    """Whether a number is a lower or an upper bound by the words around it; empty when neither."""
    before = _before(text, quantity)
    behind = text[quantity.start + len(quantity.text) :][:_LOOK]
    if _LEAST.search(before) or _LEAST_BEHIND.match(behind):
        return "most" if _MOST.search(before) and "no more" in before.lower() else "least"
    return "most" if _MOST.search(before) or _MOST_BEHIND.match(behind) else ""


def derivable(claim: Quantity, text: str, *sources: Parsed) -> bool:
    """Whether a share, a factor or a difference follows from two numbers of the given sentences."""
    if claim.value is None:
        return False
    if claim.dimension == "percent" and any(
        _near(claim, text, value) for source in sources for value in _parts_of_wholes(source)
    ):
        return True
    known = [
        one.quantity for source in sources for one in source.figures if _can_be_worked_with(one.quantity, source.text)
    ]
    known = [one for one in known if one != claim][:_MOST_FIGURES]
    return any(
        _near(claim, text, value)
        for one, other in permutations(known, 2)
        if one.dimension == other.dimension or not (one.dimension and other.dimension)
        for value in _worked_out(claim, text, one, other)
    )


def changes(source: Parsed) -> Iterator[Decimal]:
    """Yield the percentages by which numbers of a sentence differ, and which they are of one another."""
    known = [one.quantity for one in source.figures if _can_be_worked_with(one.quantity, source.text)][:_MOST_FIGURES]
    for one, other in permutations(known, 2):
        if one.dimension == other.dimension != "percent" and one.value and other.value and one.value > other.value:
            yield other.value / one.value * 100
            yield (one.value - other.value) / one.value * 100


def _parts_of_wholes(source: Parsed) -> Iterator[Decimal]:
    """Yield the percentages in "31 of 40" and "one query in twelve"."""
    for part, whole in pairwise(figure.quantity for figure in source.figures if not figure.quantity.implied):
        between = source.text[part.start + len(part.text) : whole.start]
        if part.value and whole.value and _OUT_OF.fullmatch(between):
            yield part.value / whole.value * 100


def _can_be_worked_with(quantity: Quantity, text: str) -> bool:
    told = is_counted(quantity) or (quantity.implied and quantity.dimension not in {"percent", "times"})
    told = told and not quantity.text.endswith(_ORDINALS)
    return bool(quantity.value) and told and not is_version(quantity, text)


def _worked_out(claim: Quantity, text: str, one: Quantity, other: Quantity) -> Iterator[Decimal]:
    first, second = one.value, other.value
    if first is None or second is None:
        return
    if {"percent", "times"} & {one.dimension, other.dimension} and one.dimension != other.dimension:
        return
    if one.dimension != other.dimension:  # "19 GB where the other needs 118"
        first, second = in_its_unit(one), in_its_unit(other)
    if not first or not second:
        return
    if claim.dimension == "percent" and one.dimension != "percent":
        yield abs(first - second) / first * 100
        yield first / second * 100
    elif claim.dimension == "times":
        yield first / second
    elif (claim.dimension or "percent") == one.dimension == other.dimension and _DIFFERENCE.search(text):
        yield abs(first - second)


def _near(claim: Quantity, text: str, value: Decimal) -> bool:
    if claim.value is None or value == 0:
        return False
    off = abs(claim.value - value)
    whole = value.quantize(Decimal(1), rounding=ROUND_HALF_UP) if value < _LARGE else value
    return off <= (_allowed(claim, text, value) if _is_loose(claim, text) else _TIGHT * value) or whole == claim.value


def _rounds(claim: Quantity, text: str, source: Quantity) -> bool:
    if claim.value is None or source.value is None or source.value == 0 or claim.value == 0:
        return False
    if is_version(claim, text):
        return False
    mine, other = in_its_unit(claim), source.value / factor(claim)
    if _is_loose(claim, text):
        return abs(mine - other) <= _allowed(claim, text, other) and _right_side(claim, text, mine, other)
    if digits(mine) >= digits(other):
        return False
    whole = other != other.to_integral_value() and mine == mine.to_integral_value()
    return (digits(mine) >= _TWO_DIGITS or whole) and rounded(other, mine) == mine


def _right_side(claim: Quantity, text: str, mine: Decimal, other: Decimal) -> bool:
    """Whether "almost 40" stands for less than 40 and "over 40" for more."""
    before = _before(text, claim).lower()
    if re.search(r"(?:almost|nearly|under|less than|fewer than|below)\s*$", before):
        return other <= mine
    return other >= mine if re.search(r"(?:over|more than|above|exceed\w*)\s*$", before) else True


def _allowed(claim: Quantity, text: str, value: Decimal) -> Decimal:
    """How far a loose number may be from `value`; a percentage that is no bound, a few points at most."""
    slack = (_BOUND if bound(text, claim) else _LOOSE) * value
    points = claim.dimension == "percent" and not claim.implied and not bound(text, claim)
    return min(slack, _POINTS) if points else slack


def _is_loose(claim: Quantity, text: str) -> bool:
    return bool(_ABOUT.search(_before(text, claim)))


def _before(text: str, quantity: Quantity) -> str:
    """What stands in front of a number, without its currency and article."""
    return _ARTICLE.sub("", text[max(0, quantity.start - _LOOK) : quantity.start])
