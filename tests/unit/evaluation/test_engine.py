"""One case in the engine: called once for all who ask, whatever kind of function the task is and whatever it does."""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from engine_room import SOON, Log, Notebook, TellTale, engine, run, run_alone, work
from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.tracking import current_run

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.running.case_run import Work


def test_the_task_runs_once_for_all_who_ask() -> None:
    log = Log()
    with engine() as made:
        made.expect([work(log), work(log)])
        assert [made.start(work(log)).result(SOON).output for _ in range(3)] == ["A"] * 3
    assert log.lines == ["a"]


class Callable:
    async def __call__(self, example: Example) -> str:
        await asyncio.sleep(0)
        return example.id


async def later(example: Example) -> str:
    return example.id


@pytest.mark.parametrize(
    "task",
    [
        later,
        lambda example: example.id,
        lambda example: later(example),  # noqa: PLW0108 - a plain function that gives something to be awaited
        Callable(),
    ],
    ids=["coroutine function", "function", "function that returns a coroutine", "object"],
)
def test_a_task_may_be_any_kind_of_function(task: Any) -> None:
    assert run_alone(task).result() == "a"


def test_a_task_that_raises_gives_its_error_to_everybody_who_wants_the_output() -> None:
    def task(_: Example) -> str:
        raise RuntimeError("model is down")

    with engine() as made:
        done = made.start(work(task)).result(SOON)
        assert made.start(work(task)).result(SOON) is done
    assert str(done.error) == "model is down"
    assert done.run is not None
    assert done.run.record.status == "FAILED"
    assert done.run.record.traces[0].root.ok is False


def test_the_trace_of_a_case_holds_what_the_task_did() -> None:
    async def task(example: Example) -> dict[str, str]:
        current = current_run()
        assert current is not None
        current.metric(words=3)
        with tracing.span("think", tracing.SpanType.LLM) as span:
            span.usage(model="m", input_tokens=2, output_tokens=1, cost_usd=0.5)
        return {"answer": example.id}

    done = run_alone(task)
    assert done.run is not None
    (trace,) = done.run.record.traces
    assert [span.name for span in trace.spans] == ["a", "think"]
    assert trace.spans[1].parent_id == trace.root.span_id
    assert json.loads(trace.root.attributes[tracing.OUTPUT]) == {"answer": "a"}
    assert done.run.record.metrics["words"] == 3
    assert done.spent_usd == 0.5


async def _cancel_themselves(_: Example) -> NoReturn:
    current = asyncio.current_task()
    assert current is not None
    current.cancel()
    await asyncio.sleep(0)
    raise AssertionError("unreachable")


async def _exit_beside(_: Example) -> None:
    async def beside() -> None:
        sys.exit("no key")

    await asyncio.gather(beside(), asyncio.sleep(0))


