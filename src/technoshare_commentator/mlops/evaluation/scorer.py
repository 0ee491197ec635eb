"""Scorers: custom assertions that leave a score behind.

    @scorer
    def is_short(output: str) -> bool:
        return len(output) < 280

A scorer reads the output, or the output and the example, and returns a `Score`, a bool, or a number together with
`pass_at`, the least value that passes; numbers of numpy and its kin will do. A parameter with a default is the scorer's
own affair, unless it is called `example`. Inside an eval test every call is recorded with the case.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, overload

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.informing import fails

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
        value = _plain(self.value)
        if not isinstance(value, bool | int | float | str):
            raise ScorerError(
                f"score {self.name!r} has the value {_shown(value)}; a value is a bool, a number or text, "
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


Record = Callable[[Score | ScorerFailure], None]
_record: ContextVar[Record | None] = ContextVar("record_score", default=None)
_names: set[str] = set()


class ScorerError(TypeError):
    """A scorer that returned something that is no score."""


class CheckFailedError(AssertionError):
    """At least one scorer of a check did not pass; the message is the whole report."""


class Scorer:
    """A named scorer function."""

    def __init__(self, function: Callable[..., Any], name: str, pass_at: float | None, source_type: SourceType) -> None:
        """Wrap a function of (output) or (output, example)."""
        self.name = name
        _names.add(name)
        self._function = function
        self._pass_at = pass_at
        self._source_type = source_type
        self._wants_example = _wants_example(function)
        self.__doc__ = function.__doc__

    def __call__(self, output: Any, example: Any = None) -> Score:
        """Score an output, record the score, return it; a crash is recorded and raised."""
        try:
            score = self._score(output, example)
        except Exception as error:
            _tell(self._failure(error))
            raise
        _tell(score)
        return score

    def evaluate(self, output: Any, example: Any = None) -> Score | ScorerFailure:
        """Score and record like a call, but return a crash instead of raising it."""
        try:
            return self(output, example)
        except Exception as error:  # noqa: BLE001 - whatever a scorer does, the other scorers still run
            return self._failure(error)

    def _score(self, output: Any, example: Any) -> Score:
        result = _plain(self._function(output, example) if self._wants_example else self._function(output))
        if isinstance(result, Score):
            return result
        if isinstance(result, bool):
            return Score(self.name, result, result, source_type=self._source_type)
        if isinstance(result, int | float) and self._pass_at is not None:
            return Score(self.name, float(result), result >= self._pass_at, source_type=self._source_type)
        if inspect.iscoroutine(result):
            result.close()
            raise ScorerError(f"scorer {self.name!r} is async; await in the task and write scorers as plain functions")
        raise ScorerError(
            f"scorer {self.name!r} returned {_shown(result)}; return a Score, a bool, or a number with "
            "@scorer(pass_at=...)"
        )

    def _failure(self, error: Exception) -> ScorerFailure:
        own = error.__traceback__
        while own is not None and own.tb_frame.f_globals.get("__name__") == __name__:
            own = own.tb_next  # the reader wants the scorer's frames, not ours
        text = "".join(traceback.format_exception(type(error), error, own)) if own is not None else ""
        return ScorerFailure(self.name, tracing.describe(error), text, self._source_type)

    def __repr__(self) -> str:
        return f"<scorer {self.name}>"


@overload
def scorer(function: Callable[..., Any], /) -> Scorer: ...
@overload
def scorer(
    *, name: str = "", pass_at: float | None = None, source_type: SourceType = "CODE"
) -> Callable[[Callable[..., Any]], Scorer]: ...
def scorer(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str = "",
    pass_at: float | None = None,
    source_type: SourceType = "CODE",
) -> Scorer | Callable[[Callable[..., Any]], Scorer]:
    """Make a scorer of a function; its name is the function's unless given."""

    def wrap(wrapped: Callable[..., Any]) -> Scorer:
        return Scorer(wrapped, name or getattr(wrapped, "__name__", "scorer"), pass_at, source_type)

    return wrap(function) if function is not None else wrap


def scorer_names() -> frozenset[str]:
    """The names of all scorers made in this process so far, whether they have spoken or not."""
    return frozenset(_names)


def check(output: Any, example: Any, *scorers: Scorer | Callable[..., Any]) -> tuple[Score, ...]:
    """Run every scorer and record every score; raise one `CheckFailedError` with all that did not pass.

    A score that only informs (`evaluation.informing`) fails nothing.
    """
    __tracebackhide__ = True  # in pytest's reports
    if not scorers:
        raise ScorerError("check was given no scorer, so it checks nothing: check(output, scorer, ...)")
    wrapped = [one if isinstance(one, Scorer) else scorer(one) for one in scorers]
    results = [one.evaluate(output, example) for one in wrapped]
    bad = [result for result in results if fails(result)]
    if bad:
        raise CheckFailedError(_report(bad, len(results)))
    return tuple(result for result in results if isinstance(result, Score))


@contextmanager
def recording(record: Record) -> Iterator[None]:
    """Send the scores of this context to `record`."""
    token = _record.set(record)
    try:
        yield
    finally:
        _record.reset(token)


def _tell(result: Score | ScorerFailure) -> None:
    record = _record.get()
    if record is not None:
        record(result)


def _wants_example(function: Callable[..., Any]) -> bool:
    """Whether the second parameter is the example, rather than a setting with a default."""
    parameters = inspect.signature(function).parameters.values()
    positional = [one for one in parameters if one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}]
    second = positional[1] if len(positional) > 1 else None
    return second is not None and (second.default is second.empty or second.name == "example")


def _plain(value: Any) -> Any:
    """Turn a scalar of numpy, torch and the like into Python's own."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def _shown(value: Any) -> str:
    return _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_CHARACTERS else text[: _SHOWN_CHARACTERS - 1] + "…"


def _report(bad: list[Score | ScorerFailure], total: int) -> str:
    lines = [f"{len(bad)} of {total} scorers did not pass"]
    for result in bad:
        if isinstance(result, Score):
            lines.append(f"  {result}")
        else:
            lines += [f"  {result.name} crashed: {result.error}", *filter(None, [result.traceback.rstrip()])]
    return "\n".join(lines)
