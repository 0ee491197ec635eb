"""Cases together in the engine: how many, in which order, within which limits, and how it all ends."""

from __future__ import annotations

import asyncio
import concurrent.futures
import gc
import threading
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine_room import SOON, Gate, Log, Patient, engine, run, work
from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.running.engine import Engine
from technoshare_commentator.mlops.tracking import Tracker
from waiting import until

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.dataset import Example

NAMES = [f"e{number}" for number in range(12)]


@pytest.mark.parametrize("concurrency", [1, 5, 50])
def test_cases_run_together_up_to_the_concurrency(concurrency: int) -> None:
    log = Log(0.02)
    with engine(concurrency=concurrency) as made:
        done = run(made, *(work(log, name) for name in NAMES))
    assert log.most == min(concurrency, len(NAMES))
    assert [one.output for one in done] == [name.upper() for name in NAMES]


def test_plain_functions_run_together_in_threads() -> None:
    together = threading.Barrier(4)

    def task(_: Example) -> int:
        return together.wait(SOON)  # none gets past it before all four are there

    with engine(concurrency=4) as made:
        assert sorted(one.output for one in run(made, *(work(task, name) for name in NAMES[:4]))) == [0, 1, 2, 3]


def test_cases_start_in_the_order_in_which_they_were_announced() -> None:
    log = Log(0.001)
    with engine(concurrency=3) as made:
        made.expect(work(log, name) for name in NAMES[:6])
        made.expect(work(log, name) for name in NAMES[3:])
        for name in reversed(NAMES):  # asking for one that is announced does not move it
            made.start(work(log, name)).result(SOON)
    assert log.lines == NAMES


def test_a_case_that_nobody_announced_is_the_next_to_start() -> None:
    gate = Gate()
    with engine(concurrency=1) as made:
        made.expect([work(gate.task, "first"), work(gate.task, "second")])
        until(lambda: gate.come)
        urgent = made.start(work(gate.task, "urgent"))
        gate.let()
        urgent.result(SOON)
        made.start(work(gate.task, "second")).result(SOON)
    assert gate.come == ["first", "urgent", "second"]


def test_a_case_that_is_not_asked_for_runs_all_the_same_and_nobody_waits_for_it() -> None:
    gate = Gate()
    with engine() as made:
        made.expect([work(gate.task, "slow"), work(gate.task, "quick")])
        gate.let("quick")
        assert made.start(work(gate.task, "quick")).result(SOON).output == "quick"
        assert gate.come == ["slow", "quick"]


def test_one_that_is_to_run_alone_waits_for_the_others_and_they_for_it() -> None:
    gate = Gate()
    with engine(concurrency=3) as made:
        made.expect(work(gate.task, name) for name in ("a", "b"))
        until(lambda: len(gate.come) == 2)
        made.start(work(gate.task, "hermit", alone=True))
        made.expect([work(gate.task, "c")])
        gate.let("a")
        made.start(work(gate.task, "a")).result(SOON)
        time.sleep(0.05)
        assert gate.come == ["a", "b"]
        gate.let("b")
        until(lambda: gate.come == ["a", "b", "hermit"])
        time.sleep(0.05)
        assert gate.come == ["a", "b", "hermit"]
        gate.let()
        assert made.start(work(gate.task, "c")).result(SOON).output == "c"


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=1, max_size=25),
    st.integers(min_value=1, max_value=5),
)
@settings(max_examples=25, deadline=None)
def test_however_long_they_take_all_end_no_more_at_once_than_allowed_and_hermits_alone(
    cases: list[tuple[bool, int]], concurrency: int
) -> None:
    flying: set[str] = set()
    broken: list[str] = []
    hermits = {f"e{number}" for number, (alone, _) in enumerate(cases) if alone}

    async def task(example: Example) -> str:
        flying.add(example.id)
        if len(flying) > concurrency or (len(flying) > 1 and flying & hermits):
            broken.append(" ".join(sorted(flying)))
        for _ in range(cases[int(example.id[1:])][1]):
            await asyncio.sleep(0)
        flying.remove(example.id)
        return example.id

    with engine(concurrency=concurrency) as made:
        works = [work(task, f"e{number}", alone=alone) for number, (alone, _) in enumerate(cases)]
        assert [done.output for done in run(made, *works)] == [one.key for one in works]
    assert broken == []


# Limits


class TooManyError(Exception):
    """What a client raises after HTTP 429."""

    status_code = 429
    headers = {"Retry-After": "7"}  # noqa: RUF012 - as clients have it


def test_a_case_that_a_server_refuses_is_tried_again_until_it_gets_its_answer() -> None:
    calls: list[str] = []

    def task(example: Example) -> str:
        calls.append(example.id)
        if len(calls) < 4:
            raise TooManyError
        return "out"

    limits = Patient()
    with engine(limits=limits) as made:
        assert made.start(work(task)).result(SOON).output == "out"
    assert len(calls) == 4
    assert limits.heard == ["slower for 7.0 s"] * 3 + ["succeeded"]


