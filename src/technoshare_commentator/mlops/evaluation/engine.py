"""Runs the task: once for each case, on one event loop in the background, under a run of its own."""

from __future__ import annotations

import asyncio
import concurrent.futures
import inspect
import threading
from collections.abc import Awaitable, Callable
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import TracebackType

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.tracking import Run, Tracker

Task = Callable[[Any], Awaitable[Any] | Any]

_CLOSING_SECONDS = 2.0  # for tasks to clean up after themselves when the session ends early


@dataclass(frozen=True)
class CaseRun:
    """What became of a case: its finished run, and its output or the exception that came instead."""

    run: Run
    output: Any = None
    error: BaseException | None = None
    traceback: TracebackType | None = None

    def result(self) -> Any:
        """Return the output or raise the exception, however often, with the traceback it came with."""
        __tracebackhide__ = True  # in pytest's reports: people look for the frames of their task
        if self.error is not None:
            raise self.error.with_traceback(self.traceback)  # else it grows with every test that asks
        return self.output


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

    def case(self, key: str, example: Example, *, retry: bool = False) -> CaseRun:
        """Return the finished case, running it first if no test has asked for it yet, or again if it failed."""
        done = self._finished.get(key)
        if done is None or (retry and done.error is not None):
            future = asyncio.run_coroutine_threadsafe(self._run(example), self._loop)
            try:
                done = self._finished[key] = future.result()
            except BaseException:  # Ctrl-C while waiting: what is in flight stops with us
                future.cancel()
                raise
        return done

    def close(self) -> None:
        """Cancel what still runs and stop the loop; what does not let itself be stopped ends with the process."""
        cancelled = asyncio.run_coroutine_threadsafe(_cancel_all(), self._loop)
        try:
            cancelled.result(_CLOSING_SECONDS)
        except concurrent.futures.TimeoutError:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING_SECONDS)
        self._loop.close()

    async def _run(self, example: Example) -> CaseRun:
        __tracebackhide__ = True
        run: Run | None = None
        try:
            with self._tracker.run("case", name=example.id) as run:
                run.span.input(example)
                output = await self._call(example)
                run.span.output(output)
        except BaseException as error:  # what pytest.skip raises is no Exception
            if run is None or isinstance(error, asyncio.CancelledError):
                raise
            return CaseRun(run, error=error, traceback=error.__traceback__)
        return CaseRun(run, output)

    async def _call(self, example: Example) -> Any:
        __tracebackhide__ = True
        try:
            if inspect.iscoroutinefunction(self._task):
                return await self._task(example)
            result = await _in_thread(partial(self._task, example))
            return await result if inspect.isawaitable(result) else result
        except SystemExit as error:  # the loop and pytest would take it for the end of everything
            raise RuntimeError(f"the task called sys.exit({error.code!r})") from error


async def _in_thread(call: Callable[[], Any]) -> Any:
    """Call in a thread that the process does not wait for: asyncio's own would hold up who presses Ctrl-C."""
    __tracebackhide__ = True
    future: concurrent.futures.Future[tuple[Any, BaseException | None]] = concurrent.futures.Future()
    arguments = (future, partial(copy_context().run, call))
    threading.Thread(target=_settle, args=arguments, name="eval-task", daemon=True).start()
    result, error = await asyncio.wrap_future(future)
    if error is not None:
        raise error
    return result


def _settle(future: concurrent.futures.Future[tuple[Any, BaseException | None]], call: Callable[[], Any]) -> None:
    __tracebackhide__ = True
    if not future.set_running_or_notify_cancel():
        return  # cancelled before it began
    try:
        outcome = call(), None
    except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
        future.set_result((None, error))  # not as the future's exception: asyncio cannot pass StopIteration on
    else:
        future.set_result(outcome)


async def _cancel_all() -> None:
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
