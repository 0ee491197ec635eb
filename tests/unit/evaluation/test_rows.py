"""From what is known of a case to its row and its detail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from case_results import PAID, case, ended, said
from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.results import CaseResult
from technoshare_commentator.mlops.evaluation.rows import detail_of, outcome_of, row_of
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseRow, SpanRow

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import CaseOutcome, TestOutcome


@pytest.mark.parametrize(
    ("tests", "outcome"),
    [
        ([], "skipped"),
        (["skipped"], "skipped"),
        (["passed"], "passed"),
        (["passed", "skipped"], "passed"),
        (["failed", "passed"], "failed"),
        (["rerun", "passed"], "failed"),  # a test whose last word is that it will be run again never came to an end
        (["failed", "error"], "error"),
        (["error", "passed", "skipped"], "error"),
    ],
)
def test_the_worst_of_its_tests_is_the_outcome_of_a_case(tests: list[TestOutcome], outcome: CaseOutcome) -> None:
    assert outcome_of(case("a", *(ended(one, nodeid=f"t{n}") for n, one in enumerate(tests)))) == outcome


def test_a_row_holds_all_that_was_found_out() -> None:
    found = case("a", ended("failed", said("loud", 0.25, passed=False, rationale="half")), seconds=3)
    assert found.run is not None
    found.run.tags, found.run.metrics = {"seen": "yes"}, {"letters": 2.0}
    row = row_of(found)
    assert (row.case_id, row.example_id, row.dataset, row.tags) == ("words/a", "a", "words", ("easy",))
    assert (row.outcome, row.latency_seconds, row.trace_id) == ("failed", 3.0, f"tr-{'ab' * 16}")
    assert (row.input_tokens, row.output_tokens, row.cost_usd) == (10, 5, 0.25)
    assert (row.run_tags, row.run_metrics) == ({"seen": "yes"}, {"letters": 2.0})
    (test,) = row.tests
    assert (test.nodeid, test.outcome, test.message) == ("test_x", "failed", "it broke")
    (score,) = row.scores
    assert (score.name, score.value, score.passed, score.rationale, score.test) == (
        *("loud", 0.25, False),
        *("half", "test_x"),
    )


def test_a_case_that_did_not_run_has_no_latency_and_costs_nothing() -> None:
    row = row_of(CaseResult("words:a", "words/a", "a", not_run="the budget is spent"))
    assert (row.latency_seconds, row.trace_id, row.cost_usd, row.outcome) == (None, None, 0.0, "skipped")


@pytest.mark.parametrize(
    ("used", "cost"),
    [
        (PAID, 0.25),
        ({}, 0.25),  # the other call's
        ({tracing.INPUT_TOKENS: 3}, None),
        ({**PAID, tracing.COST_USD: float("nan")}, None),
        ({**PAID, tracing.COST_USD: float("inf")}, None),
        ({**PAID, tracing.COST_USD: 0.0}, 0.0),
    ],
)
def test_a_cost_that_is_not_known_is_not_zero(used: dict[str, Any], cost: float | None) -> None:
    assert row_of(case("a", used=used)).cost_usd == cost


def test_a_row_is_strict_json_whatever_numbers_there_are() -> None:
    odd = case("a", ended("failed", said("x", float("nan")), said("y", float("-inf")), said("z", "text")))
    assert odd.run is not None
    odd.run.metrics = {"nan": float("nan"), "inf": float("inf"), "one": 1.0}
    odd.run.traces[0].spans[1].attributes[tracing.OUTPUT_TOKENS] = float("nan")
    row = row_of(odd)
    content = json.dumps(row.model_dump(mode="json"), allow_nan=False)
    assert CaseRow.model_validate_json(content) == row
    assert row.run_metrics == {"nan": None, "inf": None, "one": 1.0}
    assert [score.value for score in row.scores] == [None, None, "text"]
    assert row.output_tokens == 0.0


def test_a_detail_shows_what_went_in_what_came_out_and_how_long_each_step_took() -> None:
    detail = detail_of(case("a", seconds=2))
    assert (detail.input, detail.output, detail.shown) == ({"id": "a"}, "OUT", "OUT")
    assert detail.spans == (
        SpanRow(name="a", seconds=2.0),
        SpanRow(name="llm", parent=0, start_seconds=0.5, seconds=0.5),
    )


@pytest.mark.parametrize("text", ["no { json", "[" * 100_000, None])
def test_what_is_no_json_is_shown_as_it_is(text: str | None) -> None:
    odd = case("a")
    assert odd.trace is not None
    odd.trace.root.attributes[tracing.OUTPUT] = text
    assert detail_of(odd).output == text


def test_a_span_whose_parent_is_elsewhere_stands_at_the_top() -> None:
    odd = case("a")
    assert odd.trace is not None
    odd.trace.spans[0].parent_id = "00000000000000ff"  # of a caller's trace
    odd.trace.spans[1].ok, odd.trace.spans[1].message = False, "RuntimeError: down"
    first, second = detail_of(odd).spans
    assert (first.parent, second.parent) == (None, 0)
    assert (second.ok, second.message) == (False, "RuntimeError: down")


def test_a_case_without_a_trace_shows_its_output_alone() -> None:
    assert detail_of(CaseResult("words:a", "words/a", "a", shown="OUT")) == CaseDetail(shown="OUT")
