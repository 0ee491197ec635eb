"""Many runs at once: nothing of one gets into another."""

from __future__ import annotations

import asyncio
import random
import threading
from typing import TYPE_CHECKING

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import new_key
from technoshare_commentator.mlops.tracking import Tracker, current_run

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord

JOBS = 50


def check_that_nothing_is_mixed(delivered: list[RunRecord]) -> None:
    assert sorted(record.name for record in delivered) == sorted(f"job_{number}" for number in range(JOBS))
    traces: set[str] = set()
    spans: set[str] = set()
    for record in delivered:
        number = record.name.removeprefix("job_")
        assert [child.tags["number"] for child in record.children] == [number, number]
        assert [child.name for child in record.children] == ["retrieval", "stage_a"]
        (trace,) = record.traces
        expected = {record.name, f"fetch {number}", f"read {number}", "retrieval", "stage_a"}
        assert sorted(span.name for span in trace.spans) == sorted(expected)
        by_name = {span.name: span for span in trace.spans}
        assert trace.root.name == record.name
        assert by_name[f"read {number}"].parent_id == by_name[f"fetch {number}"].span_id
        assert by_name[f"fetch {number}"].parent_id == by_name["retrieval"].span_id
        assert by_name["stage_a"].parent_id == trace.root.span_id
        traces.add(trace.trace_id)
        spans.update(span.span_id for span in trace.spans)
    assert len(traces) == JOBS
    assert len(spans) == JOBS * 5


def test_fifty_jobs_gathered_on_one_loop_stay_apart_down_to_their_child_tasks() -> None:
    delivered: list[RunRecord] = []
    tracker = Tracker(delivered.append)

    async def pause(turns: int) -> None:
        for _ in range(turns % 4):
            await asyncio.sleep(0)

    async def fetch(number: int) -> None:
        with tracing.span(f"fetch {number}"):
            await pause(number)
            with tracing.span(f"read {number}"):
                await pause(number // 3)

    async def job(number: int) -> None:
        with tracker.run("job", name=f"job_{number}") as run:
            await pause(number // 5)
            with run.stage("retrieval") as stage:
                stage.tag(number=number)
                await asyncio.gather(fetch(number))
            await pause(number // 7)
            with run.stage("stage_a") as stage:
                await pause(number + 1)
                stage.tag(number=number)
                assert current_run() is stage
            assert current_run() is run
        assert current_run() is None

    async def main() -> None:
        await asyncio.gather(*(job(number) for number in range(JOBS)))
        assert current_run() is None
        assert tracing.active_tracer.get() is None

    asyncio.run(main())
    check_that_nothing_is_mixed(delivered)


def test_jobs_in_threads_stay_apart() -> None:
    delivered: list[RunRecord] = []
    tracker = Tracker(delivered.append)
    barrier = threading.Barrier(JOBS, timeout=20)

    def job(number: int) -> None:
        with tracker.run("job", name=f"job_{number}") as run:
            barrier.wait()
            with run.stage("retrieval") as stage, tracing.span(f"fetch {number}"), tracing.span(f"read {number}"):
                stage.tag(number=number)
            with run.stage("stage_a") as stage:
                stage.tag(number=number)

    threads = [threading.Thread(target=job, args=(number,)) for number in range(JOBS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_that_nothing_is_mixed(delivered)


def test_stages_of_one_run_that_are_gathered_are_siblings() -> None:
    delivered: list[RunRecord] = []

    async def main() -> None:
        with Tracker(delivered.append).run("job", name="job") as run:

            async def stage(name: str) -> None:
                with run.stage(name):
                    await asyncio.sleep(0)
                    with tracing.span(f"below {name}"):
                        await asyncio.sleep(0)

            await asyncio.gather(*(stage(name) for name in "abc"))

    asyncio.run(main())
    (record,) = delivered
    assert [child.name for child in record.children] == ["a", "b", "c"]
    assert all(child.children == [] for child in record.children)
    by_id = {span.span_id: span for span in record.traces[0].spans}
    pairs = {(span.name, by_id[span.parent_id].name) for span in by_id.values() if span.parent_id}
    assert pairs == {(name, "job") for name in "abc"} | {(f"below {name}", name) for name in "abc"}


def test_somebody_who_reseeds_random_does_not_make_ids_repeat() -> None:
    delivered: list[RunRecord] = []
    keys = set()
    for _ in range(3):
        random.seed(0)
        keys.add(new_key())
        with Tracker(delivered.append).run("job", name="job") as run, run.stage("stage"):
            pass
    assert len(keys) == 3
    assert len({one.key for record in delivered for one in record.walk()}) == 6
    assert len({record.traces[0].trace_id for record in delivered}) == 3
    assert len({span.span_id for record in delivered for span in record.traces[0].spans}) == 6
