"""Runs tasks: the cases of this process together, on one event loop in the background, each under a run of its own.

Cases start in the order in which they were announced, a few at a time; whoever asks for one waits for that one alone.
Nothing here knows pytest.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections import deque
from contextlib import contextmanager, suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.evaluation.recording.places import TASK
from technoshare_commentator.mlops.evaluation.running.calling import call_task
from technoshare_commentator.mlops.evaluation.running.case_run import (
    CaseRun,
    Memory,
    Nobody,
    Recorder,
    Watcher,
    Work,
)
from technoshare_commentator.mlops.evaluation.running.limits import Limits, throttle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence

    from technoshare_commentator.mlops.tracking import Run, Tracker

Outcome = concurrent.futures.Future[CaseRun]

DEFAULT_CONCURRENCY = 16
_CLOSING_SECONDS = 2.0  # for tasks to clean up after themselves when the session ends early


class Engine:
    """Gives each case its output; several tests of one case share it."""

    def __init__(  # noqa: PLR0913 - who does what, each replaceable in a test
        self,
        tracker: Tracker,
        *,
        concurrency: int = DEFAULT_CONCURRENCY,
        limits: Limits | None = None,
        memory: Memory | None = None,
        watcher: Watcher | None = None,
        recorder: Recorder | None = None,
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take who makes runs, how many cases may be in flight, and who limits, remembers, watches and records them.

        Once `is_stopped`, no further case starts; those in flight go on.
        """
        self._tracker = tracker
        self._concurrency = self._free = concurrency
        self._alone = False
        self._limits = limits or Limits(None)
        self._memory = memory or Nobody()
        self._watcher = watcher or Nobody()
        self._recorder = recorder
        self._is_stopped = is_stopped
        self._outcomes: dict[str, Outcome] = {}
        self._waiting: deque[tuple[Work, Outcome]] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._closed = self._over = False
        self._context = copy_context()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="eval-engine", daemon=True)
        self._thread.start()

    def expect(self, works: Iterable[Work]) -> None:
        """Announce cases in the order in which they will be asked for; those known already stay what they are."""
        new = [(work, self._promise(work)) for work in works if work.key not in self._outcomes]
        if new:
            self._loop.call_soon_threadsafe(self._queue, new)

    def start(self, work: Work, *, retry: bool = False) -> Outcome:
        """Return what to wait for: the case as announced, else started next, or again if it failed before."""
        known = self._outcomes.get(work.key)
        if known is None or (retry and known.done() and _has_failed(known)):
            known = self._promise(work)
            self._loop.call_soon_threadsafe(self._queue_first, work, known)
        return known

    def together(self, coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        """Run coroutines together on the loop, in the caller's context; return what each returned or raised.

        For other threads than the loop's own.
        """
        running = asyncio.run_coroutine_threadsafe(self._gather(coroutines), self._loop)
        try:
            return running.result()
        finally:
            running.cancel()  # whatever it was that did not let the caller wait

    def close(self) -> None:
        """Cancel what still runs and stop the loop; what does not let itself be stopped ends with the process."""
        if self._closed:
            return
        self._closed = True
        cancelled = asyncio.run_coroutine_threadsafe(self._cancel_all(), self._loop)
        try:
            cancelled.result(_CLOSING_SECONDS)
        except concurrent.futures.TimeoutError:
            self._cancel_outcomes()
            return
        self._over = True
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_CLOSING_SECONDS)
        self._loop.close()

    def _promise(self, work: Work) -> Outcome:
        outcome = self._outcomes[work.key] = Outcome()
        return outcome

    def _cancel_outcomes(self) -> None:
        for outcome in self._outcomes.values():
            outcome.cancel()  # nobody is going to wait for ever

    # What follows runs on the loop's thread.

    def _serve(self) -> None:
        while not self._over:
            with suppress(SystemExit, KeyboardInterrupt):  # of what a task has started beside itself: it ends no loop
                self._loop.run_forever()

    async def _gather(self, coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)  # `close` cancels what still runs
            task.add_done_callback(self._tasks.discard)
        return await asyncio.gather(*coroutines, return_exceptions=True)

    def _queue(self, new: list[tuple[Work, Outcome]]) -> None:
        self._waiting.extend(new)
        self._start_some()

    def _queue_first(self, work: Work, outcome: Outcome) -> None:
        self._waiting.appendleft((work, outcome))
        self._start_some()

    def _start_some(self) -> None:
        while self._waiting and self._may_start(self._waiting[0][0]):
            self._free -= 1
            self._alone = self._waiting[0][0].alone
            case = self._settle(*self._waiting.popleft())
            task = self._loop.create_task(case, context=self._context.copy())  # and not that of the case before it
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _may_start(self, work: Work) -> bool:
        in_flight = self._concurrency - self._free
        return in_flight == 0 if work.alone else self._free > 0 and not (self._alone and in_flight)

    async def _settle(self, work: Work, outcome: Outcome) -> None:
        try:
            outcome.set_result(self._memory.recall(work) or await self._run_within_limits(work))
        except asyncio.CancelledError:
            outcome.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours belongs to whoever waits, or they wait for ever
            if not outcome.cancelled():  # by `close`, which did not wait for us
                outcome.set_exception(error)
        finally:
            self._free += 1
            self._start_some()

    async def _run_within_limits(self, work: Work) -> CaseRun:
        limits, done, began = self._limits, CaseRun(None), 0.0
        for _ in range(limits.attempts):
            began = 0.0 if self._replays(work) else await limits.slot()
            if self._is_stopped():
                return CaseRun(None, not_run="the session was stopped")
            if limits.exhausted:
                return CaseRun(None, not_run=f"the session's budget of ${limits.max_cost_usd:g} is spent")
            done = await self._run(work)
            limits.spend(done.spent_usd)
            throttle = throttle_of(done.error) if done.error is not None else None
            if throttle is None:
                break
            limits.throttled(throttle, began)
        if done.error is None:
            limits.succeeded(began)
            self._memory.remember(work, done)
        return done

    async def _run(self, work: Work) -> CaseRun:
        __tracebackhide__ = True
        run: Run | None = None
        self._watcher.started(work)
        try:
            with (
                self._tracker.run("case", name=work.example.id) as run,
                self._limits.case(replays=self._replays(work)),
                self._recording(work, run),
            ):
                run.span.input(work.example)
                output = await call_task(work.task, work.example)
                run.span.output(output)
        except BaseException as error:  # what pytest.skip raises is no Exception
            if run is None or (self._closed and isinstance(error, asyncio.CancelledError)):
                raise
            return CaseRun(run, error=error, traceback=error.__traceback__)
        finally:
            self._watcher.ended(work)
        return CaseRun(run, output)

    def _replays(self, work: Work) -> bool:
        recorder, place = self._recorder, work.place
        return recorder is not None and place is not None and recorder.replays(place, TASK)

    @contextmanager
    def _recording(self, work: Work, run: Run) -> Iterator[None]:
        """Have model calls replayed or recorded; the run tells how many were replayed."""
        if self._recorder is None or work.place is None:
            yield
            return
        with self._recorder.scope(work.place, TASK) as scope:
            try:
                yield
            finally:
                run.tag(replayed=scope.replay_share or None)

    async def _cancel_all(self) -> None:
        self._waiting.clear()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._cancel_outcomes()


def _has_failed(outcome: Outcome) -> bool:
    return outcome.cancelled() or outcome.exception() is not None or outcome.result().error is not None
