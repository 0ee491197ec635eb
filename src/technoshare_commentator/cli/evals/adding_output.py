"""What `technoshare evals add` prints: the new examples, what was left out and why, and what to do next."""

from __future__ import annotations

import os
from collections import defaultdict
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.evaluation.reporting.formats import moment
from technoshare_commentator.quality.example import NEEDS_REVIEW
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from technoshare_commentator.cli.evals.additions import Additions, LeftOut, Planned


def print_additions(console: Console, additions: Additions, *, dry_run: bool) -> None:
    """Print all of it; with `dry_run` nothing has been written."""
    if additions.planned:
        console.print(_table(additions.planned))
    for line in _left_out(additions.left_out):
        console.print(Text(line), soft_wrap=True)
    count, path = len(additions.planned), _shown(additions.file.path)
    if not count:
        console.print(Text(f"nothing to add to {path}: {_why_nothing(additions)}"), soft_wrap=True)
        return
    examples = "1 example" if count == 1 else f"{count} examples"
    if dry_run:
        console.print(Text(f"{examples} would be added to {path}; nothing was written"), soft_wrap=True)
        return
    console.print(Text(f"{examples} added to {path}"), soft_wrap=True)
    for line in _next_steps(additions):
        console.print(Text(line), soft_wrap=True)


def _table(planned: list[Planned]) -> Table:
    """Two lines a row: what people copy from a table is not to be broken."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 1, 0))
    table.add_column("run\nwhen", no_wrap=True)
    widest = max((len(f"{rule},") for one in planned for rule in one.candidate.failures), default=0)
    table.add_column("outcome\nfailed rules", min_width=widest)
    table.add_column("url\nid", overflow="fold")
    for one in planned:
        job, rules = one.candidate.job, ", ".join(one.candidate.failures) or "-"
        cells = (
            (job.run_id, moment(job.started_at.isoformat())),
            (job.outcome, rules),
            (one.candidate.url, one.example_id),
        )
        table.add_row(*(Text("\n".join(map(visible_line, cell))) for cell in cells))
    return table


def _left_out(left_out: list[LeftOut]) -> list[str]:
    """One line for each page and reason: what cannot be read fails every time it is shared."""
    groups: dict[tuple[str, str], list[LeftOut]] = defaultdict(list)
    for one in left_out:
        groups[one.job.tags.get("target_url", ""), one.reason].append(one)
    return [
        visible_line(
            f"left out {group[0].job.run_id} {f'and {len(group) - 1} like it ' if len(group) > 1 else ''}"
            f"({group[0].job.outcome}, {url}): {reason}"
        )
        for (url, reason), group in groups.items()
    ]


def _why_nothing(additions: Additions) -> str:
    return "every job was left out" if additions.left_out else "no such job in that time; --since looks further back"


def _next_steps(additions: Additions) -> list[str]:
    path, suite = _shown(additions.file.path), _shown(additions.suite)
    steps = [f"next: review what was frozen (git diff {path}, {suite}/evidence): is it yours to keep?"]
    if additions.needs_review:
        steps += [
            f"      see how they do today: pytest {suite} -m {NEEDS_REVIEW} --eval-gate none",
            f"      set expected_outcome and expected_theme, then remove the tag {NEEDS_REVIEW}",
        ]
    return [*steps, f"      from then on they decide the gate: pytest {suite} --snapshot-update adds their snapshots"]


def _shown(path: Path) -> str:
    shown = os.path.relpath(path)
    return str(path) if shown.startswith("..") else shown
