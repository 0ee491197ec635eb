"""Whether the numbers of a sentence stand in its support, or elsewhere on the page about the same thing."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.figures.bindings import belongs_elsewhere, bindings
from technoshare_commentator.quality.grounding.figures.placed_shares import other_share
from technoshare_commentator.quality.grounding.language.agreement import agrees, derivable
from technoshare_commentator.quality.grounding.language.quantities import is_counted
from technoshare_commentator.quality.grounding.language.versions import is_version
from technoshare_commentator.quality.grounding.language.words import concept
from technoshare_commentator.quality.grounding.page.alignment import figure_key
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Figure, Parsed
    from technoshare_commentator.quality.grounding.language.quantity import Quantity
    from technoshare_commentator.quality.grounding.page.alignment import Page, Place

_UNIQUE_DIGITS = 4
_PLAIN_DIGITS = 2  # a longer number hardly occurs twice by chance
_SUMMED = frozenset(("dollars", "euros", "pounds", "bytes"))
_POINT = concept("points")  # of percent, which are differences
_MOSTLY = 0.75
_BESIDE = 4  # words
_SHARED = 2  # content words that make a number elsewhere speak of the same thing


def number_problems(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """Yield numbers that the support does not hold and that nothing of the same kind on the page supports."""
    nearest = places[0].text if places else ""
    for figure in claim.figures:
        quantity = figure.quantity
        apart = quantity.dimension == "times" and other_share(figure, claim, places, page)
        if (not apart and _is_worked_out(quantity, claim, places)) or _another_reading_holds(figure, claim, places):
            continue
        if told := _told_otherwise(figure, claim, places, page):
            yield Problem("number", quantity.text, f"the page says {told!r} of this", nearest)
            continue
        if any(_holds(place, quantity, claim.text) and _akin(figure, claim, place) for place in places):
            continue  # whether it belongs to the same thing there is for `role_problems` to say
        if (
            other := _other_version(figure, claim, places)
            or _other_count(figure, claim, places)
            or other_share(figure, claim, places, page)
        ):
            yield Problem("number", quantity.text, f"the page says {other!r}", nearest)
            continue
        if not is_counted(quantity) or _is_in_topic(quantity, page) or _is_part_of_a_name(figure, claim, page):
            continue
        if _around(figure, claim, places, page) or _elsewhere(figure, claim, page):
            continue
        if not _is_known_version(figure, claim, page):
            together = [one.quantity for place in places for one in place.parsed.figures]
            yield Problem("number", quantity.text, _told(quantity, together), nearest)


def _around(figure: Figure, claim: Parsed, places: Sequence[Place], page: Page) -> bool:
    """Whether a sentence beside the support gives the number, and no better one gives another in its place."""
    telling = bool(figure.quantity.dimension) or len(figure.quantity.exact) > _PLAIN_DIGITS
    home = _rival_home(figure, claim, page)
    return any(
        _holds(place, figure.quantity, claim.text) and (telling or _akin(figure, claim, place))
        for place in chain.from_iterable(page.around(one, 1) for one in places)
        if len(claim.concepts & place.concepts) * 2 >= home
    )


def _is_worked_out(quantity: Quantity, claim: Parsed, places: Sequence[Place]) -> bool:
    """Whether a number follows from others: of the sentence itself, of one of its support, sums of several of those."""
    supports = [place.parsed for place in places]
    if any(derivable(quantity, claim.text, one) for one in (claim, *supports)):
        return True
    summed = quantity.dimension in _SUMMED or claim.text.startswith(" point", quantity.start + len(quantity.text))
    return summed and derivable(quantity, claim.text, *supports)


def _another_reading_holds(figure: Figure, claim: Parsed, places: Sequence[Place]) -> bool:
    """Whether the text also suggests a reading that holds: 18.3 million of "18.3 to 2.1 million"."""
    others = [one.quantity for one in claim.figures if one.at == figure.at and one.quantity.implied]
    return any(_holds(place, other, claim.text) for other in others for place in places)


def _holds(place: Place, quantity: Quantity, text: str) -> bool:
    return any(agrees(quantity, text, one.quantity, place.parsed.text) for one in place.parsed.figures)


def _akin(figure: Figure, claim: Parsed, place: Place) -> bool:
    """Whether a sentence of the page speaks of what the clause of a number speaks of."""
    about = claim.segment_concepts(figure.segment)
    least = min(_SHARED, len(claim.concepts), len(place.concepts))
    beside = {key for one in claim.figures if one != figure for key in [figure_key(one.quantity)]}
    shared = len(claim.concepts & place.concepts) + len(beside & place.figures)
    if quantity_is_unique(figure.quantity) and shared:
        return True
    return shared > _SHARED or (bool(about & place.concepts or not about) and shared >= least)


def quantity_is_unique(quantity: Quantity) -> bool:
    """Whether a number can hardly stand for something else elsewhere: `3.9.4`, `11,240`."""
    return quantity.exact.count(".") > 1 or len(quantity.exact) > _UNIQUE_DIGITS


def _told(quantity: Quantity, together: Sequence[Quantity]) -> str:
    alike = [one.text for one in together if one.dimension == quantity.dimension]
    return f"the page says {alike[0]!r} here" if alike else "the page gives no such number here"


def _other_count(figure: Figure, claim: Parsed, places: Sequence[Place]) -> str:
    """Return the count the page gives for what follows a small number in words; empty when it gives none."""
    counted = _counted(claim, figure)
    if not counted or figure.quantity.dimension or counted == _POINT:
        return ""
    for place in places[:1]:
        for one in place.parsed.figures:
            same = one.quantity.exact == figure.quantity.exact
            if _says_too(claim, figure, one.quantity.text):
                return ""
            if _counted(place.parsed, one) == counted and not one.quantity.implied and not same:
                return one.quantity.text
    return ""


def _other_version(figure: Figure, claim: Parsed, places: Sequence[Place]) -> str:
    """Return the version the best support gives of the same thing; empty when it gives none."""
    if not is_version(figure.quantity, claim.text):
        return ""
    for place in places[:1]:
        for one in place.parsed.figures:
            versioned = is_version(one.quantity, place.text) and "." in one.quantity.exact
            if versioned and one.quantity.exact != figure.quantity.exact:
                return one.quantity.text
    return ""


def _told_otherwise(figure: Figure, claim: Parsed, places: Sequence[Place], page: Page) -> str:
    """Return the number the best support gives for the same words; empty when it gives this one or none fits better."""
    mine = next((one for one in bindings(claim) if one.figure == figure), None)
    if (
        mine is None
        or not places
        or _holds(places[0], figure.quantity, claim.text)
        or _is_in_topic(figure.quantity, page)
    ):
        return ""
    rivals = [
        (len(mine.own & one.own), one.figure.quantity.text)
        for one in bindings(places[0].parsed)
        if one.figure.quantity.dimension == figure.quantity.dimension
        and is_version(one.figure.quantity, places[0].text) == is_version(figure.quantity, claim.text)
    ]
    shared, told = max(rivals, default=(0, ""))
    if (
        _says_too(claim, figure, told)
        or not shared
        or shared < min(_SHARED, len(mine.own))
        or shared < _MOSTLY * len(mine.own)
    ):
        return ""
    fitting = [
        len(mine.own & one.all)
        for place in page.places
        if mine.own & place.concepts
        for one in bindings(place.parsed)
        if agrees(figure.quantity, claim.text, one.figure.quantity)
    ]
    most = max(fitting, default=0)
    held = most >= _SHARED and not is_version(figure.quantity, claim.text)
    return told if shared > most and not held else ""


def _says_too(claim: Parsed, figure: Figure, told: str) -> bool:
    """Whether the page's number stands right beside another: "eleven of 340 services", "from 4 to 9 percent"."""
    beside = (one.quantity.text for one in claim.figures if abs(one.at - figure.at) <= _BESIDE)
    return told.casefold() in {text.casefold() for text in beside}


