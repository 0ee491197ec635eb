"""What can be wrong with a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

ProblemKind = Literal[
    "number",
    "name",
    "quote",
    "negation",
    "direction",
    "quantity",
    "certainty",
    "roles",
    "addition",
    "wording",
    "length",
]


@dataclass(frozen=True)
class Problem:
    """One way in which a sentence is not supported: the words at fault, why, and the nearest sentence of the page."""

    kind: ProblemKind
    claim: str
    reason: str
    nearest: str = ""