@pytest.mark.parametrize("is_async", [True, False], ids=["async", "plain"])
@pytest.mark.parametrize(
    ("raised", "seen", "words"),
    [
        (SystemExit("no key"), RuntimeError, "the task called sys.exit('no key')"),
        (StopIteration(), RuntimeError, "coroutine raised StopIteration"),
        (asyncio.CancelledError(), RuntimeError, "the task was cancelled, by something of its own"),
        (KeyboardInterrupt("Ctrl-C"), KeyboardInterrupt, "Ctrl-C"),
        (GeneratorExit("odd"), GeneratorExit, "odd"),
        (pytest.skip.Exception("not today"), pytest.skip.Exception, "not today"),
        (TimeoutError("too slow"), TimeoutError, "too slow"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
def test_whatever_a_task_raises_nobody_waits_forever(
    raised: BaseException, seen: type[BaseException], words: str, *, is_async: bool
) -> None:
    def task(_: Example) -> str:
        raise raised

    async def async_task(example: Example) -> str:
        return task(example)

    with engine() as made:
        broken = made.start(work(async_task if is_async else task)).result(SOON)
        assert made.start(work(Log(), "next")).result(SOON).output == "NEXT"
    with pytest.raises(seen, match=re.escape(words)):
        broken.result()


def test_a_task_that_cancels_itself_is_an_error_like_any_other() -> None:
    with engine() as made:
        broken, fine = run(made, work(_cancel_themselves), work(Log(), "b"))
    assert isinstance(broken.error, RuntimeError | asyncio.CancelledError)
    assert broken.run is not None
    assert broken.run.record.status == "FAILED"
    assert fine.output == "B"


def test_what_a_task_starts_beside_itself_cannot_end_the_loop() -> None:
    with engine() as made:
        broken, fine = run(made, work(_exit_beside), work(Log(), "b"))
        assert made.start(work(Log(), "c")).result(SOON).output == "C"
    assert str(broken.error) == "the task called sys.exit('no key')"
    assert fine.output == "B"


def test_an_error_that_is_raised_again_and_again_keeps_the_traceback_it_came_with() -> None:
    def task(_: Example) -> str:
        raise RuntimeError("model is down")

    lengths = set()
    with engine() as made:
        for _ in range(5):
            with pytest.raises(RuntimeError) as caught:
                made.start(work(task)).result(SOON).result()
            lengths.add(len(caught.traceback))
    assert len(lengths) == 1


def test_a_retry_runs_a_failed_case_again_and_leaves_a_good_one_alone() -> None:
    calls: list[str] = []

    def task(example: Example) -> str:
        calls.append(example.id)
        if len(calls) == 1:
            raise ConnectionError("try again")
        return "out"

    with engine() as made:
        assert made.start(work(task)).result(SOON).error is not None
        assert made.start(work(task)).result(SOON).error is not None
        assert made.start(work(task), retry=True).result(SOON).output == "out"
        assert made.start(work(task), retry=True).result(SOON).output == "out"
    assert len(calls) == 2


def test_a_plain_function_runs_in_a_thread_that_nobody_waits_for_and_in_the_context_of_its_case() -> None:
    seen: list[tuple[bool, bool]] = []

    def task(_: Example) -> None:
        seen.append((threading.current_thread().daemon, current_run() is not None))

    run_alone(task)
    assert seen == [(True, True)]


note: ContextVar[str] = ContextVar("note", default="")


@pytest.mark.parametrize("concurrency", [1, 2])
def test_what_a_task_leaves_in_its_context_is_not_there_for_the_next(concurrency: int) -> None:
    seen: list[str] = []

    async def task(example: Example) -> None:
        seen.append(note.get())
        note.set(f"left by {example.id}")
        await asyncio.sleep(0)

    token = note.set("from before")
    try:
        with engine(concurrency=concurrency) as made:
            note.set("from a test")
            run(made, *(work(task, name) for name in "abcd"))
    finally:
        note.reset(token)
    assert seen == ["from before"] * 4


def test_whoever_watches_hears_of_every_call_and_its_end() -> None:
    def task(example: Example) -> None:
        if example.id == "b":
            raise RuntimeError("model is down")

    watcher = TellTale()
    with engine(watcher=watcher, concurrency=1) as made:
        run(made, work(task, "a"), work(task, "b"))
    assert watcher.seen == ["+a", "-a", "+b", "-b"]


def test_what_is_remembered_is_not_run_and_what_failed_is_not_remembered() -> None:
    def task(example: Example) -> str:
        if example.id == "c":
            raise RuntimeError("model is down")
        return "new"

    memory, watcher = Notebook("a"), TellTale()
    with engine(memory=memory, watcher=watcher, concurrency=1) as made:
        done = run(made, *(work(task, name) for name in "abc"))
    assert [one.output for one in done] == ["remembered a", "new", None]
    assert memory.kept == ["b"]
    assert watcher.seen == ["+b", "-b", "+c", "-c"]


class Faulty(Notebook):
    def recall(self, work: Work) -> None:
        raise OSError(f"no memory of {work.key}")


def test_a_fault_of_ours_is_raised_for_whoever_waits_and_a_retry_tries_again() -> None:
    memory = Faulty()
    with engine(memory=memory) as made:
        for retry in (False, True):
            waiting = made.start(work(Log()), retry=retry)
            with pytest.raises(OSError, match="no memory of a"):
                waiting.result(SOON)
        assert made.start(work(Log())) is waiting
