from __future__ import annotations

import json
import math

import pytest

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.report import SessionReport, percentile
from technoshare_commentator.mlops.evaluation.results import CaseResult, Message, ScoreResult, TestOutcome, TestResult
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, SpanRecord, TraceRecord

DATASET = DatasetRecord("words", "7", "abc", "words.json")
SECOND = 1_000_000_000


def case(name: str, *scores: tuple[str, bool], seconds: int = 1, outcome: TestOutcome = "passed") -> CaseResult:
    spans = [
        SpanRecord("00000000000000a1", None, name, 0, seconds * SECOND, attributes={}),
        SpanRecord(
            *("00000000000000a2", "00000000000000a1", "llm", 0, SECOND),
            attributes={tracing.INPUT_TOKENS: 10, tracing.OUTPUT_TOKENS: 5, tracing.COST_USD: 0.25},
        ),
    ]
    run = RunRecord(name, "case", start_ns=0, end_ns=seconds * SECOND, traces=[TraceRecord("ab" * 16, spans)])
    found = [ScoreResult(AssessmentRecord(scorer, value=passed), passed) for scorer, passed in scores]
    test = TestResult(f"test_x[{name}]", outcome, 0.1, "" if outcome == "passed" else "it broke", found)
    return CaseResult(
        key=f"words:{name}",
        example_id=name,
        dataset=DATASET,
        tags=["easy"],
        tests={test.nodeid: test},
        run=run,
    )


@pytest.fixture
def report() -> SessionReport:
    crashed = case("c", outcome="error")
    (test,) = crashed.tests.values()
    test.scores.append(ScoreResult(AssessmentRecord("brief", None, error="ValueError: no"), passed=False))
    cases = [
        case("a", ("loud", True), ("brief", True)),
        case("b", ("loud", False), seconds=3, outcome="failed"),
        crashed,
    ]
    return SessionReport(cases, seconds=2.0)


def test_scorers_are_totalled_in_the_order_they_first_spoke(report: SessionReport) -> None:
    rows = [(one.name, one.passed, one.total, one.errors) for one in report.scorers]
    assert rows == [("loud", 1, 2, 0), ("brief", 1, 2, 1)]


def test_a_crash_counts_as_asked_and_not_as_a_value_of_zero(report: SessionReport) -> None:
    brief = report.scorers[1]
    assert brief.rate == 0.5
    assert brief.values == [1.0]


def test_metrics_hold_rates_cost_and_latency(report: SessionReport) -> None:
    metrics = report.metrics()
    assert metrics["cases"] == 3
    assert metrics["cases_passed"] == 1
    assert metrics["pass_rate"] == pytest.approx(1 / 3)
    assert metrics["cost_usd"] == 0.75
    assert (metrics["input_tokens"], metrics["output_tokens"]) == (30, 15)
    assert metrics["latency_seconds/p50"] == 1.0
    assert metrics["latency_seconds/p95"] == pytest.approx(2.8)
    assert metrics["loud/pass_rate"] == 0.5


def test_an_empty_session_has_metrics_too() -> None:
    assert SessionReport([], 0.0).metrics()["pass_rate"] == 0.0


def test_the_run_of_a_session_carries_every_case(report: SessionReport) -> None:
    run = report.as_run("eval", 0, SECOND, {"model": "m"})
    assert run.tags["mlflow.runType"] == "genai_evaluate"
    assert run.tags["dataset.digest"] == "abc"
    assert run.tags["model"] == "m"
    assert [trace.tags["eval.outcome"] for trace in run.traces] == ["passed", "failed", "failed"]
    assert [len(trace.assessments) for trace in run.traces] == [2, 1, 1]
    rows = json.loads(run.artifacts["eval_results.json"])["cases"]
    assert [row["example_id"] for row in rows] == ["a", "b", "c"]
    assert rows[1]["tests"][0]["message"] == "it broke"


def test_of_two_runs_of_a_case_the_later_counts_whichever_message_comes_last() -> None:
    gathered, early, late, newer = case("a"), case("a"), case("a"), case("a")
    runs = [one.run for one in (early, late, newer) if one.run is not None]
    runs[1].start_ns = runs[2].start_ns = 5
    runs[2].key = runs[1].key
    for message in (early, late, early, CaseResult("words:a", "a")):
        gathered.merge(message)
        assert gathered.run is not None
    assert gathered.run is runs[1]
    gathered.merge(newer)
    assert gathered.run is runs[2]


def test_two_datasets_of_one_name_are_two() -> None:
    first, second = case("a"), case("b")
    second.dataset = DatasetRecord("words", "8", "abd", "elsewhere/words.json")
    assert SessionReport([first, second], 0.0).datasets() == [DATASET, second.dataset]


def test_a_message_survives_the_wire() -> None:
    message = Message(case("a", ("loud", True)), run_tags={"prompt": "p/1"})
    assert Message.from_json(message.to_json()) == message


def test_a_message_takes_whatever_users_put_in_and_is_still_read() -> None:
    odd = case("a", ("loud", True))
    assert odd.run is not None
    odd.run.metrics = {"nan": float("nan"), "inf": float("inf")}
    odd.run.tags = {"half a smile": "\ud83d", "smile": "🙂"}
    odd.run.traces[0].spans[0].attributes = {"bytes": b"\xff", "set": {1}, tracing.COST_USD: "n/a"}
    read = Message.from_json(Message(odd).to_json()).case
    assert read.run is not None
    assert math.isnan(read.run.metrics["nan"])
    assert read.run.metrics["inf"] == math.inf
    assert read.run.tags == {"half a smile": "?", "smile": "🙂"}
    assert read.usage(tracing.COST_USD) == 0.25
    row = json.dumps(read.as_row(), allow_nan=False)
    assert json.loads(row)["run_metrics"] == {"nan": None, "inf": None}


@pytest.mark.parametrize(("values", "expected"), [([2.0], 2.0), ([1.0, 3.0], 2.0), ([1.0, 2.0, 9.0], 2.0)])
def test_the_middle_of_values(values: list[float], expected: float) -> None:
    assert percentile(values, 50) == expected
