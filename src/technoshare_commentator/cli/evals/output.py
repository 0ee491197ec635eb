"""What the commands of `technoshare evals` print."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from technoshare_commentator.cli.evals.sessions import ending
from technoshare_commentator.mlops.evaluation.reporting.console import comparison_parts, session_parts
from technoshare_commentator.mlops.evaluation.reporting.formats import dollars, duration, moment
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console

    from technoshare_commentator.cli.evals.sessions import ListedSession
    from technoshare_commentator.mlops.evaluation.session_results import CaseKey, Comparison, SessionResults

_WIDTH_WITH_DATES = 96  # characters; with fewer a verdict would be cut off, and names of sessions begin with the date


def print_list(console: Console, sessions: Sequence[ListedSession]) -> None:
    """One row a session, and how to go on with the newest that was broken off."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    dated = console.width >= _WIDTH_WITH_DATES
    for title in ("session", *(["started"] if dated else [])):
        table.add_column(title, no_wrap=True)
    for title in ("cases", "passed", "cost", "outputs"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("verdict")
    for one in sessions:
        verdict = f"{one.verdict} (shard {one.shard})" if one.shard else one.verdict
        cells = [one.name, *([moment(one.started_at)] if dated else [])]
        cells += [str(one.cases), str(one.passed), dollars(one.cost_usd)]
        style = "green" if one.verdict == "passed" else "yellow" if one.unfinished else "red"
        table.add_row(*map(Text, [*cells, str(one.outputs or "-")]), Text(verdict, style=style))
    console.print(table)
    waiting = next((one.name for one in sessions if one.unfinished and one.outputs), "")
    if waiting:
        console.print(Text(f"go on without paying twice: pytest evals --eval-resume {waiting}"), soft_wrap=True)


def print_session(
    console: Console, name: str, results: SessionResults, outputs: Mapping[CaseKey, str] = MappingProxyType({})
) -> None:
    """What the session came to, as pytest printed it at its end."""
    heading = (Text(_title(name, results), style="bold"), Text())
    for part in (*heading, *session_parts(results, console.width, outputs)):
        console.print(part, soft_wrap=isinstance(part, Text))


def print_comparison(console: Console, comparison: Comparison) -> None:
    """What is different between two sets of cases."""
    for part in comparison_parts(comparison):
        console.print(part, soft_wrap=isinstance(part, Text))


def _title(name: str, results: SessionResults) -> str:
    shard = f" · shard {results.shard}" if results.shard else ""
    started = f" · {moment(results.started_at)}" if results.started_at else ""
    return visible_line(f"{name}: {ending(results)}{started} · {duration(results.seconds)}{shard}")
