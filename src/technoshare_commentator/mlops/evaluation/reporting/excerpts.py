"""Values as text, cut where the page would grow too big; what was cut off is counted and said."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

PAGE_CHARACTERS = 7_000_000  # of excerpts altogether; markup and escaping come on top
_MOST_FIELDS = 50
_NOT_WORTH_CUTTING = 80


class Excerpt(NamedTuple):
    """The beginning of a text, and how many characters more there are."""

    text: str
    more: int = 0

    def __bool__(self) -> bool:
        return bool(self.text)


class Field(NamedTuple):
    """A field of an input; a value that has no fields is one without a name."""

    name: str
    value: Excerpt


@dataclass(frozen=True)
class Limits:
    """How many characters the page shows of each part of a case."""

    shown: int = 16_000
    output: int = 24_000
    field: int = 6_000
    message: int = 6_000
    rationale: int = 2_000

    @classmethod
    def for_cases(cls, count: int, characters: int = PAGE_CHARACTERS) -> Limits:
        """Return the limits with which `count` cases share a number of characters, if each is at its limit."""
        whole = cls()
        share = min(1.0, characters / max(1, count) / whole.case)
        return cls(**{one.name: max(200, int(getattr(whole, one.name) * share)) for one in fields(cls)})

    @property
    def case(self) -> int:
        """The characters of a case that fills every limit, with two fields, a test that failed and five rationales."""
        return self.shown + self.output + 2 * self.field + self.message + 5 * self.rationale


def excerpt(text: str, limit: int) -> Excerpt:
    """Cut text to `limit` characters, unless next to nothing would be gained."""
    more = len(text) - limit
    return Excerpt(text[:limit], more) if more > _NOT_WORTH_CUTTING else Excerpt(text)


def as_text(value: Any) -> str:
    """A string as it is, nothing as nothing, everything else as indented JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, indent=2, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # keys that JSON has not, circles, too deep
        return f"a {type(value).__name__} that is no JSON"


def fields_of(value: Any, limit: int) -> tuple[Field, ...]:
    """An input field by field, if it has fields."""
    if not isinstance(value, dict):
        text = as_text(value)
        return (Field("", excerpt(text, limit)),) if text else ()
    items = list(value.items())
    found = [Field(str(name), excerpt(as_text(one), limit)) for name, one in items[:_MOST_FIELDS]]
    if len(items) > _MOST_FIELDS:
        found.append(Field("…", Excerpt(f"and {len(items) - _MOST_FIELDS} fields more")))
    return tuple(found)
