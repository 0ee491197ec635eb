"""A session as a terminal shows it: scorers, failed cases, what changed, the gate, cost and latency."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from technoshare_commentator.mlops.evaluation.judging.gate import line
from technoshare_commentator.mlops.evaluation.judging.statistics import percentile
from technoshare_commentator.mlops.evaluation.reporting.console_tables import comparison_lines, scorer_table
from technoshare_commentator.mlops.evaluation.reporting.failures import name_of, reasons_of, why_informing, worst_first
from technoshare_commentator.mlops.evaluation.reporting.formats import plural
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseKey,
        CaseRow,
        Comparison,
        GateResult,
        SessionResults,
    )

_MOST_CASES = 20
_REASON_LENGTH = 240
_EXCERPT_LENGTH = 160
_VERDICT_STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def session_parts(results: SessionResults, width: int, outputs: Mapping[CaseKey, str]) -> Iterator[RenderableType]:
    """The session from top to bottom; `outputs` are what failed cases answered, as far as that is at hand."""
    yield scorer_table(results, width)
    yield from _informing(results)
    yield from _failed_cases(results, outputs)
    for comparison in results.comparisons:
        yield from comparison_parts(comparison)
    if results.gate is not None:
        yield from _gate(results.gate)
    yield Text()
    yield Text(_totals(results))


def comparison_parts(comparison: Comparison) -> Iterator[RenderableType]:
    """What is different between two sets of cases."""
    yield Text()
    yield from comparison_lines(comparison)


def _informing(results: SessionResults) -> Iterator[Text]:
    """Why scorers only inform, the first reason of each."""
    for name, why in why_informing(results).items():
        yield Text(f"{name} only informs: {visible_line(why)}", style="yellow")


def _failed_cases(results: SessionResults, outputs: Mapping[CaseKey, str]) -> Iterator[Text]:
    failed = worst_first(results)
    if failed:
        yield Text()
        yield Text(f"failed cases ({len(failed)})", style="bold red")
    for case in failed[:_MOST_CASES]:
        yield Text(f"  {visible_line(name_of(case, results))}", style="red")
        yield from (Text(f"    {reason}") for reason in _reasons(case))
        if output := outputs.get(case.key):
            yield Text(f"    output: {_short(output, _EXCERPT_LENGTH)}", style="dim")
        if case.trace_id:
            yield Text(f"    trace: {case.trace_id}", style="dim")
    if len(failed) > _MOST_CASES:
        yield Text(f"  … and {len(failed) - _MOST_CASES} more, all of them in the results and the report")


def _reasons(case: CaseRow) -> Iterator[str]:
    return (_short(f"{reason.who}: {reason.text}", _REASON_LENGTH) for reason in reasons_of(case))


def _short(text: str, length: int) -> str:
    folded = visible_line(" ".join(text.split()))
    return folded if len(folded) <= length else folded[: length - 1] + "…"


def _gate(gate: GateResult) -> Iterator[Text]:
    yield Text()
    verdict = "passed" if gate.passed else "failed"
    yield Text(f"gate {verdict} ({gate.source})", style=f"bold {'green' if gate.passed else 'red'}")
    for rule in gate.rules:
        yield Text(f"  {line(rule)}", style=_VERDICT_STYLES[rule.verdict])
        if rule.verdict == "failed" and rule.cases:
            yield Text(f"    {', '.join(rule.cases)}", style="red")


def _totals(results: SessionResults) -> str:
    unknown = sum(case.cost_usd is None for case in results.cases)
    known = sum(case.cost_usd or 0.0 for case in results.cases)
    tokens = sum(case.input_tokens + case.output_tokens for case in results.cases)
    judges = sum(case.judge_cost_usd for case in results.cases)
    replayed = sum(case.replayed_cost_usd for case in results.cases)
    shares = [f"{what} ${cost:.4f}" for what, cost in (("judges", judges), ("replayed", replayed)) if cost]
    cost = f"cost ${known:.4f}" + (f" and {plural(unknown, 'case')} of unknown price" if unknown else "")
    parts = [cost + (f", of which {' and '.join(shares)}" if shares else "")]
    parts.append(f"{tokens:,.0f} tokens")
    latencies = [case.latency_seconds for case in results.cases if case.latency_seconds is not None]
    if latencies:
        parts.append(f"latency p50 {percentile(latencies, 50):.2f} s, p95 {percentile(latencies, 95):.2f} s")
    if results.not_run:
        parts.append(f"{plural(results.not_run, 'case')} not run, the budget is spent")
    return " · ".join(parts)
