"""One case on its way: the work that is asked for, and what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import SpanRecord, usage_of

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from types import TracebackType

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.recording.places import CasePlace
    from technoshare_commentator.mlops.tracking import Run

Task = Callable[[Any], Awaitable[Any] | Any]


@dataclass(frozen=True)
class Work:
    """A case to run: `key` is its identity, `digest` that of everything that went into it but the task's code.

    One that is to run `alone` starts when nothing else is in flight, and nothing starts beside it. `place` is where its
    model calls are recorded.
    """

    key: str
    example: Example
    task: Task
    digest: str = ""
    alone: bool = False
    place: CasePlace | None = None


@dataclass(frozen=True)
class CaseRun:
    """What became of a case: its finished run, and its output or the exception that came instead.

    `not_run` says why the task was not called; there is no run then.
    """

    run: Run | None
    output: Any = None
    error: BaseException | None = None
    traceback: TracebackType | None = None
    not_run: str = ""

    def result(self) -> Any:
        """Return the output or raise the exception, however often, with the traceback it came with."""
        __tracebackhide__ = True  # in pytest's reports: people look for the frames of their task
        if self.error is not None:
            raise self.error.with_traceback(self.traceback)  # else it grows with every test that asks
        return self.output

    @property
    def spent_usd(self) -> float:
        """What its model calls are known to have cost just now; those that were replayed cost nothing."""
        traces = self.run.record.traces if self.run is not None else []
        return sum(spent_usd(trace.spans) for trace in traces)


def spent_usd(spans: Iterable[SpanRecord]) -> float:
    """What the model calls among spans are known to have cost, but for those that were replayed."""
    return usage_of((span for span in spans if not span.attributes.get(tracing.REPLAYED)), tracing.COST_USD)


class Replays(Protocol):
    """Says how much of what was asked was answered from recordings: `all`, `part`, or nothing."""

    @property
    def replay_share(self) -> str:
        """Return it."""
        ...


class Recorder(Protocol):
    """Replays and records the model calls of cases; called on the engine's thread."""

    def replays(self, place: CasePlace, asked_by: str) -> bool:
        """Whether they are going to be replayed, as far as one can tell."""
        ...

    def scope(self, place: CasePlace, asked_by: str) -> AbstractContextManager[Replays]:
        """Replay and record in a block."""
        ...


class Memory(Protocol):
    """Remembers finished cases across processes; called on the engine's thread."""

    def recall(self, work: Work) -> CaseRun | None:
        """Return the case as an earlier session left it, or None."""
        ...

    def remember(self, work: Work, done: CaseRun) -> None:
        """Keep a case that has just finished."""
        ...


class Watcher(Protocol):
    """Hears of cases as they start and end; called on the engine's thread."""

    def started(self, work: Work) -> None:
        """Note that a task has been called."""
        ...

    def ended(self, work: Work) -> None:
        """Note that it is over."""
        ...


class Nobody:
    """Remembers nothing and watches nothing."""

    def recall(self, work: Work) -> CaseRun | None:
        """Return None."""
        del work
        return None

    def remember(self, work: Work, done: CaseRun) -> None:
        """Forget it."""

    def started(self, work: Work) -> None:
        """Do nothing."""

    def ended(self, work: Work) -> None:
        """Do nothing."""
