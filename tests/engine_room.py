"""What tests of the engine share: an engine that is closed in the end, works for it, and fakes of those it talks to."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.evaluation.dataset import Example
from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun, Work
from technoshare_commentator.mlops.evaluation.running.engine import Engine
from technoshare_commentator.mlops.evaluation.running.limits import Limits
from technoshare_commentator.mlops.tracking import Tracker

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.mlops.evaluation.running.case_run import Task
    from technoshare_commentator.mlops.evaluation.running.throttling import Throttle

SOON = 10.0  # seconds, in which everything here has long happened


@contextmanager
def engine(**settings: Any) -> Iterator[Engine]:
    """An engine for the length of a test."""
    made = Engine(Tracker(), **settings)
    try:
        yield made
    finally:
        made.close()


def work(task: Task, name: str = "a", **more: Any) -> Work:
    """One case."""
    return Work(name, Example(id=name), task, **more)


def run(made: Engine, *works: Work) -> list[CaseRun]:
    """Announce cases and wait for each of them."""
    made.expect(works)
    return [made.start(one).result(SOON) for one in works]


def run_alone(task: Task) -> CaseRun:
    """One case in an engine of its own."""
    with engine() as made:
        return made.start(work(task)).result(SOON)


class Log:
    """A task that notes when it is called and when it is done."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.lines: list[str] = []
        self.now = self.most = 0
        self._seconds = seconds

    async def __call__(self, example: Example) -> str:
        self.lines.append(example.id)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self._seconds)
        self.now -= 1
        return example.id.upper()


class Gate:
    """A task that waits until it is let go, and says who has come so far; its loop is the engine's."""

    def __init__(self) -> None:
        self.come: list[str] = []
        self._open: set[str] = set()

    async def task(self, example: Example) -> str:
        self.come.append(example.id)
        while not self._open & {example.id, "*"}:  # noqa: ASYNC110 - another thread opens it
            await asyncio.sleep(0.002)
        return example.id

    def let(self, name: str = "*") -> None:
        """Let one go, or all."""
        self._open.add(name)


class TellTale:
    """Watches cases."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def started(self, work: Work) -> None:
        self.seen.append(f"+{work.key}")

    def ended(self, work: Work) -> None:
        self.seen.append(f"-{work.key}")


class Notebook:
    """Remembers cases, in memory."""

    def __init__(self, *known: str) -> None:
        self.known = {name: CaseRun(None, f"remembered {name}") for name in known}
        self.kept: list[str] = []

    def recall(self, work: Work) -> CaseRun | None:
        return self.known.get(work.key)

    def remember(self, work: Work, done: CaseRun) -> None:
        assert done.error is None
        self.kept.append(work.key)


class Patient(Limits):
    """Limits that write down what they hear and never wait."""

    def __init__(self, *, max_cost_usd: float | None = None) -> None:
        super().__init__(None, max_cost_usd=max_cost_usd)
        self.heard: list[str] = []

    def throttled(self, pause: Throttle, began: float) -> None:
        assert began > 0
        self.heard.append(f"slower for {pause.seconds} s")

    def succeeded(self, began: float) -> None:
        assert began > 0
        self.heard.append("succeeded")
