"""What fails inside a run, and what fails about tracking itself."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.tracing import SpanType
from technoshare_commentator.mlops.tracking import Tracker, current_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.mlops.records import RunRecord
    from technoshare_commentator.mlops.tracking import Run


class MuteError(Exception):
    """An exception whose text cannot be had: `str` of it fails."""

    def __str__(self) -> str:
        raise RuntimeError("even this fails")


@pytest.fixture
def delivered() -> list[RunRecord]:
    return []


@pytest.fixture
def tracker(delivered: list[RunRecord]) -> Tracker:
    return Tracker(delivered.append)


@pytest.mark.parametrize(
    "error",
    [
        ValueError("boom"),
        MuteError(),
        KeyboardInterrupt(),
        SystemExit(3),
        asyncio.CancelledError(),
        GeneratorExit(),
        StopIteration("one"),
        ExceptionGroup("many", [ValueError("a"), MuteError()]),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("with_traces", [True, False])
def test_whatever_a_body_raises_is_recorded_at_every_level_and_comes_out_the_same(
    delivered: list[RunRecord], error: BaseException, *, with_traces: bool
) -> None:
    tracker = Tracker(delivered.append, tracing_enabled=with_traces)
    with pytest.raises(type(error)) as raised:  # noqa: PT012, SIM117 - the levels are the point
        with tracker.run("job", name="job") as run:
            with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM):
                with tracing.span("model call"):
                    raise error
    assert raised.value is error
    assert raised.value.__context__ is None
    (record,) = delivered
    assert [one.status for one in record.walk()] == ["FAILED", "FAILED"]
    assert [one.tags["error_type"] for one in record.walk()] == [type(error).__name__] * 2
    spans = [span for trace in record.traces for span in trace.spans]
    assert len(spans) == (3 if with_traces else 0)
    for span in spans:
        assert not span.ok
        assert span.message.startswith(f"{type(error).__name__}: ")
        assert span.events[0]["name"] == "exception"
        assert span.events[0]["attributes"]["exception.type"] == type(error).__name__
        assert "raise error" in span.events[0]["attributes"]["exception.stacktrace"]


def test_the_message_of_an_error_is_kept_or_why_it_cannot_be_had(tracker: Tracker, delivered: list[RunRecord]) -> None:
    for error in (ValueError("boom"), MuteError()):
        with pytest.raises(type(error)), tracker.run("job", name="job"):
            raise error
    assert [record.tags["error_message"] for record in delivered] == ["boom", "(its text cannot be had: RuntimeError)"]


def test_a_stage_that_failed_and_was_caught_leaves_its_run_sound(tracker: Tracker, delivered: list[RunRecord]) -> None:
    with tracker.run("job", name="job") as run:
        with pytest.raises(ValueError, match="boom"), run.stage("retrieval") as stage:  # noqa: PT012 - one stage
            stage.artifact("so_far.txt", "half")
            raise ValueError("boom")
        with run.stage("fallback"):
            pass
    (record,) = delivered
    assert [one.status for one in record.walk()] == ["FINISHED", "FAILED", "FINISHED"]
    assert record.children[0].artifacts == {"so_far.txt": "half"}
    assert [span.ok for span in record.traces[0].spans] == [True, False, True]
    assert "error_type" not in record.tags


def test_a_delivery_that_fails_is_warned_of_once_and_never_hides_the_body_s_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    attempts: list[str] = []

    def broken(record: RunRecord) -> None:
        attempts.append(record.name)
        raise MuteError

    tracker = Tracker(broken)
    with tracker.run("job", name="first"):
        pass
    with pytest.raises(ValueError, match="body"), tracker.run("job", name="second"):
        raise ValueError("body")
    with tracker.run("job", name="third"):
        pass
    assert attempts == ["first", "second", "third"]
    (warning,) = caplog.records
    assert warning.getMessage() == (
        "tracking: the record of first could not be kept: MuteError: (its text cannot be had: RuntimeError)"
    )


def test_a_generator_that_is_closed_from_another_context_ends_its_run_all_the_same(
    tracker: Tracker, delivered: list[RunRecord], caplog: pytest.LogCaptureFixture
) -> None:
    """So do fixtures of async frameworks: set up in one task, torn down in another."""

    def fixture() -> Iterator[Run]:
        with tracker.run("case", name="case") as run:
            yield run

    generator = fixture()
    elsewhere = contextvars.Context()
    elsewhere.run(next, generator)
    assert current_run() is None
    assert next(generator, None) is None
    (record,) = delivered
    assert record.status == "FINISHED"
    assert len(record.traces) == 1
    assert [line for line in caplog.records if line.name.startswith("technoshare")] == []


def test_a_task_that_outlives_its_run_starts_a_run_of_its_own_instead_of_losing_it(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    async def late(ended: asyncio.Event) -> None:
        await ended.wait()
        with tracing.span("too late"):
            pass
        with tracker.run("job", name="late") as run, run.stage("stage"):
            pass

    async def main() -> None:
        ended = asyncio.Event()
        with tracker.run("job", name="early"):
            task = asyncio.create_task(late(ended))
            await asyncio.sleep(0)
        ended.set()
        await task

    asyncio.run(main())
    early, late_one = delivered
    assert (early.name, early.children) == ("early", [])
    assert [one.name for one in late_one.walk()] == ["late", "stage"]
    assert [span.name for span in late_one.traces[0].spans] == ["late", "stage"]
    assert late_one.traces[0].trace_id != early.traces[0].trace_id


def test_spans_that_end_after_their_trace_was_taken_are_not_kept_for_ever(tracker: Tracker) -> None:
    with tracker.run("job", name="job"):
        open_span = tracing.span("forgotten")
        open_span.__enter__()
    open_span.__exit__(None, None, None)
    assert tracker._collector is not None
    assert tracker._collector._finished == {}
