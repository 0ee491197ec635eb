"""What a commentary says is no longer what the page says: figures, names, negations, and claims out of the air."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.quality.mutation import words
from technoshare_commentator.quality.mutation.mutation import (
    edited,
    items_of,
    mutation,
    page_text,
    spots,
    with_item,
    with_items,
    with_summary_item,
    without_stop,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from technoshare_commentator.domain import LinkResult

# A figure that stands alone: no part of a date, a version of three parts, an ordinal, an identifier.
_FIGURE = re.compile(r"(?<![\w.,/:=-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w,.:/-]*\d)(?![^\W\d_])")
_DIGITS = re.compile(r"\d[\d,]*(?:\.\d+)?")
# A capital in the middle of a sentence.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][A-Za-z]*[a-z][A-Za-z]+(?![\w-])")
_MEASURED = re.compile(rf"(?<=\d)(\s?)({'|'.join(words.OTHER_UNITS)})(?!\w)")


@mutation
def changed_number(result: LinkResult, rng: Random) -> LinkResult | None:
    """A figure becomes one that the page does not hold."""
    known = {_canonical(found) for found in _DIGITS.findall(page_text(result))}

    def change(text: str, dice: Random) -> str | None:
        for figure in _shuffled(_FIGURE.finditer(text), dice):
            wrong = [one for one in _misread(figure.group()) if _canonical(one) not in known]
            if wrong:
                return text[: figure.start()] + dice.choice(wrong) + text[figure.end() :]
        return None

    return edited(result, rng, change)


@mutation
def changed_unit(result: LinkResult, rng: Random) -> LinkResult | None:
    """A figure keeps its digits and gets another unit."""

    def change(text: str, dice: Random) -> str | None:
        for found in _shuffled(_MEASURED.finditer(text), dice):
            return f"{text[: found.start()]}{found[1]}{words.OTHER_UNITS[found[2]]}{text[found.end() :]}"
        return None

    return edited(result, rng, change)


@mutation
def swapped_numbers(result: LinkResult, rng: Random) -> LinkResult | None:
    """Two figures of one sentence change places, or two of different sentences."""
    found = [(spot, figure) for spot in spots(result, rng) for figure in _FIGURE.finditer(spot.text)]
    for spot, figure in found:
        for other in _FIGURE.finditer(spot.text, figure.end()):
            if _canonical(other.group()) != _canonical(figure.group()):
                later = _replaced(spot.text, other, figure.group())  # the later one first: the earlier keeps its place
                return with_item(result, spot, _replaced(later, figure, other.group()))
    for one, figure in found[:1]:
        for two, other in found[1:]:
            if one != two and _canonical(other.group()) != _canonical(figure.group()):
                first = with_item(result, one, _replaced(one.text, figure, other.group()))
                return with_item(first, two, _replaced(two.text, other, figure.group()))
    return None


@mutation
def swapped_name(result: LinkResult, rng: Random) -> LinkResult | None:
    """A name gives way to another one of the same page."""
    known = sorted(set(_NAME.findall(page_text(result))))

    def change(text: str, dice: Random) -> str | None:
        others = [name for name in known if name not in text]
        for found in _shuffled(_NAME.finditer(text), dice) if others else ():
            return _replaced(text, found, dice.choice(others))
        return None

    return edited(result, rng, change)


@mutation
def invented_name(result: LinkResult, rng: Random) -> LinkResult | None:
    """A name gives way to one that the page never mentions."""
    page = page_text(result).casefold()
    strangers = [name for name in words.TECHNOLOGY if name.casefold() not in page]

    def change(text: str, dice: Random) -> str | None:
        for found in _shuffled(_NAME.finditer(text), dice) if strangers else ():
            return _replaced(text, found, dice.choice(strangers))
        return None

    return edited(result, rng, change)


@mutation
def contradicted_claim(result: LinkResult, rng: Random) -> LinkResult | None:
    """A statement says the opposite: a negation comes or goes, a comparison is turned round."""

    def change(text: str, dice: Random) -> str | None:
        found = [
            (pattern, opposite) for pattern, opposite in words.OPPOSITES if re.search(rf"\b{pattern}\b(?!-)", text)
        ]
        if not found:
            return None
        pattern, opposite = dice.choice(found)
        return re.sub(rf"\b{pattern}\b(?!-)", opposite, text, count=1)

    return edited(result, rng, change)


@mutation
def added_claim(result: LinkResult, rng: Random) -> LinkResult | None:
    """Something is claimed that the page does not say, in a clause or in a sentence of its own."""
    if rng.random() < 1 / 2:
        return with_summary_item(result, rng, rng.choice(words.CLAIMS))
    return edited(result, rng, lambda text, dice: f"{without_stop(text)}{dice.choice(words.CLAUSES)}.")


@mutation
def off_topic_sentence(result: LinkResult, rng: Random) -> LinkResult | None:
    """A sentence of the summary is about something else altogether."""
    return with_summary_item(result, rng, rng.choice(words.OFF_TOPIC))


@mutation
def invented_similar_technology(result: LinkResult, rng: Random) -> LinkResult | None:
    """A technology is compared that the page does not name."""
    page = page_text(result).casefold()
    strangers = [name for name in words.TECHNOLOGY if name.casefold() not in page]
    if not strangers:
        return None
    name = rng.choice(strangers)
    bullet = f"**{name}** — {rng.choice(words.COMPARISONS)}"
    kept = items_of(result, "similar_tech")[:7]
    return with_items(result, similar_tech=(*kept, bullet))


@mutation
def uncited_fact(result: LinkResult, rng: Random) -> LinkResult | None:
    """A fact of stage A loses its citation, or cites a passage that is not there."""
    facts = result.facts
    if facts is None or not facts.facts:
        return None
    place = rng.randrange(len(facts.facts))
    cited = rng.choice(((), ("s9999",)))
    changed = list(facts.facts)
    changed[place] = changed[place].model_copy(update={"snippet_ids": cited})
    return result.model_copy(update={"facts": facts.model_copy(update={"facts": tuple(changed)})})


def _misread(figure: str) -> list[str]:
    """Return how a figure is typically got wrong: a digit off, a power of ten off, two digits exchanged."""
    last = str((int(figure[-1]) + 3) % 10)
    exchanged = figure[:-2] + figure[-1] + figure[-2] if figure[-2:].isdigit() and len(figure) > 1 else ""
    tenfold = figure.replace(".", "") if "." in figure else f"{figure}0" if "," not in figure else ""
    wrong = (figure[:-1] + last, exchanged, tenfold, str(9 - int(figure[0])) + figure[1:])
    return [one for one in wrong if one and _canonical(one) != _canonical(figure) and not one.startswith("0")]


def _canonical(figure: str) -> str:
    plain = figure.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _replaced(text: str, found: re.Match[str], other: str) -> str:
    return text[: found.start()] + other + text[found.end() :]


def _shuffled(found: Iterator[re.Match[str]], dice: Random) -> list[re.Match[str]]:
    matches = list(found)
    dice.shuffle(matches)
    return matches
