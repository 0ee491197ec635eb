from __future__ import annotations

from case_results import case, ended, said
from technoshare_commentator.mlops.evaluation.reporting.failures import Reason, reasons_of
from technoshare_commentator.mlops.evaluation.rows import row_of


def test_scorers_with_the_same_rationale_are_one_reason() -> None:
    nothing = "there is nothing to score"
    scores = [said(name, value=False, passed=False, rationale=nothing) for name in ("brevity", "tone", "tone")]
    other = said("length", value=False, passed=False, rationale="too long")
    found = reasons_of(row_of(case("hi", ended("failed", scores[0], other, *scores[1:]))))
    assert found == [Reason("scorer", "brevity and 1 more", nothing), Reason("scorer", "length", "too long")]


def test_tests_with_the_same_message_are_one_reason_unless_a_score_says_it() -> None:
    late = said("length", value=False, passed=False, rationale="too long")
    tests = (
        ended("failed", late, nodeid="f.py::test_a[hi]"),
        *(ended("error", nodeid=f"f.py::test_{x}[hi]") for x in "bc"),
    )
    found = reasons_of(row_of(case("hi", *tests)))
    assert found == [Reason("scorer", "length", "too long"), Reason("test", "test_b[hi] and 1 more", "it broke")]
