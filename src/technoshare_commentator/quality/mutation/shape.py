"""How a commentary is built is no longer what the contract asks: items missing, doubled, cut, merged or running on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.domain import split_bullet
from technoshare_commentator.quality.mutation import words
from technoshare_commentator.quality.mutation.mutation import (
    ALL_SECTIONS,
    PROSE,
    edited,
    items_of,
    lower_first,
    mutation,
    spots,
    with_item,
    with_items,
    with_summary_item,
    without_stop,
)

if TYPE_CHECKING:
    from random import Random

    from technoshare_commentator.domain import LinkResult

_MOST = {"tldr": 3, "summary": 15, "projects": 8, "similar_tech": 8}
_LEAST = {"tldr": 3, "summary": 10, "projects": 3}
_LEAST_WORDS = 8  # of a sentence that can be cut or reworded
_CODE_OR_MARK = re.compile(r"[`*\[\]()\"“”]")


@mutation
def dropped_section(result: LinkResult, rng: Random) -> LinkResult | None:
    """The TL;DR, the summary or the projects are gone."""
    return with_items(result, **{rng.choice(("tldr", "summary", "projects")): ()})


@mutation
def dropped_items(result: LinkResult, rng: Random) -> LinkResult | None:
    """A section keeps fewer items than the contract wants."""
    section = rng.choice(sorted(_LEAST))
    return with_items(result, **{section: items_of(result, section)[: _LEAST[section] - 1]})


@mutation
def too_many_items(result: LinkResult, rng: Random) -> LinkResult | None:
    """A section grows beyond what the contract allows, with items of the other sections."""
    section = rng.choice(ALL_SECTIONS)
    form = PROSE if section in PROSE else ("projects", "similar_tech")
    own = items_of(result, section)
    others = [item for name in form for item in items_of(result, name) if item not in own]
    filler = [f"{without_stop(item)} as well." for item in (*others, *own)]
    grown = (*own, *others, *filler)[: _MOST[section] + 1]
    return with_items(result, **{section: grown}) if len(grown) > _MOST[section] else None


@mutation
def empty_item(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item holds nothing that anybody could see."""
    found = spots(result, rng, ALL_SECTIONS)
    return with_item(result, found[0], rng.choice(("", " ", "\u200b", "…"))) if found else None


@mutation
def repeated_sentence(result: LinkResult, rng: Random) -> LinkResult | None:
    """A sentence of the TL;DR or the summary comes a second time, word for word."""
    found = spots(result, rng)
    return with_summary_item(result, rng, found[0].text, found[0]) if found else None


@mutation
def near_copy(result: LinkResult, rng: Random) -> LinkResult | None:
    """A sentence comes a second time in slightly other words."""
    for spot in spots(result, rng):
        if len(spot.text.split()) >= _LEAST_WORDS and (reworded := _reworded(spot.text, rng)) != spot.text:
            return with_summary_item(result, rng, reworded, spot)
    return None


@mutation
def merged_sentences(result: LinkResult, rng: Random) -> LinkResult | None:
    """Two items of the summary become one."""
    items = list(items_of(result, "summary"))
    if len(items) < 2:  # noqa: PLR2004 - a pair
        return None
    place = rng.randrange(len(items) - 1)
    first, second = items[place], items[place + 1]
    stem = without_stop(first)
    joined = rng.choice((f"{first} {second}", f"{stem}; {lower_first(second)}", f"{stem}, and {lower_first(second)}"))
    return with_items(result, summary=[*items[:place], joined, *items[place + 2 :]])


@mutation
def truncated_text(result: LinkResult, rng: Random) -> LinkResult | None:
    """An item breaks off in the middle, as when a model runs out of tokens."""
    return edited(result, rng, _cut, ALL_SECTIONS)


@mutation
def numbered_items(result: LinkResult, rng: Random) -> LinkResult | None:
    """The items of a section carry list marks, numbers or labels of their own."""
    section = rng.choice(PROSE)
    label = rng.choice(("{}. ", "- ", "• ", "({}) ", "Sentence {}: ", "* "))
    items = [f"{label.format(place)}{item}" for place, item in enumerate(items_of(result, section), start=1)]
    return with_items(result, **{section: items}) if items else None


@mutation
def endless_phrase(result: LinkResult, rng: Random) -> LinkResult | None:
    """A sentence runs in a circle, as small models do."""

    def change(text: str, dice: Random) -> str | None:
        said = without_stop(text).split()
        if len(said) < _LEAST_WORDS:
            return None
        phrase = " ".join(said[-dice.randrange(2, 5) :])
        return f"{' '.join(said)}{''.join([f', {phrase}'] * dice.randrange(3, 6))}."

    return edited(result, rng, change)


def _reworded(sentence: str, rng: Random) -> str:
    text = sentence
    table = list(words.SYNONYMS)
    rng.shuffle(table)
    applied = [pattern for pattern, _ in table if re.search(rf"\b{pattern}\b", text)][:2]
    for pattern, other in table:
        if pattern in applied:
            text = re.sub(rf"\b{pattern}\b", other, text, count=1)
    if rng.random() < 1 / 2:
        return f"{rng.choice(words.OPENINGS)}{lower_first(text)}"
    head, comma, tail = without_stop(text).partition(", ")
    plain = not _CODE_OR_MARK.search(text)
    if comma and plain and "," not in tail and len(tail.split()) > 2:  # noqa: PLR2004 - a clause
        return f"{tail[:1].upper()}{tail[1:]}, {lower_first(head)}."
    return text if applied else f"{rng.choice(words.OPENINGS)}{lower_first(text)}"


def _cut(item: str, rng: Random) -> str | None:
    head, text = ("", item) if (parts := split_bullet(item)) is None else (f"**{parts[0]}** — ", parts[1])
    said = text.split(" ")
    if len(said) < _LEAST_WORDS:
        return None
    kept = " ".join(said[: rng.randrange(len(said) // 2, len(said) - 1)]).rstrip(".!?”\"')")
    return f"{head}{kept}{rng.choice(('', '', ' and', '…', ' ...', ','))}"
