"""The summary at the end of a session, written through pytest's own reporter."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from technoshare_commentator.mlops.evaluation.gate import line
from technoshare_commentator.mlops.evaluation.reporting.annotations import annotation_commands
from technoshare_commentator.mlops.evaluation.statistics import percentile
from technoshare_commentator.pytest_plugin.terminal.failures import failed_cases
from technoshare_commentator.pytest_plugin.terminal.tables import comparison_lines, scorer_table
from technoshare_commentator.pytest_plugin.terminal.where import where_to_look

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest
    from rich.console import RenderableType

    from technoshare_commentator.mlops.evaluation.session_results import GateResult, SessionResults
    from technoshare_commentator.pytest_plugin.controlling import Controlling

_NARROWEST = 60
_VERDICT_STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def print_summary(terminal: pytest.TerminalReporter, controlling: Controlling) -> None:
    """Write the summary."""
    terminal.section("evaluation")
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(_NARROWEST, terminal._tw.fullwidth),  # noqa: SLF001 - pytest has no public way to ask
        force_terminal=terminal.hasmarkup,
        highlight=False,
    )
    for part in _parts(controlling, console.width):
        console.print(part, soft_wrap=isinstance(part, Text))
    for written in buffer.getvalue().splitlines():  # one that a terminal cannot show does not spoil the others
        terminal.line(written.rstrip())
    if os.environ.get("GITHUB_ACTIONS") == "true":
        for command in annotation_commands(controlling.final, terminal.config.rootpath):
            terminal.line(command)


def _parts(controlling: Controlling, width: int) -> Iterator[RenderableType]:
    results = controlling.final
    yield scorer_table(results, width)
    yield from failed_cases(results, controlling.gathering)
    for comparison in results.comparisons:
        yield from comparison_lines(comparison)
    if results.gate is not None:
        yield from _gate(results.gate)
    yield Text()
    yield _totals(results)
    for problem in controlling.problems:
        yield Text(problem, style="bold red")
    for notice in controlling.notices:
        yield Text(notice, style="yellow")
    yield from where_to_look(controlling)


def _gate(gate: GateResult) -> Iterator[Text]:
    yield Text()
    verdict = "passed" if gate.passed else "failed"
    yield Text(f"gate {verdict} ({gate.source})", style=f"bold {'green' if gate.passed else 'red'}")
    for rule in gate.rules:
        yield Text(f"  {line(rule)}", style=_VERDICT_STYLES[rule.verdict])
        if rule.verdict == "failed" and rule.cases:
            yield Text(f"    {', '.join(rule.cases)}", style="red")


def _totals(results: SessionResults) -> Text:
    unknown = sum(case.cost_usd is None for case in results.cases)
    known = sum(case.cost_usd or 0.0 for case in results.cases)
    cost = f"cost ${known:.4f}" + (f" and {unknown} cases of unknown price" if unknown else "")
    tokens = sum(case.input_tokens + case.output_tokens for case in results.cases)
    latencies = [case.latency_seconds for case in results.cases if case.latency_seconds is not None]
    parts = [cost, f"{tokens:,.0f} tokens"]
    if latencies:
        parts.append(f"latency p50 {percentile(latencies, 50):.2f} s, p95 {percentile(latencies, 95):.2f} s")
    if results.not_run:
        parts.append(f"{results.not_run} cases not run, the budget is spent")
    return Text(" · ".join(parts))
