"""Plausible sessions from a seed: what a suite with so many examples, variants, trials and scorers leaves behind."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from technoshare_commentator.mlops.evaluation.judging.comparison import compare_variants, compare_with_baseline
from technoshare_commentator.mlops.evaluation.judging.gate import Gate, parse_rule
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseDetail,
    CaseKey,
    CaseOutcome,
    CaseRow,
    DatasetRow,
    ScoreRow,
    SessionResults,
    SpanRow,
    TestRow,
)
from technoshare_commentator.mlops.evaluation.variants import DEFAULT, Variant

if TYPE_CHECKING:
    from collections.abc import Mapping

DATASET = DatasetRow(name="links", version="3", digest="0123456789abcdef", source="evals/datasets/links.json")
RUN_TAGS = {"mlflow.source.git.commit": "93cb011aa0f0c2f1b7f5ad0d8d3a3b1b1c1d1e1f", "suite": "evals"}
STEPS = [("retrieval", "RETRIEVER"), ("stage_a", "LLM"), ("stage_b", "LLM"), ("quality", "EVALUATOR")]
RULES = ("pass_rate >= 0.9", "brevity/mean >= 0.6", "latency_seconds/p95 <= 30", "regressions <= 0")
_PASS_AT = 0.5
_SPREAD = 0.12  # how much examples differ in difficulty, which is what makes the trials of one alike


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to simulate.

    `variants` maps names to what they add to every scorer's chance to pass; `verdicts` maps scorers that say yes or no
    to that chance, `numbers` those that give a number to its mean (0.5 passes). `crash`, `task_error`, `skip` and
    `unpriced` are shares: of scores, and of cases. A cost of None is unknown for every case.
    """

    examples: int = 12
    variants: Mapping[str, float] = field(default_factory=lambda: {DEFAULT: 0.0})
    trials: int = 1
    verdicts: Mapping[str, float] = field(default_factory=lambda: {"structure": 0.97, "numbers_supported": 0.9})
    numbers: Mapping[str, float] = field(default_factory=lambda: {"brevity": 0.7})
    tags: tuple[str, ...] = ("arxiv", "github", "webpage")
    crash: float = 0.0
    task_error: float = 0.0
    skip: float = 0.0
    cost_usd: float | None = 0.002
    unpriced: float = 0.0
    latency_seconds: float = 2.0
    not_run: int = 0


def simulate(plan: Plan | None = None, seed: int = 0) -> tuple[SessionResults, dict[CaseKey, CaseDetail]]:
    """Return a session and the details of its cases; the same plan and seed give the same.

    Metrics, gate and comparisons are for others to fill in.
    """
    plan = plan or Plan()
    random = np.random.default_rng(seed)
    hardness = random.normal(0.0, _SPREAD, plan.examples)
    cases = [
        _case(plan, random, number, float(hardness[number]), variant, trial)
        for number in range(plan.examples)
        for variant in plan.variants
        for trial in range(1, plan.trials + 1)
    ]
    results = SessionResults(
        session_id=f"simulated-{seed}",
        run_name=f"eval-{seed}",
        started_at="2026-01-05T09:00:00+00:00",
        seconds=plan.latency_seconds * 3,
        exit_status=0 if all(case.passed for case in cases) else 1,
        trials=plan.trials,
        not_run=plan.not_run,
        tags=RUN_TAGS,
        datasets=(DATASET,),
        variants=tuple(Variant(name=name, model=f"model-of-{name}") for name in plan.variants),
        cases=tuple(cases),
    )
    return results, {case.key: _detail(case, random) for case in cases}


def _case(  # noqa: PLR0913, PLR0917 - where a case stands in the plan
    plan: Plan, random: np.random.Generator, number: int, hardness: float, variant: str, trial: int
) -> CaseRow:
    example_id = f"example-{number:03d}"
    tag = (plan.tags[number % len(plan.tags)],) if plan.tags else ()
    nodeid = f"evals/test_links.py::test_commentary[{example_id}]"
    kind = float(random.random())
    ran = kind >= plan.skip
    answered = kind >= plan.skip + plan.task_error
    scores = _scores(plan, random, plan.variants[variant] - hardness, nodeid) if answered else ()
    outcome = _outcome(scores, ran=ran, answered=answered)
    cost = None if plan.cost_usd is None else float(random.gamma(4.0, plan.cost_usd / 4))
    unpriced = float(random.random()) < plan.unpriced
    message = "" if outcome in {"passed", "skipped"} else f"E   {outcome}: see the scores of {example_id}"
    return CaseRow(
        case_id=f"{DATASET.name}/{example_id}",
        example_id=example_id,
        dataset=DATASET.name,
        variant=variant,
        trial=trial,
        tags=tag,
        outcome=outcome,
        tests=(TestRow(nodeid=nodeid, outcome=outcome, seconds=0.01, message=message),),
        scores=scores,
        latency_seconds=float(random.gamma(6.0, plan.latency_seconds / 6)) if ran else None,
        input_tokens=float(random.integers(800, 4000)) if answered else 0.0,
        output_tokens=float(random.integers(100, 600)) if answered else 0.0,
        cost_usd=None if unpriced else cost,
        run_tags={"adapter_name": tag[0]} if tag else {},
        run_metrics={"snippet_count": float(random.integers(1, 12))} if answered else {},
        trace_id=f"tr-{random.bytes(16).hex()}" if ran else None,
    )


