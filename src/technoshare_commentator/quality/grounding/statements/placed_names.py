"""Whether the names of a sentence stand where it puts them: in its support or around it, not only elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.names import has_marks_of_a_name, key, parts
from technoshare_commentator.quality.grounding.language.quantities import UNIT_WORDS
from technoshare_commentator.quality.grounding.language.words import concept
from technoshare_commentator.quality.grounding.page.alignment import figure_key
from technoshare_commentator.quality.grounding.page.occurrences import months
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Named, Parsed
    from technoshare_commentator.quality.grounding.page.alignment import Page, Place
    from technoshare_commentator.quality.grounding.page.occurrences import Grounding

_SHARED = 2  # content words
_SHORT_MONTH = 4  # letters; longer ones are written out
_SUBJECT_WORDS = 4  # a name among the first words of a sentence is likely its subject


def name_problems(claim: Parsed, places: Sequence[Place], page: Page, grounding: Grounding) -> Iterator[Problem]:
    """Yield names that the page does not hold, and names in a place where the support speaks of another."""
    nearest = places[0].text if places else ""
    mine = {piece for name in claim.names for piece in _pieces(name)}
    for name in claim.names:
        if name.text.lower() in UNIT_WORDS:
            continue
        found = grounding.find_name(name.text)
        if found is None and concept(name.text.lower()) in page.vocabulary:
            continue  # RAM, of a page that says "memory"
        if found is None:
            yield Problem("name", name.text, "the page does not hold this name", nearest)
        elif places and not _holds(home := _home(claim, name, places), name):
            of_page = found.startswith("@") or (
                not any(months(name.text)) and claim.words[name.at].concept in page.topic
            )
            rival = _rival(name, mine, home, page, about_page=of_page)
            if rival:
                yield Problem("name", name.text, f"the page speaks of {rival!r} here", nearest)


def date_problems(claim: Parsed, places: Sequence[Place], page: Page) -> Iterator[Problem]:
    """Yield months that the support does not name, though it names another, or that nothing on the page names."""
    mine = {month for month in months(claim.text) if len(month) > _SHORT_MONTH or month == "may"}
    if not mine:
        return
    near = {month for place in places[:1] for month in months(place.text)}
    near = near or {month for place in places for month in months(place.text)}
    known = near or {month for _, text in page.whole for month in months(text)}
    yield from _misplaced_months(claim, places)
    around = {month for one, text in page.whole if one.startswith("@") for month in months(text)}
    for month in sorted(mine - known - around):
        yield Problem("name", month.title(), "the page gives no such date here", places[0].text if places else "")


def _misplaced_months(claim: Parsed, places: Sequence[Place]) -> Iterator[Problem]:
    """Yield a month in a clause whose own sentence of the page names another month only."""
    for word, segment in zip(claim.words, claim.segments, strict=True):
        mine = set(months(f"{word.written} 1")) if word.written[0].isupper() else set()
        about = claim.segment_concepts(segment) - {word.concept}
        if not mine or len(about) < _SHARED:
            continue
        home = max(places, key=lambda place: len(about & place.concepts), default=None)
        theirs = set(months(home.text)) if home and len(about & home.concepts) * 2 > len(about) else set()
        if home and theirs and mine.isdisjoint(theirs):
            yield Problem("name", word.written, "the page gives another month here", home.text)


def _holds(place: Place, name: Named) -> bool:
    """Whether a sentence of the page names it, spelled apart or together."""
    text = place.text.casefold()
    if name.text.casefold() in text or any(other.key == name.key for other in place.parsed.names):
        return True
    return all(piece in key(text) for piece in _pieces(name))


def _home(claim: Parsed, name: Named, places: Sequence[Place]) -> Place:
    """Return the sentence of the page that has a name with a number of its clause, or shares most with the clause."""
    about = claim.segment_concepts(name.segment) - {claim.words[name.at].concept}
    figures = {figure_key(one.quantity) for one in claim.figures if one.segment == name.segment}
    return max(places, key=lambda one: (bool(figures & one.figures) and _holds(one, name), len(about & one.concepts)))


def _pieces(name: Named) -> list[str]:
    """Return the names in a compound, folded: `redpanda` and `warpstream` of `Redpanda/WarpStream`."""
    pieces = [piece for piece in parts(name.text) if has_marks_of_a_name(piece) or piece[0].isupper()]
    return [key(piece) for piece in pieces or [name.text]]


def _rival(name: Named, mine: set[str], best: Place, page: Page, *, about_page: bool) -> str:
    """Return the name that the support has in the place of `name`; empty when it leaves room for it."""
    named = [one for one in best.parsed.names if one.text.lower() not in UNIT_WORDS]
    others = [one for one in named if one.key not in mine and not one.text[0].islower()]
    if not others:
        return ""
    if about_page:
        subject = name.at < _SUBJECT_WORDS and others[0].at < _SUBJECT_WORDS
        return others[0].text if subject and _same_following(name, others[0], best) else ""
    if any(_holds(near, name) for near in page.around(best)):
        subjects = [other for other in others if other.at < _SUBJECT_WORDS]
        return subjects[0].text if subjects and name.at < _SUBJECT_WORDS else ""
    return others[0].text


def _same_following(name: Named, other: Named, best: Place) -> bool:
    return other.at == 0 and name.at <= 1 and not best.text.lower().startswith("unlike")
