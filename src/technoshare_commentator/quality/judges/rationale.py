"""Why a judge decided as it did, in a few sentences that quote, with every quote looked up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.quality.judges.answers import JudgedItem, Judgement
    from technoshare_commentator.quality.judges.questions import Item
    from technoshare_commentator.quality.judges.quotes import Source
    from technoshare_commentator.quality.judges.votes import Votes

_SHOWN_ITEMS = 4
_SHOWN_CHARACTERS = 240


def rationale(votes: Votes, judgement: Judgement, items: Sequence[Item], source: Source) -> str:
    """Name the items that are wrong, each with its reason and quote; where none is, quote for the first one."""
    bad = judgement.bad
    if not bad:
        first = judgement.items[0]
        place = _place(first, items)
        every = f"all {len(items)} are {judgement.good}, {place}" if len(items) > 1 else f"{place} is {judgement.good}"
        return f"{votes}: {every} by {_quote(first, source)}"
    said = [f"{_place(one, items)} is {_words(one.verdict)}: {_said(one, source)}" for one in bad[:_SHOWN_ITEMS]]
    if len(bad) > _SHOWN_ITEMS:
        said.append(f"and {len(bad) - _SHOWN_ITEMS} more")
    return f"{votes}: {'; '.join(said)}"


def quotes_found(judgements: Iterable[Judgement], source: Source) -> float | None:
    """The share of quotes that stand where they were taken from, those that are owed included; None without any."""
    owed = [
        one.quote
        for judgement in judgements
        for one in judgement.items
        if one.quote.strip() or one.verdict not in judgement.without_quote
    ]
    return sum(source.holds(quote) for quote in owed) / len(owed) if owed else None


def _place(one: JudgedItem, items: Sequence[Item]) -> str:
    return items[one.item - 1].place


def _words(verdict: str) -> str:
    return verdict.replace("_", " ")


def _said(one: JudgedItem, source: Source) -> str:
    reason = _shortened(one.reason) or "no reason given"
    return f"{reason} {_quote(one, source)}" if one.quote.strip() else reason


def _quote(one: JudgedItem, source: Source) -> str:
    if not one.quote.strip():
        return "(no quote)"
    return f"“{_shortened(one.quote)}”{'' if source.holds(one.quote) else ' (quote not found)'}"


def _shortened(text: str) -> str:
    line = visible_line(text)
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"
