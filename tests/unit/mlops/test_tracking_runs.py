"""What a run keeps of what it is told, and the tree it becomes."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.tracing import SpanType
from technoshare_commentator.mlops.tracking import Run, Tracker, current_run

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord


class Evidence(BaseModel):
    title: str
    pages: tuple[int, ...]


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("no words")


@pytest.fixture
def delivered() -> list[RunRecord]:
    return []


@pytest.fixture
def tracker(delivered: list[RunRecord]) -> Tracker:
    return Tracker(delivered.append)


def test_a_run_with_stages_becomes_a_tree_that_is_delivered_once_and_only_at_the_end(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    with tracker.run("job", name="job_1", tags={"job_id": 7}) as run:
        with run.stage("retrieval") as stage:
            stage.metric(snippet_count=7)
            with stage.stage("redirect") as below:
                below.param(hops=2)
        with run.stage("stage_a"):
            pass
        assert delivered == []
    (record,) = delivered
    assert [one.name for one in record.walk()] == ["job_1", "retrieval", "redirect", "stage_a"]
    assert [one.kind for one in record.walk()] == ["job", "stage", "stage", "stage"]
    assert {one.status for one in record.walk()} == {"FINISHED"}
    assert record.tags == {"job_id": "7"}
    assert record.children[0].metrics["snippet_count"] == 7.0
    assert record.children[0].children[0].params == {"hops": "2"}
    assert len({one.key for one in record.walk()}) == 4


def test_a_run_inside_a_run_is_nested_in_it_and_keeps_its_own_kind(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    with tracker.run("session", name="outer"), tracker.run("case", name="inner", tags={"x": 1}):
        pass
    (record,) = delivered
    assert [(child.name, child.kind, child.tags) for child in record.children] == [("inner", "case", {"x": "1"})]
    assert len(record.traces) == 1


def test_the_current_run_is_the_innermost_open_one(tracker: Tracker) -> None:
    assert current_run() is None
    with tracker.run("job", name="outer") as outer:
        assert current_run() is outer
        with outer.stage("inner") as inner:
            assert current_run() is inner
        assert current_run() is outer
    assert current_run() is None


def test_none_means_unknown_and_is_left_out(tracker: Tracker, delivered: list[RunRecord]) -> None:
    with tracker.run("job", name="job", tags={"absent": None}) as run:
        run.tag({"a": "1", "b": None}, c=None)
        run.param(temperature=None, max_tokens=0)
        run.metric({"cost_usd": None}, tokens=0)
    (record,) = delivered
    assert (record.tags, record.params) == ({"a": "1"}, {"max_tokens": "0"})
    assert record.metrics.keys() == {"tokens", "latency_seconds"}


def test_the_latency_is_the_clock_s_unless_the_body_measured_it_itself(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    with tracker.run("job", name="job") as run:
        with run.stage("timed") as stage:
            stage.metric(latency_seconds=42)
        with run.stage("clocked"):
            pass
    (record,) = delivered
    timed, clocked = record.children
    assert timed.metrics["latency_seconds"] == 42.0
    assert clocked.metrics["latency_seconds"] == clocked.latency_seconds
    assert 0 <= clocked.latency_seconds <= record.latency_seconds < 10


def test_text_artifacts_stay_as_they_are_and_values_become_readable_json(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    with tracker.run("job", name="job") as run:
        run.artifact("sources.txt", "https://a.example\nhttps://b.example")
        run.artifact("evidence.json", Evidence(title="Ünïcode", pages=(1, 2)))
        run.artifact("list.json", [Evidence(title="x", pages=()), {"a": SpanType.LLM}])
    artifacts = delivered[0].artifacts
    assert artifacts["sources.txt"] == "https://a.example\nhttps://b.example"
    assert json.loads(artifacts["evidence.json"]) == {"title": "Ünïcode", "pages": [1, 2]}
    assert "Ünïcode" in artifacts["evidence.json"]
    assert "\n  " in artifacts["evidence.json"]
    assert json.loads(artifacts["list.json"]) == [{"title": "x", "pages": []}, {"a": "LLM"}]


def circular() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (circular(), "ValueError"),
        (Unspeakable(), "RuntimeError: no words"),
        ({"deep": [Unspeakable()]}, "RuntimeError: no words"),
    ],
    ids=["a value inside itself", "no str", "no str deep inside"],
)
def test_an_artifact_that_cannot_be_serialised_says_so_and_costs_no_other(
    tracker: Tracker, delivered: list[RunRecord], value: object, said: str
) -> None:
    with tracker.run("job", name="job") as run:
        run.artifact("before.txt", "1")
        run.artifact("odd.json", value)
        run.artifact("after.txt", "2")
        run.span.input(value)
    artifacts = delivered[0].artifacts
    assert (artifacts["before.txt"], artifacts["after.txt"]) == ("1", "2")
    assert said in json.loads(artifacts["odd.json"])
    assert said in json.loads(delivered[0].traces[0].root.attributes[tracing.INPUT])


def test_a_value_that_cannot_be_recorded_is_left_out_with_a_warning_and_the_body_goes_on(
    tracker: Tracker, delivered: list[RunRecord], caplog: pytest.LogCaptureFixture
) -> None:
    with tracker.run("job", name="job", tags={"first": Unspeakable(), "second": 2}) as run:
        run.metric({"tokens": "many", "cost_usd": 1.5})  # type: ignore[dict-item]  # what users do
        run.param(settings=Unspeakable())
    (record,) = delivered
    assert record.tags == {"second": "2"}
    assert record.metrics["cost_usd"] == 1.5
    assert "tokens" not in record.metrics
    assert [line.levelno for line in caplog.records] == [logging.WARNING] * 3
    assert "'tokens' of 'job' is left out: ValueError: could not convert string to float: 'many'" in caplog.text


def test_the_revision_moves_with_everything_that_is_said_and_with_the_end(tracker: Tracker) -> None:
    with tracker.run("job", name="job") as run:
        seen = [run.revision]
        run.tag(a=1)
        seen.append(run.revision)
        run.param(b=1)
        seen.append(run.revision)
        run.metric(c=1)
        seen.append(run.revision)
        run.artifact("d", "1")
        seen.append(run.revision)
        assert run.is_open
    assert not run.is_open
    seen.append(run.revision)
    assert seen == sorted(set(seen))


def test_a_stage_that_never_ended_is_closed_with_its_run_as_failed(
    tracker: Tracker, delivered: list[RunRecord]
) -> None:
    with tracker.run("job", name="job") as run:
        abandoned = run.stage("abandoned")
        stage = abandoned.__enter__()
        assert current_run() is stage
    (record,) = delivered
    assert record.status == "FINISHED"
    assert (record.children[0].status, record.children[0].end_ns) == ("FAILED", record.end_ns)
    abandoned.__exit__(None, None, None)


def test_without_tracing_runs_are_recorded_and_spans_are_forgotten(delivered: list[RunRecord]) -> None:
    with Tracker(delivered.append, tracing_enabled=False).run("job", name="job") as run:
        run.span.input({"a": 1})
        with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM, inputs=Unspeakable()) as stage:
            use_everything(stage)
        with tracing.span("tool", SpanType.TOOL) as span:
            span.usage(model="m", input_tokens=1, output_tokens=1, cost_usd=None)
    (record,) = delivered
    assert record.traces == []
    assert record.children[0].tags == {"tag": "1"}


def test_a_tracker_that_delivers_nowhere_has_the_same_interface() -> None:
    with Tracker().run("job", name="job") as run:
        use_everything(run)
        with run.stage("stage") as stage:
            use_everything(stage)
    assert run.record.tags == {"tag": "1"}


def use_everything(run: Run) -> None:
    run.tag(tag=1)
    run.param(param=1)
    run.metric(metric=1)
    run.artifact("artifact.json", {})
    run.span.set(gen_ai__operation__name="chat")
    run.span.input("in")
    run.span.output("out")
    run.span.usage(model="m", input_tokens=1, output_tokens=2, cost_usd=0.5)
