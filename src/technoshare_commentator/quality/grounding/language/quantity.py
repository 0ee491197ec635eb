"""A number of a text, brought to one form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation


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


def factor(quantity: Quantity) -> Decimal:
    """How many base units one unit of the number as written is: 1024 for `2 KiB`."""
    written = Decimal(re.sub(r"[^0-9.]", "", quantity.exact) or "1")
    return quantity.value / written if quantity.value and written else Decimal(1)


def in_its_unit(quantity: Quantity) -> Decimal:
    """The number as written: 5.8 for `5.8 GB`."""
    return (quantity.value or Decimal(0)) / factor(quantity)


def digits(value: Decimal) -> int:
    """How many significant digits a value has: 2 for 1200, 3 for 0.861."""
    return len(value.normalize().as_tuple().digits)


def rounded(value: Decimal, like: Decimal) -> Decimal:
    """Round `value` to the last digit that `like` has."""
    exponent = like.normalize().as_tuple().exponent
    try:
        return value.quantize(Decimal(1).scaleb(int(exponent)), rounding=ROUND_HALF_UP)
    except InvalidOperation:  # more digits than the context holds
        return value