def _scores(plan: Plan, random: np.random.Generator, ease: float, nodeid: str) -> tuple[ScoreRow, ...]:
    rows = []
    for name, chance in {**plan.verdicts, **plan.numbers}.items():
        if random.random() < plan.crash:
            rows.append(ScoreRow(name=name, value=None, passed=False, error="ValueError: no sentence", test=nodeid))
            continue
        value: bool | float = bool(random.random() < chance + ease)
        if name in plan.numbers:
            value = float(np.clip(random.normal(chance + ease, 0.15), 0.0, 1.0))
        passed = value >= _PASS_AT
        rows.append(ScoreRow(name=name, value=value, passed=passed, rationale=_why(name, passed=passed), test=nodeid))
    return tuple(rows)


def _why(name: str, *, passed: bool) -> str:
    return "" if passed else f"{name}: “12 ms” stands nowhere on the page"


def _outcome(scores: tuple[ScoreRow, ...], *, ran: bool, answered: bool) -> CaseOutcome:
    if not ran:
        return "skipped"
    if not answered:
        return "error"
    return "passed" if all(score.passed for score in scores) else "failed"


def _detail(case: CaseRow, random: np.random.Generator) -> CaseDetail:
    if case.latency_seconds is None:
        return CaseDetail()
    given = {"url": f"https://example.com/{case.example_id}", "text": f"look at {case.example_id} <b>&</b>"}
    answered = case.outcome != "error"
    said = {"tldr": [f"{case.example_id} is fast.", "It costs nothing.", "It runs anywhere."]} if answered else None
    shown = f"*TL;DR*\n• {case.example_id} is fast.\n• It costs nothing.\n• It runs anywhere." if answered else ""
    return CaseDetail(input=given, output=said, shown=shown, spans=_spans(case, case.latency_seconds, random))


def _spans(case: CaseRow, seconds: float, random: np.random.Generator) -> tuple[SpanRow, ...]:
    spans = [SpanRow(name=case.example_id, seconds=seconds, ok=case.outcome != "error")]
    start = 0.0
    for (name, span_type), share in zip(STEPS, random.dirichlet([1.0, 4.0, 4.0, 0.5]), strict=True):
        last = case.outcome == "error" and name == "stage_b"
        length = seconds * float(share)
        message = "RuntimeError: model is down" if last else ""
        span = SpanRow(name=name, span_type=span_type, parent=0, start_seconds=start, seconds=length)
        spans.append(span.model_copy(update={"ok": not last, "message": message}))
        start += length
        if last:
            break
    return tuple(spans)


def judged(
    plan: Plan | None = None, seed: int = 0, rules: tuple[str, ...] = RULES
) -> tuple[SessionResults, dict[CaseKey, CaseDetail]]:
    """Return a simulated session with its metrics, its variants compared, a baseline (of another seed) and a gate."""
    results, details = simulate(plan, seed)
    before, _ = simulate(plan, seed + 1)
    compared = {
        "metrics": metrics_of(results.cases),
        "comparisons": (
            *compare_with_baseline(before.cases, results.cases, baseline_name="baseline.json", session_name="this"),
            *compare_variants(results.cases),
        ),
    }
    results = results.model_copy(update=compared)
    gate = Gate("evals/gate.yaml", tuple(map(parse_rule, rules)), max_cost_usd=1.0)
    return results.model_copy(update={"gate": gate.judge(results, selection=False)}), details


def row(
    example_id: str,
    outcome: CaseOutcome = "passed",
    scores: Mapping[str, bool | float | str | None] | None = None,
    **more: Any,
) -> CaseRow:
    """Return one case by hand; numbers pass from 0.5 on, text and verdicts speak for themselves; a None has crashed."""
    said = tuple(score(name, value=value) for name, value in (scores or {}).items())
    given = {"case_id": f"{DATASET.name}/{example_id}", "dataset": DATASET.name, "scores": said, **more}
    return CaseRow(example_id=example_id, outcome=outcome, **given)


def score(name: str, *, value: bool | float | str | None) -> ScoreRow:
    """Return one score by hand."""
    passed = value >= _PASS_AT if isinstance(value, bool | int | float) else value is not None
    return ScoreRow(name=name, value=value, passed=passed, error="ValueError: no sentence" if value is None else "")
