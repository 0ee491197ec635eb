"""Scorers that may inform but not gate: their scores are recorded and shown, and a check does not fail for them.

Who may do what is for the session to say, which has read how well each judge agrees with people
(`judging.calibration`); in a script, and where a project asks for no calibration, every scorer gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from technoshare_commentator.mlops.evaluation.scores import Score, ScorerFailure

Reason = Callable[[Score], str]
_reason: ContextVar[Reason | None] = ContextVar("why_a_score_informs", default=None)


@contextmanager
def informing(reason: Reason) -> Iterator[None]:
    """In this context, `reason` says why a score only informs; an empty one lets it gate."""
    token = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(token)


def informs(score: Score) -> bool:
    """Whether a score only informs, by what is said of it in this context."""
    reason = _reason.get()
    return reason is not None and bool(reason(score))


def fails(result: Score | ScorerFailure) -> bool:
    """Whether a check fails for this: for every crash, and for a score that did not pass and does more than inform."""
    return not isinstance(result, Score) or not (result.passed or informs(result))