def _is_part_of_a_name(figure: Figure, claim: Parsed, page: Page) -> bool:
    """Whether the page writes a number behind the same name: `Steward 2`."""
    before = claim.words[figure.at - 1] if figure.at else None
    if before is None or not before.concept or not before.written[0].isupper():
        return False
    named = f"{before.written} {figure.quantity.text}"
    return any(named in text for _, text in page.whole)


def _is_in_topic(quantity: Quantity, page: Page) -> bool:
    """Whether title, headings or metadata hold a number."""
    return figure_key(quantity) in page.topic_figures


def _is_known_version(figure: Figure, claim: Parsed, page: Page) -> bool:
    """Whether a version is one the page speaks of, for what it speaks of elsewhere."""
    return is_version(figure.quantity, claim.text) and any(
        figure.quantity.exact == one.quantity.exact and is_version(one.quantity, place.text)
        for place in page.places
        if figure_key(figure.quantity) in place.figures
        for one in place.parsed.figures
    )


def _counted(sentence: Parsed, figure: Figure) -> str:
    following = sentence.words[figure.at + 1 : figure.at + 2]
    return following[0].concept if following else ""


def _rival_home(figure: Figure, claim: Parsed, page: Page) -> int:
    """How much a support shares that has another number of the same unit and the rest of the sentence's numbers."""
    others = {figure_key(one.quantity) for one in claim.figures if one != figure and not one.quantity.implied}
    dimension = figure.quantity.dimension
    shared = [
        len(claim.concepts & place.concepts)
        for place in page.supports(claim)[:1]
        if dimension and others and others <= place.figures and not _holds(place, figure.quantity, claim.text)
        if any(
            one.quantity.dimension == dimension and figure_key(one.quantity) not in others
            for one in place.parsed.figures
        )
    ]
    return max(shared, default=0)


def _elsewhere(figure: Figure, claim: Parsed, page: Page) -> bool:
    """Whether another sentence gives the number about the same things."""
    about = claim.segment_concepts(figure.segment) or claim.concepts
    telling = figure.quantity.dimension or len(figure.quantity.exact) > _PLAIN_DIGITS
    least = 1 if telling else min(_SHARED, len(about))
    if figure.quantity.dimension in {"percent", "times"} and any(
        derivable(figure.quantity, claim.text, place.parsed)
        for place in page.places
        if len(claim.concepts & place.concepts) > _SHARED
    ):
        return True
    home = _rival_home(figure, claim, page)
    return any(
        len(about & place.concepts) >= least
        and len(claim.concepts & place.concepts) * 2 >= home
        and (telling or len(claim.concepts & place.concepts) >= min(_SHARED, len(claim.concepts)))
        and _holds(place, figure.quantity, claim.text)
        and not belongs_elsewhere(figure, claim, place.parsed)
        for place in page.places
        if about & place.concepts
    )
