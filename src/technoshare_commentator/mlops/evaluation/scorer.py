"""Scorers: custom assertions that leave a score behind.

    @scorer
    def is_short(output: str) -> bool:
        return len(output) < 280

A scorer reads the output, or the output and the example, and returns a `Score`, a bool, or a number together with
`pass_at`, the least value that passes; numbers of numpy and its kin will do. A parameter with a default is the scorer's
own affair, unless it is called `example`. One that asks a model is best written as `async def`: the async ones of a
`check` wait together. Inside an eval test every call is recorded with the case, with what its model calls used.
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import TYPE_CHECKING, Any, overload

from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation import scoring
from technoshare_commentator.mlops.evaluation.informing import fails
from technoshare_commentator.mlops.evaluation.scores import (
    Score,
    ScorerError,
    ScorerFailure,
    SourceType,
    plain,
    shown,
)
from technoshare_commentator.mlops.evaluation.scoring import surroundings

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.scoring import ScorerTrace, Surroundings

__all__ = ["CheckFailedError", "Score", "Scorer", "ScorerError", "ScorerFailure", "check", "recording", "scorer"]


Record = Callable[[Score | ScorerFailure], None]
_record: ContextVar[Record | None] = ContextVar("record_score", default=None)
_names: set[str] = set()


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
        self.is_async = inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
            getattr(function, "__call__", None)  # noqa: B004 - an object with an async `__call__`
        )
        self.__doc__ = function.__doc__

    def __call__(self, output: Any, example: Any = None) -> Score:
        """Score an output, record the score, return it; a crash is recorded and raised."""
        try:
            score = self._score(output, example)
        except Exception as error:
            _tell(self.failure(error))
            raise
        _tell(score)
        return score

    def evaluate(self, output: Any, example: Any = None) -> Score | ScorerFailure:
        """Score and record like a call, but return a crash instead of raising it."""
        try:
            return self(output, example)
        except Exception as error:  # noqa: BLE001 - whatever a scorer does, the other scorers still run
            return self.failure(error)

    async def score_async(self, output: Any, example: Any = None) -> Score:
        """Score an output on a running event loop; nothing is recorded."""
        with surroundings().scorer(self.name) as trace:
            try:
                result = self._call(output, example)
                score = self._as_score(await result if inspect.isawaitable(result) else result)
            except asyncio.CancelledError as error:
                current = asyncio.current_task()
                if current is not None and current.cancelling():  # the session is over
                    raise
                raise RuntimeError("the scorer was cancelled, by something of its own") from error
        return _with_usage(score, trace)

    def _score(self, output: Any, example: Any) -> Score:
        if self.is_async:
            score: Score = _raised_or_returned(*surroundings().together([self.score_async(output, example)]))
            return score
        with surroundings().scorer(self.name) as trace:
            result = self._call(output, example)
            if inspect.isawaitable(result):
                result = _raised_or_returned(*surroundings().together([_awaited(result)]))
            score = self._as_score(result)
        return _with_usage(score, trace)

    def _call(self, output: Any, example: Any) -> Any:
        return self._function(output, example) if self._wants_example else self._function(output)

    def _as_score(self, returned: Any) -> Score:
        result = plain(returned)
        if isinstance(result, Score):
            return result
        if isinstance(result, bool):
            return Score(self.name, result, result, source_type=self._source_type)
        if isinstance(result, int | float) and self._pass_at is not None:
            return Score(self.name, float(result), result >= self._pass_at, source_type=self._source_type)
        raise ScorerError(
            f"scorer {self.name!r} returned {shown(result)}; return a Score, a bool, or a number with "
            "@scorer(pass_at=...)"
        )

    def failure(self, error: Exception) -> ScorerFailure:
        """Return what is recorded of a crash."""
        own = error.__traceback__ if not isinstance(error, TechnoShareError) else None  # which says it all
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

    Async scorers run together, after the others. A score that only informs (`evaluation.informing`) fails nothing.
    """
    __tracebackhide__ = True  # in pytest's reports
    if not scorers:
        raise ScorerError("check was given no scorer, so it checks nothing: check(output, scorer, ...)")
    wrapped = [one if isinstance(one, Scorer) else scorer(one) for one in scorers]
    results = {number: one.evaluate(output, example) for number, one in enumerate(wrapped) if not one.is_async}
    results |= _evaluate_together({number: one for number, one in enumerate(wrapped) if one.is_async}, output, example)
    in_order = [results[number] for number in range(len(wrapped))]
    bad = [result for result in in_order if fails(result)]
    if bad:
        raise CheckFailedError(_report(bad, len(results)))
    return tuple(result for result in in_order if isinstance(result, Score))


def _evaluate_together(scorers: dict[int, Scorer], output: Any, example: Any) -> dict[int, Score | ScorerFailure]:
    if not scorers:
        return {}
    found = surroundings().together([one.score_async(output, example) for one in scorers.values()])
    results: dict[int, Score | ScorerFailure] = {}
    for (number, one), result in zip(scorers.items(), found, strict=True):
        if isinstance(result, BaseException) and not isinstance(result, Exception):
            raise result  # what skips or stops a test
        results[number] = one.failure(result) if isinstance(result, Exception) else result
        _tell(results[number])
    return results


@contextmanager
def recording(record: Record, where: Surroundings | None = None) -> Iterator[None]:
    """Send the scores of this context to `record`, and let its scorers run where they are told to."""
    token, also = _record.set(record), scoring.current.set(where)
    try:
        yield
    finally:
        scoring.current.reset(also)
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


def _raised_or_returned(result: Any) -> Any:
    if isinstance(result, BaseException):
        raise result
    return result


async def _awaited(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


def _with_usage(score: Score, trace: ScorerTrace) -> Score:
    used = trace.metadata
    return replace(score, metadata={**used, **score.metadata}) if used else score


def _report(bad: list[Score | ScorerFailure], total: int) -> str:
    lines = [f"{len(bad)} of {total} scorers did not pass"]
    for result in bad:
        if isinstance(result, Score):
            lines.append(f"  {result}")
        else:
            lines += [f"  {result.name} crashed: {result.error}", *filter(None, [result.traceback.rstrip()])]
    return "\n".join(lines)
