from __future__ import annotations

import asyncio
import concurrent.futures
import json
import re
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.dataset import Example
from technoshare_commentator.mlops.evaluation.engine import Engine, Task
from technoshare_commentator.mlops.tracking import Tracker, current_run

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = Example(id="a")


@contextmanager
def engine(task: Task) -> Iterator[Engine]:
    made = Engine(task, Tracker())
    try:
        yield made
    finally:
        made.close()


def test_the_task_runs_once_for_all_who_ask() -> None:
    calls: list[str] = []

    async def task(example: Example) -> str:
        await asyncio.sleep(0)
        calls.append(example.id)
        return example.id * 2

    with engine(task) as made:
        assert [made.case("k", EXAMPLE).output for _ in range(3)] == ["aa", "aa", "aa"]
    assert calls == ["a"]


@pytest.mark.parametrize("kind", ["function", "function that returns a coroutine"])
def test_a_task_need_not_be_a_coroutine_function(kind: str) -> None:
    async def later() -> str:
        return "out"

    def task(_: Example) -> Any:
        return "out" if kind == "function" else later()

    with engine(task) as made:
        assert made.case("k", EXAMPLE).output == "out"


def test_a_task_that_raises_gives_its_error_to_everybody_who_wants_the_output() -> None:
    def task(_: Example) -> str:
        raise RuntimeError("model is down")

    with engine(task) as made:
        done = made.case("k", EXAMPLE)
        assert made.case("k", EXAMPLE) is done
    assert str(done.error) == "model is down"
    assert done.run.record.status == "FAILED"
    assert done.run.record.traces[0].root.ok is False


def test_the_trace_of_a_case_holds_what_the_task_did() -> None:
    async def task(example: Example) -> dict[str, str]:
        run = current_run()
        assert run is not None
        run.metric(words=3)
        with tracing.span("think", tracing.SpanType.LLM) as span:
            span.usage(model="m", input_tokens=2, output_tokens=1, cost_usd=0.5)
        return {"answer": example.id}

    with engine(task) as made:
        record = made.case("k", EXAMPLE).run.record
    (trace,) = record.traces
    assert [span.name for span in trace.spans] == ["a", "think"]
    assert trace.spans[1].parent_id == trace.root.span_id
    assert json.loads(trace.root.attributes[tracing.OUTPUT]) == {"answer": "a"}
    assert record.metrics["words"] == 3


def test_closing_cancels_what_is_in_flight() -> None:
    async def task(_: Example) -> None:
        await asyncio.sleep(3600)

    made = Engine(task, Tracker())
    future = asyncio.run_coroutine_threadsafe(made._run(EXAMPLE), made._loop)
    made.close()
    assert future.cancelled()


@pytest.mark.parametrize("is_async", [True, False])
@pytest.mark.parametrize(
    ("raised", "seen", "words"),
    [
        (SystemExit("no key"), RuntimeError, "the task called sys.exit('no key')"),
        (StopIteration(), RuntimeError, "coroutine raised StopIteration"),
        (pytest.skip.Exception("not today"), pytest.skip.Exception, "not today"),
    ],
)
def test_whatever_a_task_raises_nobody_waits_forever(
    raised: BaseException, seen: type[BaseException], words: str, *, is_async: bool
) -> None:
    def task(_: Example) -> str:
        raise raised

    async def async_task(example: Example) -> str:
        return task(example)

    with engine(async_task if is_async else task) as made:
        done = made.case("k", EXAMPLE)
    with pytest.raises(seen, match=re.escape(words)):
        done.result()


def test_an_error_that_is_raised_again_and_again_keeps_the_traceback_it_came_with() -> None:
    def task(_: Example) -> str:
        raise RuntimeError("model is down")

    lengths = set()
    with engine(task) as made:
        for _ in range(5):
            with pytest.raises(RuntimeError) as caught:
                made.case("k", EXAMPLE).result()
            lengths.add(len(caught.traceback))
    assert len(lengths) == 1


def test_a_retry_runs_a_failed_case_again_and_leaves_a_good_one_alone() -> None:
    calls: list[str] = []

    def task(example: Example) -> str:
        calls.append(example.id)
        if len(calls) == 1:
            raise ConnectionError("try again")
        return "out"

    with engine(task) as made:
        assert made.case("k", EXAMPLE).error is not None
        assert made.case("k", EXAMPLE).error is not None
        assert made.case("k", EXAMPLE, retry=True).result() == "out"
        assert made.case("k", EXAMPLE, retry=True).result() == "out"
    assert len(calls) == 2


def test_a_task_that_cannot_be_stopped_does_not_hold_up_the_end() -> None:
    release = threading.Event()

    async def task(_: Example) -> None:
        release.wait(30)  # blocks the loop, as careless code does

    made = Engine(task, Tracker())
    future = asyncio.run_coroutine_threadsafe(made._run(EXAMPLE), made._loop)
    started = time.monotonic()
    made.close()
    assert time.monotonic() - started < 10
    release.set()
    with suppress(concurrent.futures.CancelledError):  # whether it was told to stop before it was done
        future.result(10)
    made.close()


def test_a_plain_function_runs_in_a_thread_that_nobody_waits_for() -> None:
    threads: list[threading.Thread] = []

    def task(_: Example) -> None:
        threads.append(threading.current_thread())

    with engine(task) as made:
        made.case("k", EXAMPLE).result()
    assert threads[0].daemon
