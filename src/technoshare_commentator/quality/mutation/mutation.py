"""What a mutation is, and the edits that mutations are made of.

A mutation of the commentary takes the message away with it: the engine renders it anew, as the pipeline would have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.domain import Commentary, LinkResult, split_bullet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from random import Random

    Change = Callable[[LinkResult, Random], LinkResult | None]
    Edit = Callable[[str, Random], str | None]

PROSE = ("tldr", "summary")
ALL_SECTIONS = tuple(Commentary.model_fields)
SUMMARY_ROOM = 15  # items; a mutation that is not about their number must not be caught by it


@dataclass(frozen=True)
class Mutation:
    """A named way to break a good commentary; `change` returns None where it does not apply."""

    name: str
    description: str
    change: Change

    def __call__(self, result: LinkResult, rng: Random) -> LinkResult | None:
        """Return `result` broken, the same way for the same state of `rng`; None where there is nothing to break."""
        if result.commentary is None or result.facts is None or result.evidence is None or result.message is None:
            return None
        broken = self.change(result, rng)
        return None if broken is None or broken == result else broken.model_copy(update={"verdict": None})


def mutation(change: Change) -> Mutation:
    """Make a mutation of a function; name and description are the function's."""
    return Mutation(change.__name__, (change.__doc__ or "").strip(), change)


@dataclass(frozen=True)
class Spot:
    """One item of a commentary and where it stands; `place` counts from 0."""

    section: str
    place: int
    text: str


def items_of(result: LinkResult, section: str) -> tuple[str, ...]:
    """Return the items of a section; none without a commentary."""
    found: tuple[str, ...] = getattr(result.commentary, section, ())
    return found


def spots(result: LinkResult, rng: Random, sections: Iterable[str] = PROSE) -> list[Spot]:
    """Return all items of `sections` in random order."""
    found = [Spot(section, place, text) for section in sections for place, text in enumerate(items_of(result, section))]
    rng.shuffle(found)
    return found


def with_items(result: LinkResult, **sections: Sequence[str]) -> LinkResult:
    """Return the result with other items, to be rendered anew."""
    commentary = result.commentary or Commentary()
    changed = commentary.model_copy(update={name: tuple(items) for name, items in sections.items()})
    return result.model_copy(update={"commentary": changed, "message": None})


def with_item(result: LinkResult, spot: Spot, text: str) -> LinkResult:
    """Return the result with `text` in place of the item at `spot`."""
    items = list(items_of(result, spot.section))
    items[spot.place] = text
    return with_items(result, **{spot.section: items})


def with_summary_item(result: LinkResult, rng: Random, text: str, spare: Spot | None = None) -> LinkResult:
    """Put `text` somewhere into the summary: as one more item while there is room, else in place of another.

    `spare` is an item that stays.
    """
    items = list(items_of(result, "summary"))
    if len(items) < SUMMARY_ROOM:
        items.insert(rng.randrange(len(items) + 1), text)
        return with_items(result, summary=items)
    kept = spare.place if spare is not None and spare.section == "summary" else None
    items[rng.choice([place for place in range(len(items)) if place != kept])] = text
    return with_items(result, summary=items)


def edited(result: LinkResult, rng: Random, edit: Edit, sections: Iterable[str] = PROSE) -> LinkResult | None:
    """Apply `edit` to a random item for which it finds something to change."""
    for spot in spots(result, rng, sections):
        text = edit(spot.text, rng)
        if text is not None and text != spot.text:
            return with_item(result, spot, text)
    return None


def edited_bullet(result: LinkResult, rng: Random, edit: Edit, section: str = "projects") -> LinkResult | None:
    """Apply `edit` to a random bullet of the form `**Name** — text`."""
    return edited(result, rng, lambda bullet, dice: edit(bullet, dice) if split_bullet(bullet) else None, (section,))


def slack_text(result: LinkResult) -> str:
    """Return the rendered text, empty without a message."""
    return result.message.text if result.message else ""


def with_slack_text(result: LinkResult, text: str) -> LinkResult | None:
    """Return the result with another rendered text, None without a message."""
    if result.message is None:
        return None
    return result.model_copy(update={"message": result.message.model_copy(update={"text": text})})


def page_text(result: LinkResult) -> str:
    """Return everything that was read: title, headings, passages, metadata and addresses."""
    evidence = result.evidence
    if evidence is None:
        return ""
    headings = dict.fromkeys(snippet.section for snippet in evidence.snippets)
    return "\n".join((evidence.title, *headings, evidence.text, *evidence.metadata.values(), *evidence.sources))


def lower_first(sentence: str) -> str:
    """Make the first letter small where the word is written so elsewhere: `The` becomes `the`, `PyTorch` stays."""
    first = sentence.split(" ", 1)[0]
    return sentence[:1].lower() + sentence[1:] if first[1:].islower() or len(first) == 1 else sentence


def without_stop(sentence: str) -> str:
    """Take off the full stop of a sentence."""
    return sentence.rstrip().rstrip(".!?")
