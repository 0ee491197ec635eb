"""The summary at the end of a session: scorers, failed cases, cost and latency, and where to look further."""

from __future__ import annotations

import io
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rich.console import Console
from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.report import ScorerTotals, SessionReport, percentile
from technoshare_commentator.mlops.redaction import without_password

if TYPE_CHECKING:
    import pytest

    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.pytest_plugin.publishing import Gathering

_REASON_LENGTH = 240
_MOST_FAILED_CASES = 20


def print_summary(terminal: pytest.TerminalReporter, gathering: Gathering) -> None:
    """Write the summary through pytest's own reporter."""
    report = gathering.report
    terminal.section("evaluation")
    buffer = io.StringIO()
    console = Console(
        file=buffer,
        width=max(60, terminal._tw.fullwidth),  # noqa: SLF001 - pytest has no public way to ask
        force_terminal=terminal.hasmarkup,
        highlight=False,
    )
    console.print(_scorer_table(report))
    for line in (*_failed(report), _totals(report), *_where(gathering)):
        console.print(line, soft_wrap=True)
    for written in buffer.getvalue().splitlines():  # one that a terminal cannot show does not spoil the others
        terminal.line(written)


def _scorer_table(report: SessionReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("scorer")
    for title in ("passed", "total", "rate", "errors"):
        table.add_column(title, justify="right")
    for one in report.scorers:
        style = "green" if one.passed == one.total else "red"
        row = (one.name, str(one.passed), str(one.total), _rate(one), str(one.errors or "-"))
        table.add_row(*(Text(cell, style=style) for cell in row))
    cases, failed = len(report.cases), len(report.failed_cases)
    rate = f"{(cases - failed) / cases:.1%}" if cases else "-"
    table.add_section()
    table.add_row(*(Text(cell, style="bold") for cell in ("cases", str(cases - failed), str(cases), rate, "")))
    return table


def _rate(one: ScorerTotals) -> str:
    return f"{one.rate:.1%}"


def _failed(report: SessionReport) -> list[Text]:
    failed = report.failed_cases
    if not failed:
        return []
    lines = [Text(), Text(f"failed cases ({len(failed)})", style="bold red")]
    several = len(report.datasets()) > 1
    for case in failed[:_MOST_FAILED_CASES]:
        dataset = f" ({case.dataset.name})" if several and case.dataset else ""
        lines.append(Text(f"  {case.example_id}{dataset}", style="red"))
        lines += [Text(f"    {reason}") for reason in _reasons(case)]
    if len(failed) > _MOST_FAILED_CASES:
        lines.append(Text(f"  … and {len(failed) - _MOST_FAILED_CASES} more, all of them in the results file"))
    return lines


def _reasons(case: CaseResult) -> list[str]:
    """Failed scores with their rationale; where a test failed without one or beside them, its message."""
    reasons: list[str] = []
    for test in case.tests.values():
        failed = [score.assessment for score in test.scores if not score.passed]
        reasons += [f"{said.name}: {said.error or said.rationale or said.value}" for said in failed]
        if test.message and (not failed or test.outcome == "error"):
            reasons.append(f"{test.nodeid.rpartition('::')[2]}: {test.message}")
    return [_short(reason) for reason in dict.fromkeys(reasons)]


def _short(text: str) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= _REASON_LENGTH else folded[: _REASON_LENGTH - 1] + "…"


def _totals(report: SessionReport) -> Text:
    parts = [f"cost ${report.total(tracing.COST_USD):.4f}"]
    tokens = report.total(tracing.INPUT_TOKENS) + report.total(tracing.OUTPUT_TOKENS)
    parts.append(f"{tokens:,.0f} tokens")
    if report.latencies:
        parts.append(
            f"latency p50 {percentile(report.latencies, 50):.2f} s, p95 {percentile(report.latencies, 95):.2f} s"
        )
    return Text("\n" + " · ".join(parts))


def _where(gathering: Gathering) -> list[Text]:
    lines = [Text(f"results: {gathering.results_path}")]
    if gathering.results_problem:
        lines = [Text(f"results: {gathering.results_path} {gathering.results_problem}", style="bold red")]
    receipt = gathering.receipt
    if not gathering.settings.tracking:
        lines.append(Text("MLflow: off (MLFLOW_ENABLE_TRACKING=false)"))
    elif receipt is None:
        lines.append(Text(f"MLflow: {gathering.problem}", style="yellow"))
        if gathering.kept:
            lines.append(Text("the run is kept and can be sent later: technoshare spool ship", style="yellow"))
    else:
        lines.append(Text(f"MLflow: one run in experiment {gathering.experiment!r}, {receipt.trace_count or 0} traces"))
        if (receipt.trace_count or 0) != gathering.trace_count:
            missing = f"MLflow holds {receipt.trace_count or 0} of {gathering.trace_count} recorded traces"
            lines.append(Text(missing, style="bold red"))
        lines += _how_to_open(without_password(gathering.settings.uri), receipt.experiment_id, receipt.run_id)
    return lines


def _how_to_open(uri: str, experiment_id: str, run_id: str) -> list[Text]:
    served = urlsplit(uri).scheme in {"http", "https"}
    base = uri.rstrip("/") if served else "http://127.0.0.1:5000"
    page = f"{base}/#/experiments/{experiment_id}/evaluation-runs?selectedRunUuid={run_id}"
    command = [] if served else [Text(f"  {_mlflow_command()} ui --backend-store-uri {uri} --port 5000")]
    return [*command, Text(f"  open {page}")]


def _mlflow_command() -> str:
    """`mlflow`, or where it lies when the virtual environment is not activated."""
    if shutil.which("mlflow"):
        return "mlflow"
    beside = Path(sys.executable).with_name("mlflow")
    return str(beside.relative_to(Path.cwd()) if beside.is_relative_to(Path.cwd()) else beside)
