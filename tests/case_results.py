"""Cases as a controller knows them, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.results import CaseResult, ScoreResult, TestResult
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, SpanRecord, TraceRecord

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import TestOutcome

DATASET = DatasetRecord("words", "7", "abc", "words.json")
SECOND = 1_000_000_000
PAID = {tracing.INPUT_TOKENS: 10, tracing.OUTPUT_TOKENS: 5, tracing.COST_USD: 0.25}


def case(name: str, *tests: TestResult, seconds: int = 1, used: dict[str, Any] | None = None) -> CaseResult:
    """A case with a trace of two spans; `used` is what its model call leaves behind."""
    spans = [
        SpanRecord("00000000000000a1", None, name, 0, seconds * SECOND),
        SpanRecord("00000000000000a2", "00000000000000a1", "llm", SECOND // 2, SECOND, attributes=used or dict(PAID)),
    ]
    spans[0].attributes = {tracing.INPUT: f'{{"id": "{name}"}}', tracing.OUTPUT: '"OUT"'}
    run = RunRecord(name, "case", start_ns=0, end_ns=seconds * SECOND, traces=[TraceRecord("ab" * 16, spans)])
    return CaseResult(
        key=f"words:{name}",
        case_id=f"words/{name}",
        example_id=name,
        dataset=DATASET,
        tags=["easy"],
        tests={one.nodeid: one for one in tests},
        run=run,
        shown="OUT",
    )


def ended(outcome: TestOutcome = "passed", *scores: ScoreResult, nodeid: str = "test_x") -> TestResult:
    """A test and what its scorers said."""
    return TestResult(nodeid, outcome, 0.1, "" if outcome == "passed" else "it broke", list(scores))


def said(name: str, value: Any = True, *, passed: bool = True, **more: Any) -> ScoreResult:  # noqa: FBT002 - usual
    """One score."""
    return ScoreResult(AssessmentRecord(name, value, **more), passed)
