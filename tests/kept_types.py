"""Types that outputs of tasks can have: they have to be found by name, so they stand in a module."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import uuid
from decimal import Decimal
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, computed_field


class Colour(enum.Enum):
    RED = "red"
    BLUE = 2


class Word(enum.StrEnum):
    HI = "hi"


class Level(enum.IntEnum):
    HIGH = 1


class Point(NamedTuple):
    x: int
    y: float


@dataclasses.dataclass(frozen=True)
class Fact:
    text: str
    sources: tuple[int, ...] = ()
    when: dt.datetime | None = None


@dataclasses.dataclass
class Answer:
    facts: list[Fact]
    by_colour: dict[str, Colour]
    seen: set[int]
    anything: Any = None
    unseen: Any = dataclasses.field(default=None, compare=False)


@dataclasses.dataclass(slots=True)
class Slotted:
    word: str


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(alias="partName")
    price: Decimal | None = None
    day: dt.date | None = None
    key: uuid.UUID | None = None


class Special(Part):
    extra: int = 1


class Whole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    parts: tuple[Part, ...]
    point: Point = Point(0, 0.0)
    colour: Colour | None = None
    words: dict[Word, int] = Field(default_factory=dict)

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def count(self) -> int:
        return len(self.parts)


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")

    _note: str = PrivateAttr("")

    text: str = ""
    left_out: str = Field("", exclude=True)


class Changed(BaseModel):
    """One whose fields a later version of the suite has changed."""

    text: str
