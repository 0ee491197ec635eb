"""Runs the task: once for each case, on one event loop in the background, under a run of its own."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.tracking import Run, Tracker

Task = Callable[[Any], Awaitable[Any] | Any]


@dataclass(frozen=True)
class CaseRun:
    """What became of a case: its finished run, and its output or the exception that came instead."""

    run: Run
    output: Any = None
    error: BaseException | None = None


class Engine:
    """Gives each case its output; several tests of one case share it."""

    def __init__(self, task: Task, tracker: Tracker) -> None:
        """Take the task, `async (example) -> output` or a plain function, and who makes runs."""
        self._task = task
        self._tracker = tracker
        self._finished: dict[str, CaseRun] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="eval-engine", daemon=True)
        self._thread.start()

    def case(self, key: str, example: Example) -> CaseRun:
        """Return the finished case, running it first if no test has asked for it yet."""
        if key not in self._finished:
            future = asyncio.run_coroutine_threadsafe(self._run(example), self._loop)
            try:
                self._finished[key] = future.result()
            except BaseException:  # Ctrl-C while waiting: what is in flight stops with us
                future.cancel()
                raise
        return self._finished[key]

    def close(self) -> None:
        """Cancel what still runs and stop the loop."""
        asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        self._loop.close()

    async def _run(self, example: Example) -> CaseRun:
        run: Run | None = None
        try:
            with self._tracker.run("case", name=example.id) as run:
                run.span.input(example)
                output = await self._call(example)
                run.span.output(output)
        except Exception as error:
            if run is None:
                raise
            return CaseRun(run, error=error)
        return CaseRun(run, output)

    async def _call(self, example: Example) -> Any:
        if inspect.iscoroutinefunction(self._task):
            return await self._task(example)
        result = await asyncio.to_thread(self._task, example)
        return await result if inspect.isawaitable(result) else result


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
