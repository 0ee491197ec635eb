"""What a scorer found: a score, or the crash that came instead."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SourceType = Literal["CODE", "LLM_JUDGE", "HUMAN"]
_SHOWN_CHARACTERS = 500  # of a value, in messages that people read


@dataclass(frozen=True)
class Score:
    """What a scorer found: true in a boolean context when it passed, and its rationale when printed."""

    name: str
    value: bool | float | str
    passed: bool
    rationale: str = ""
    source_type: SourceType = "CODE"
    metadata: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take values as scorers get them, numpy's for instance, and keep what can travel between processes."""
        value = plain(self.value)
        if not isinstance(value, bool | int | float | str):
            raise ScorerError(
                f"score {self.name!r} has the value {shown(value)}; a value is a bool, a number or text, "
                "and everything else belongs in its rationale or metadata"
            )
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "passed", bool(self.passed))
        object.__setattr__(self, "rationale", "" if self.rationale is None else str(self.rationale))
        object.__setattr__(self, "metadata", {str(name): str(text) for name, text in self.metadata.items()})

    def __bool__(self) -> bool:
        return self.passed

    def __str__(self) -> str:
        verdict = "passed" if self.passed else "failed"
        rationale = f": {self.rationale}" if self.rationale else ""
        return f"{self.name} {verdict} ({_cut(str(self.value))}){rationale}"


@dataclass(frozen=True)
class ScorerFailure:
    """A scorer that crashed: an error with its traceback (empty where none of it is the scorer's), never a zero."""

    name: str
    error: str
    traceback: str
    source_type: SourceType = "CODE"


class ScorerError(TypeError):
    """A scorer that returned something that is no score."""


def plain(value: Any) -> Any:
    """Turn a scalar of numpy, torch and the like into Python's own."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def shown(value: Any) -> str:
    """A value in a message that people read."""
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"
