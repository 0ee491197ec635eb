"""A session in which everything that can come from a stranger does, and texts that strangers would send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.evaluation.session_results import (
    CaseChange,
    CaseDetail,
    CaseRow,
    Comparison,
    DatasetRow,
    GateResult,
    RuleResult,
    ScoreRow,
    SessionResults,
    SpanRow,
    TestRow,
)
from technoshare_commentator.mlops.evaluation.variants import Variant

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import CaseKey

HOSTILE = [
    "</script><script>window.hacked=1</script>",
    "</style></title></textarea></pre><img src=x onerror=window.hacked=1>",
    "\"' onmouseover=window.hacked=1 style=position:fixed x='",
    "<!-- <![CDATA[ ]]> {{ 7 * 7 }} {% raw %} {# ",
    "javascript:window.hacked=1",
    "&lt;b&gt; &amp; &#60;",
    "\x00\x1b[31m\x7f\ud800\u202e",
    "<svg><a xlink:href='https://example.com/'>",
]


def session_of(text: str) -> tuple[SessionResults, dict[CaseKey, CaseDetail]]:
    """Return a session in which every text is this one."""
    scores = [
        ScoreRow(name=f"judge {text}", value=text, passed=False, rationale=text, source_type="LLM_JUDGE"),
        ScoreRow(name=text, value=None, passed=False, error=text),
    ]
    cases = [
        CaseRow(
            case_id=f"{text}/{number}",
            example_id=text,
            dataset=text,
            variant=variant,
            tags=(text,),
            outcome="failed",
            tests=(TestRow(nodeid=f"{text}::{text}", outcome="failed", message=text),),
            scores=tuple(scores),
            latency_seconds=1.0,
            cost_usd=0.1,
            run_tags={text: text},
            run_metrics={text: 1.0},
            trace_id=text,
        )
        for number in range(2)
        for variant in ("a", text)
    ]
    change = CaseChange(case_id=cases[0].case_id, variant=text, scorers=(text,))
    compared: dict[str, Any] = {"pairs": 1, "newly_failing": (change,), "only_before": (text,), "only_after": (text,)}
    rule = RuleResult(rule=text, value=1.0, verdict="failed", note=text, variant=text, cases=(text,))
    described: dict[str, Any] = {"model": text, "prompts": {text: text}, "settings": {text: text}}
    results = SessionResults(
        session_id=text,
        run_name=text,
        started_at=text,
        shard=text,
        tags={text: text, "mlflow.source.git.commit": text},
        metrics={text: 1.0},
        datasets=(DatasetRow(name=text, version=text, digest=text, source=text),),
        variants=(Variant.model_construct(name=text, description=text, **described),),
        gate=GateResult(source=text, rules=(rule,)),
        comparisons=(
            Comparison(kind="baseline", before=text, after=text, **compared),
            Comparison(kind="variants", before=text, after=text, **compared),
        ),
        cases=tuple(cases),
    )
    span = SpanRow(name=text, span_type=text, ok=False, message=text)
    detail = CaseDetail(input={text: text}, output=[text], shown=text, spans=(span,))
    return results, {case.key: detail for case in cases}