def test_a_server_that_never_answers_is_left_alone_in_the_end() -> None:
    calls: list[str] = []

    def task(example: Example) -> str:
        calls.append(example.id)
        raise TooManyError

    limits = Patient()
    with engine(limits=limits) as made:
        assert isinstance(made.start(work(task)).result(SOON).error, TooManyError)
    assert len(calls) == len(limits.heard) == limits.attempts


def test_any_other_error_is_not_tried_again() -> None:
    limits = Patient()
    calls: list[str] = []

    def task(example: Example) -> None:
        calls.append(example.id)
        raise ConnectionError

    with engine(limits=limits) as made:
        made.start(work(task)).result(SOON)
    assert calls == ["a"]
    assert limits.heard == []


def paid(example: Example) -> str:
    with tracing.span("model", tracing.SpanType.LLM) as span:
        span.usage(model="m", input_tokens=1, output_tokens=1, cost_usd=0.5)
    if example.id == "e1":
        raise RuntimeError("paid for all the same")
    return example.id


def test_once_the_budget_is_spent_nothing_new_starts_and_says_so() -> None:
    limits = Patient(max_cost_usd=1.25)
    with engine(limits=limits, concurrency=1) as made:
        done = run(made, *(work(paid, name) for name in NAMES))
    assert [one.output for one in done] == ["e0", None, "e2", *[None] * 9]
    assert {one.not_run for one in done[:3]} == {""}
    assert {one.not_run for one in done[3:]} == {"the session's budget of $1.25 is spent"}
    assert [one.run for one in done[3:]] == [None] * 9
    assert limits.spent_usd == 1.5


def test_a_budget_of_nothing_starts_nothing() -> None:
    log = Log()
    with engine(limits=Patient(max_cost_usd=0.0)) as made:
        assert made.start(work(log)).result(SOON).not_run
    assert log.lines == []


def test_a_session_that_is_stopped_starts_nothing_new_and_lets_the_others_end() -> None:
    gate, stopped = Gate(), threading.Event()
    with engine(concurrency=2, is_stopped=stopped.is_set) as made:
        made.expect(work(gate.task, name) for name in NAMES)
        until(lambda: len(gate.come) == 2)
        stopped.set()
        gate.let()
        done = [made.start(work(gate.task, name)).result(SOON) for name in NAMES]
    assert gate.come == NAMES[:2]
    assert [one.output for one in done[:2]] == NAMES[:2]
    assert {one.not_run for one in done[2:]} == {"the session was stopped"}


# The end


def test_closing_cancels_what_is_in_flight_and_whoever_waits_hears_of_it() -> None:
    gate, ended = Gate(), []

    async def task(example: Example) -> None:
        try:
            await gate.task(example)
        finally:
            ended.append(example.id)

    made = Engine(Tracker(), concurrency=2)
    made.expect(work(task, name) for name in NAMES)
    until(lambda: len(gate.come) == 2)
    waiting = [made.start(work(task, name)) for name in NAMES]
    made.close()
    assert all(one.cancelled() for one in waiting)
    assert sorted(ended) == NAMES[:2]
    assert gate.come == NAMES[:2]
    assert not made._thread.is_alive()
    made.close()


def test_what_had_finished_when_all_is_closed_can_still_be_had() -> None:
    made = Engine(Tracker())
    waiting = made.start(work(Log()))
    waiting.result(SOON)
    made.close()
    assert waiting.result(0).output == "A"


def test_a_task_that_cannot_be_stopped_does_not_hold_up_the_end_and_nobody_waits_for_it() -> None:
    release = threading.Event()

    async def task(_: Example) -> None:
        release.wait(SOON)  # blocks the loop, as careless code does

    made, trouble = Engine(Tracker(), concurrency=1), []
    made._loop.set_exception_handler(lambda _, about: trouble.append(about))
    waiting = [made.start(work(task, name)) for name in "ab"]
    started = time.monotonic()
    made.close()
    assert time.monotonic() - started < SOON / 2
    for one in waiting:
        with pytest.raises(concurrent.futures.CancelledError):
            one.result(SOON)
    release.set()
    until(lambda: not made._tasks)
    made._over = True  # what `close` would have done, had it been able to
    made._loop.call_soon_threadsafe(made._loop.stop)
    made._thread.join(SOON)
    made._loop.close()
    gc.collect()
    assert trouble == []


def test_a_plain_function_that_never_returns_does_not_hold_up_the_end() -> None:
    release, began = threading.Event(), threading.Event()

    def task(_: Example) -> None:
        began.set()
        release.wait(SOON)

    made = Engine(Tracker())
    waiting = made.start(work(task))
    assert began.wait(SOON)
    started = time.monotonic()
    made.close()
    assert time.monotonic() - started < SOON / 2
    assert waiting.cancelled()
    release.set()
