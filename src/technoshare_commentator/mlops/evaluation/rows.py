"""From what is known of a case to its row and its detail."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseDetail,
    CaseOutcome,
    CaseRow,
    ScoreRow,
    SpanRow,
    TestRow,
)
from technoshare_commentator.mlops.prompt_links import prompt_tags
from technoshare_commentator.mlops.records import usage_of

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.results import CaseResult, TestResult
    from technoshare_commentator.mlops.records import RunRecord, SpanRecord, TraceRecord

_NANOSECONDS = 1e9


def row_of(case: CaseResult) -> CaseRow:
    """Return the case as `eval_results.json` has it."""
    run, trace = case.run, case.trace
    return CaseRow(
        case_id=case.case_id,
        example_id=case.example_id,
        dataset=case.dataset.name if case.dataset else None,
        variant=case.variant,
        trial=case.trial,
        tags=tuple(case.tags),
        outcome=outcome_of(case),
        tests=tuple(
            TestRow(nodeid=test.nodeid, outcome=test.outcome, seconds=test.seconds, message=test.message)
            for test in case.tests.values()
        ),
        scores=tuple(row for test in case.tests.values() for row in _scores(test)),
        latency_seconds=run.latency_seconds if run else None,
        input_tokens=_finite(trace.usage(tracing.INPUT_TOKENS)) or 0.0 if trace else 0.0,
        output_tokens=_finite(trace.usage(tracing.OUTPUT_TOKENS)) or 0.0 if trace else 0.0,
        cost_usd=_cost(trace),
        judge_cost_usd=_share_of_cost(trace, tracing.SCORER),
        replayed_cost_usd=_share_of_cost(trace, tracing.REPLAYED),
        run_tags={**_prompts(run), **run.tags} if run else {},
        run_metrics={name: _finite(value) for name, value in run.metrics.items()} if run else {},
        trace_id=f"tr-{trace.trace_id}" if trace else None,
    )


def detail_of(case: CaseResult) -> CaseDetail:
    """Return what a report shows of the case beside its row."""
    trace = case.trace
    if trace is None:
        return CaseDetail(shown=case.shown)
    asked, answered = (_parsed(trace.root.attributes.get(name)) for name in (tracing.INPUT, tracing.OUTPUT))
    return CaseDetail(input=asked, output=answered, shown=case.shown, spans=_spans(trace))


def _prompts(run: RunRecord) -> dict[str, str]:
    """The prompts that the case used: a task's own run, such as production's, says it inside the case's run."""
    return {key: label for record in run.walk() for key, label in prompt_tags(record.tags).items()}


def outcome_of(case: CaseResult) -> CaseOutcome:
    """The worst that happened to its tests; reruns that came to a good end are no failures."""
    seen = {test.outcome for test in case.tests.values()}
    if "error" in seen:
        return "error"
    if seen - {"passed", "skipped"}:
        return "failed"
    return "passed" if "passed" in seen else "skipped"


def _scores(test: TestResult) -> list[ScoreRow]:
    return [
        ScoreRow(
            name=said.name,
            value=_finite(said.value),
            passed=score.passed,
            informs=score.informs,
            rationale=said.rationale,
            error=said.error,
            test=test.nodeid,
            source_type=said.source_type,
        )
        for score in test.scores
        for said in (score.assessment,)
    ]


def _cost(trace: TraceRecord | None) -> float | None:
    """US dollars; None where a model call's price is not known."""
    if trace is None:
        return 0.0
    unknown = any(
        tracing.INPUT_TOKENS in one.attributes and tracing.COST_USD not in one.attributes for one in trace.spans
    )
    return None if unknown else _finite(trace.usage(tracing.COST_USD))


def _share_of_cost(trace: TraceRecord | None, mark: str) -> float:
    """What is known of the cost of those model calls that have a mark."""
    spans = trace.spans if trace is not None else []
    return _finite(usage_of((one for one in spans if one.attributes.get(mark)), tracing.COST_USD)) or 0.0


def _spans(trace: TraceRecord) -> tuple[SpanRow, ...]:
    start = trace.root.start_ns
    position = {span.span_id: number for number, span in enumerate(trace.spans)}
    return tuple(_span(span, start, position) for span in trace.spans)


def _span(span: SpanRecord, start_ns: int, position: dict[str, int]) -> SpanRow:
    return SpanRow(
        name=span.name,
        span_type=str(span.attributes.get(tracing.SPAN_TYPE, tracing.SpanType.CHAIN)),
        parent=position.get(span.parent_id or ""),
        start_seconds=(span.start_ns - start_ns) / _NANOSECONDS,
        seconds=(span.end_ns - span.start_ns) / _NANOSECONDS,
        ok=span.ok,
        message=span.message,
    )


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text)
    except (TypeError, ValueError, RecursionError):
        return text


def _finite(value: Any) -> Any:
    """Strict JSON knows no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
