"""What the commands of `technoshare evals` print."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from technoshare_commentator.cli.eval_sessions import ending
from technoshare_commentator.mlops.evaluation.gate import line
from technoshare_commentator.mlops.evaluation.reporting.failures import name_of, reasons_of, worst_first
from technoshare_commentator.mlops.evaluation.reporting.formats import dollars, duration, moment, plural
from technoshare_commentator.pytest_plugin.terminal.tables import comparison_lines, scorer_table
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from technoshare_commentator.cli.eval_sessions import ListedSession
    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseRow,
        Comparison,
        GateResult,
        SessionResults,
    )

_WIDTH_OF_FILES = 120
_MOST_CASES = 20
_REASON_LENGTH = 240
_VERDICT_STYLES = {"passed": "green", "failed": "bold red", "skipped": "yellow"}


def make_console() -> Console:
    """The terminal, or lines wide enough for a table where there is none."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES
    return Console(width=width, highlight=False)


def print_list(console: Console, sessions: Sequence[ListedSession]) -> None:
    """One row a session, and how to go on with the newest that was broken off."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("session", "started"):
        table.add_column(title, no_wrap=True)
    for title in ("cases", "passed", "cost", "outputs"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict")
    for one in sessions:
        verdict = f"{one.verdict} (shard {one.shard})" if one.shard else one.verdict
        cells = [one.name, moment(one.started_at), str(one.cases), str(one.passed), dollars(one.cost_usd)]
        style = "green" if one.verdict == "passed" else "yellow" if one.unfinished else "red"
        table.add_row(*map(Text, [*cells, str(one.outputs or "-")]), Text(verdict, style=style))
    console.print(table)
    waiting = next((one.name for one in sessions if one.unfinished and one.outputs), "")
    if waiting:
        console.print(Text(f"go on without paying twice: pytest evals --eval-resume {waiting}"), soft_wrap=True)


def print_session(console: Console, name: str, results: SessionResults) -> None:
    """What the session came to, as pytest printed it at its end."""
    for part in (Text(_title(name, results), style="bold"), *_parts(results, console.width)):
        console.print(part, soft_wrap=isinstance(part, Text))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """What is different between two sets of cases."""
    for part in comparison_lines(comparison):
        console.print(part, soft_wrap=isinstance(part, Text))


def _title(name: str, results: SessionResults) -> str:
    shard = f" · shard {results.shard}" if results.shard else ""
    started = f" · {moment(results.started_at)}" if results.started_at else ""
    return visible_line(f"{name}: {ending(results)}{started} · {duration(results.seconds)}{shard}")


def _parts(results: SessionResults, width: int) -> Iterator[RenderableType]:
    yield Text()
    yield scorer_table(results, width)
    yield from _failed_cases(results)
    for comparison in results.comparisons:
        yield from comparison_lines(comparison)
    if results.gate is not None:
        yield from _gate(results.gate)
    yield Text()
    yield Text(_totals(results))


def _failed_cases(results: SessionResults) -> Iterator[Text]:
    failed = worst_first(results)
    if failed:
        yield Text()
        yield Text(f"failed cases ({len(failed)})", style="bold red")
    for case in failed[:_MOST_CASES]:
        yield Text(f"  {visible_line(name_of(case, results))}", style="red")
        yield from (Text(f"    {reason}") for reason in _reasons(case))
    if len(failed) > _MOST_CASES:
        yield Text(f"  … and {len(failed) - _MOST_CASES} more; the report shows all of them")


def _reasons(case: CaseRow) -> Iterator[str]:
    for reason in reasons_of(case):
        said = visible_line(f"{reason.who}: {reason.text}")
        yield said if len(said) <= _REASON_LENGTH else f"{said[: _REASON_LENGTH - 1]}…"


def _gate(gate: GateResult) -> Iterator[Text]:
    yield Text()
    verdict = "passed" if gate.passed else "failed"
    yield Text(f"gate {verdict} ({gate.source})", style=_VERDICT_STYLES[verdict])
    for rule in gate.rules:
        yield Text(f"  {line(rule)}", style=_VERDICT_STYLES[rule.verdict])
        if rule.verdict == "failed" and rule.cases:
            yield Text(f"    {', '.join(rule.cases)}", style="red")


def _totals(results: SessionResults) -> str:
    costs = [case.cost_usd for case in results.cases]
    unknown = costs.count(None)
    tokens = sum(case.input_tokens + case.output_tokens for case in results.cases)
    parts = [f"cost {dollars(sum(cost for cost in costs if cost is not None))}", f"{tokens:,.0f} tokens"]
    parts += [f"{plural(unknown, 'case')} of unknown price"] if unknown else []
    parts += [f"{plural(results.not_run, 'case')} not run, the budget is spent"] if results.not_run else []
    return " · ".join(parts)
