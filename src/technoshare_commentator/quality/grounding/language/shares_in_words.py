"""Shares that a text gives in words: "half of the users", "by a third", "halved"."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.language.quantity import Quantity, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

_PARTS = {"fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10} | {
    "twentieth": 20,
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "hundredth": 100,
    "thousandth": 1000,
}
_HALVES = ("half", "halves", "halved", "halving")
_SHARES: dict[str, Decimal] = {
    **dict.fromkeys(_HALVES, Decimal(50)),
    "quarter": Decimal(25),
    "third": Decimal(100) / 3,
    "two thirds": Decimal(200) / 3,
    "three quarters": Decimal(75),
    **{word: Decimal(100) / parts for word, parts in _PARTS.items()},
}
_ARTICLE = r"(?:in|by|an?|by an?|about|about an?)\s"
_SHARE = re.compile(
    rf"(?<!and )\b(?:{_ARTICLE}(?P<part>half|quarter|third|{'|'.join(_PARTS)})(?!-)"
    r"|(?P<whole>halves|halved|halving|half(?=\s(?:of|the|its|their|as)\b))"
    r"|(?P<parts>two[\s-]thirds|three[\s-]quarters))\b(?!\s(?:party|of\s20))",
    re.IGNORECASE,
)


def shares_in_words(text: str) -> Iterator[Quantity]:
    """Yield each share in percent; it is only suggested, because "a third" may be an ordinal."""
    for match in _SHARE.finditer(text):
        word = re.sub(r"[\s-]", " ", (match["part"] or match["whole"] or match["parts"]).lower())
        value = _SHARES[word]
        yield Quantity(match.group(), plain(value), value, "percent", match.start(), implied=True)
