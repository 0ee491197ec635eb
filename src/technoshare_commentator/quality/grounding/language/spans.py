"""Spans of time in two units, read as one number: "5 h 40 min"."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.quality.grounding.language.quantity import Quantity


def joined(text: str, found: Iterator[Quantity]) -> Iterator[Quantity]:
    """Yield the numbers with "5 h 40 min" as one: 340 minutes."""
    last: Quantity | None = None
    for one in found:
        if last and one.value and last.value and _goes_on(text, last, one):
            factor = one.value / Decimal(one.exact)
            total = last.value + one.value
            last = replace(
                last,
                text=text[last.start : one.start + len(one.text)],
                exact=f"{(total / factor).normalize():f}",
                value=total,
            )
            continue
        if last:
            yield last
        last = one
    if last:
        yield last


def _goes_on(text: str, last: Quantity, one: Quantity) -> bool:
    """Whether `one` is the smaller part of the span of time that `last` begins."""
    if last.dimension != "time" or one.dimension != "time" or one.implied or "." in last.exact:
        return False
    between = text[last.start + len(last.text) : one.start]
    return between in {" ", " and "} and (one.value or 0) < (last.value or 0) / Decimal(last.exact)
