"""A number of a text, brought to one form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from decimal import Decimal


@dataclass(frozen=True)
class Quantity:
    """A number of a text.

    `text` is how it is written there, `exact` its digits in canonical form, `value` the number in base units
    (seconds, bytes, dollars, ...) or None for a version such as 1.2.3, `dimension` what it measures, empty when bare.
    `implied` marks a reading the text only suggests: the 10 of "10 to 40 ms" as 10 ms.
    """

    text: str
    exact: str
    value: Decimal | None
    dimension: str = ""
    start: int = 0
    implied: bool = False


def plain(value: Decimal) -> str:
    """Write a value without exponent and trailing zeros: 4E+4 is `40000`, 1.50 is `1.5`."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
