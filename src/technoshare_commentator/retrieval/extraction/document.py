"""What every format is read into: headings, paragraphs and list items in the order of the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """What a block is; a cell is the text of a table cell, which is prose only when it reads like it."""

    HEADING = "heading"
    PROSE = "prose"
    ITEM = "item"
    CELL = "cell"


@dataclass(frozen=True)
class Block:
    """One heading, paragraph, list item or cell of normalised text, without line breaks.

    `level` is 1 to 6 for a heading; `link_share` is the part of the text, 0 to 1, that stood inside links.
    """

    kind: Kind
    text: str
    level: int = 0
    link_share: float = 0.0


@dataclass(frozen=True)
class Document:
    """A page that was read: its title, its blocks, what it says about itself, and what could not be read of it."""

    title: str
    blocks: tuple[Block, ...]
    metadata: Mapping[str, str] = field(default_factory=dict)
    gaps: tuple[str, ...] = ()
