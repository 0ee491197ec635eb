"""Whether a share in words ("half of the users", "fell by a third") is the one that the page gives."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.figures.bindings import bindings
from technoshare_commentator.quality.grounding.language.agreement import agrees, changes
from technoshare_commentator.quality.grounding.language.lexicon import CHANGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Figure, Parsed
    from technoshare_commentator.quality.grounding.page.alignment import Page, Place

_OF_WHAT = 6  # words from "half" to what it is the half of
_SHARE_SLACK = Decimal("0.12")  # how far "half" may be from a percentage
_SHARED = 2  # content words that make a sentence speak of the same thing


def other_share(figure: Figure, claim: Parsed, places: Sequence[Place], page: Page) -> str:
    """Return what the support gives for a share in words ("half of the users", "fell by a third"), if another."""
    quantity = figure.quantity
    if not quantity.implied or quantity.dimension not in {"percent", "times"} or quantity.value is None:
        return ""
    of_what = {word.concept for word in claim.words[figure.at : figure.at + _OF_WHAT] if word.concept}
    changing = not CHANGES.isdisjoint(claim.lowers) and quantity.dimension == "percent"
    if _follows_from_sizes(figure, places, page):
        return ""
    for place in _homes_of(figure, claim, places, page):
        alike = [one for one in place.parsed.figures if one.quantity.dimension == quantity.dimension]
        bound = [one.quantity for one in alike if changing or _is_share_of(one, of_what, claim, place)]
        changed = [value for value in changes(place.parsed) if changing]
        shares = [one.value for one in bound if one.value is not None and quantity.dimension == "percent"]
        values = [*changed, *(100 - value for value in shares), *shares]
        if any(agrees(quantity, claim.text, one.quantity) for one in alike if one.quantity in bound):
            return ""
        if values and not any(abs(quantity.value - value) <= _SHARE_SLACK * max(value, Decimal(1)) for value in values):
            return bound[0].text if bound else f"{values[0]:.0f} %"
        if bound and not values:
            return bound[0].text
    return ""


def _homes_of(figure: Figure, claim: Parsed, places: Sequence[Place], page: Page) -> list[Place]:
    """Return the best support, and the sentence with a percentage that shares most with the clause of a share."""
    about = claim.segment_concepts(figure.segment)
    found = [
        (len(about & place.concepts), -place.number, place)
        for place in page.places
        if len(about & place.concepts) >= _SHARED and "%" in place.text.replace("percent", "%")
    ]
    best = [max(found)[2]] if found else []
    return [*places[:1], *(place for place in best if place not in places[:1])]


def _follows_from_sizes(figure: Figure, places: Sequence[Place], page: Page) -> bool:
    """Whether two numbers near the support make this part of one another: 1 billion is a seventh of 7 billion."""
    near = {place.number: place.parsed for one in places for place in page.around(one, 1)}
    large = [one.quantity for place in near.values() for one in place.figures if one.quantity.exact.endswith("000")]
    values = [one.value for one in large if one.value]
    share = (figure.quantity.value or Decimal(0)) / 100
    return any(abs(one / other - share) <= _SHARE_SLACK * share for one in values for other in values if one < other)


def _is_share_of(one: Figure, of_what: set[str], claim: Parsed, place: Place) -> bool:
    """Whether a share of the page is one of the same: of what the claim names, or both in words about one thing."""
    words = _bound_words(place.parsed, one)
    return bool(of_what & words) or (one.quantity.implied and len(claim.concepts & words) > 1)


def _bound_words(sentence: Parsed, figure: Figure) -> frozenset[str]:
    found = [one.all for one in bindings(sentence) if one.figure == figure]
    return found[0] if found else sentence.segment_concepts(figure.segment)
