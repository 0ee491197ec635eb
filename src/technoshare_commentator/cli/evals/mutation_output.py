"""What `technoshare evals mutate` prints: mutations by scorers, the two rates, who survived; or one mutant."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.evaluation.scorer import Score
from technoshare_commentator.quality.mutation.report import UNTOUCHED
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from technoshare_commentator.domain import LinkResult
    from technoshare_commentator.mlops.evaluation.scorer import ScorerFailure
    from technoshare_commentator.quality.mutation.engine import Mutant, Original
    from technoshare_commentator.quality.mutation.report import MutationReport, Rate, Tally

_LETTERS = ascii_lowercase + ascii_uppercase
_LEGEND_COLUMNS = 2
_LEGEND_GAP = 3
_SURVIVORS_SHOWN = 3  # of each mutation


def print_report(console: Console, report: MutationReport, *, caught: float, flagged: float) -> None:
    """Print all that came of a round, and whether the rates are good enough."""
    for part in (*_matrices(report, console.width), _legend(report, console.width)):
        console.print(part)
        console.print()
    for line in (*_survivors(report), *_flagged(report), *_crashes(report)):
        console.print(line, soft_wrap=True)
    enough, few = report.caught.value >= caught, report.flagged.value <= flagged
    for rate, required, good in (
        (_rate("caught", report.caught, "mutants"), f">= {caught * 100:g}% required --", enough),
        (_rate("flagged", report.flagged, "untouched"), f"<= {flagged * 100:g}% required --", few),
    ):
        console.print(rate, required, _word(good=good), soft_wrap=True)


def print_mutant(
    console: Console, original: Original, mutant: Mutant | None, scores: Sequence[Score | ScorerFailure], what: str
) -> None:
    """Print how a mutant differs from its original, and what every scorer said of it."""
    console.print(Text(mutant.name if mutant else f"{UNTOUCHED}/{original.name}", style="bold"))
    console.print(Text(what, style="dim"))
    console.print(Text(visible_line(original.result.url), style="cyan"), soft_wrap=True)
    console.print()
    for line in _difference(original.result, mutant.result) if mutant else ():
        console.print(line, soft_wrap=True)
    silent = [score.name for score in scores if isinstance(score, Score) and score.passed]
    for score in scores:
        if score.name not in silent:
            said = score.rationale if isinstance(score, Score) else f"crashed: {score.error}"
            console.print(Text.assemble((f"✗ {score.name}", "red"), f"  {visible_line(said)}"), soft_wrap=True)
    console.print(Text(f"passed: {', '.join(silent) or 'none'}", style="dim"))


def _matrices(report: MutationReport, width: int) -> Iterator[Table]:
    """Yield mutations by scorers: one table, or several where one would be wider than the terminal and lose counts."""
    columns = list(zip(_LETTERS, report.scorers, strict=False))
    counts = [count for tally in report.tallies for count in tally.by_scorer.values()]
    rows = [f"{tally.mutation} {_caught(tally)} " for tally in report.tallies]
    room = width - max(map(len, (*rows, "mutation caught ")))
    fit = max(1, room // (len(str(max(counts, default=0))) + 1))
    tables = max(1, -(-len(columns) // fit))
    each = max(1, -(-len(columns) // tables))
    yield from (_matrix(report, columns[start : start + each]) for start in range(0, len(columns), each))


def _matrix(report: MutationReport, columns: Sequence[tuple[str, str]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("mutation", no_wrap=True)
    table.add_column("caught", justify="right", no_wrap=True)
    for letter, _ in columns:
        table.add_column(letter, justify="right", no_wrap=True)
    for tally in report.tallies:
        found = tally.by_scorer
        counts = [Text(str(found[name])) if name in found else Text("·", style="dim") for _, name in columns]
        table.add_row(Text(tally.mutation), Text(_caught(tally), style=_style(tally)), *counts)
    return table


def _caught(tally: Tally) -> str:
    return f"{tally.caught}/{tally.made}"


def _style(tally: Tally) -> str:
    if not tally.made:
        return "dim"
    return "green" if tally.caught == tally.made else "yellow" if tally.caught else "red"


def _legend(report: MutationReport, width: int) -> Table:
    table = Table.grid(padding=(0, _LEGEND_GAP, 0, 0))
    total = Counter(scorer for mutant in report.mutants for scorer in mutant.caught_by)
    alone = Counter(mutant.caught_by[0] for mutant in report.mutants if len(mutant.caught_by) == 1)
    cells = [
        Text.assemble((letter, "bold"), f" {name} ", (f"caught {total[name]}, alone {alone[name]}", "dim"))
        for letter, name in zip(_LETTERS, report.scorers, strict=False)
    ]
    widest = max((cell.cell_len for cell in cells), default=0) + _LEGEND_GAP
    rows = -(-len(cells) // max(1, min(_LEGEND_COLUMNS, width // widest)))
    for row in range(rows):
        table.add_row(*cells[row::rows])
    return table


def _survivors(report: MutationReport) -> Iterator[Text]:
    if not report.survivors:
        return
    look = f"technoshare evals mutate --seed {report.seed} --show NAME"
    yield Text(f"{len(report.survivors)} survived; look at one with: {look}")
    by_mutation: dict[str, list[str]] = {}
    for mutant in report.survivors:
        by_mutation.setdefault(mutant.mutation, []).append(mutant.name)
    for names in by_mutation.values():
        yield from (Text(f"  {name}", style="yellow") for name in names[:_SURVIVORS_SHOWN])
        if (more := len(names) - _SURVIVORS_SHOWN) > 0:
            yield Text(f"  … and {more} more of it, in --json FILE", style="dim")
    yield Text()


def _flagged(report: MutationReport) -> Iterator[Text]:
    for one in report.originals:
        if one.flagged_by:
            by = ", ".join(one.flagged_by)
            yield Text(f"flagged though untouched: {one.name} by {by}; see --show {UNTOUCHED}/{one.name}", style="red")


def _crashes(report: MutationReport) -> Iterator[Text]:
    for name, scorers in report.crashes.items():
        yield Text(f"crashed on {name}: {', '.join(scorers)}; see --show {name}", style="red")


def _rate(what: str, rate: Rate, of: str) -> str:
    interval = f"95 % interval {rate.interval.low:.1%} to {rate.interval.high:.1%}" if rate.interval else "no cases"
    return f"{what}: {rate.count} of {rate.total} {of} ({rate.value:.1%}, {interval})"


def _word(*, good: bool) -> Text:
    return Text("PASSED", style="bold green") if good else Text("FAILED", style="bold red")


def _difference(before: LinkResult, after: LinkResult) -> Iterator[Text]:
    """Yield the lines of message and facts that differ, removed and added, what is new in them in bold."""
    for old, new in zip(_lines(before), _lines(after), strict=True):
        matcher = SequenceMatcher(a=old, b=new, autojunk=False)
        for tag, start, stop, other_start, other_stop in matcher.get_opcodes():
            if tag != "equal":
                yield from (Text(f"- {visible_line(line)}", style="red") for line in old[start:stop])
                yield from (Text(f"+ {visible_line(line)}", style="green") for line in new[other_start:other_stop])
    yield Text()


def _lines(result: LinkResult) -> tuple[list[str], list[str]]:
    text = result.message.text.split("\n") if result.message else []
    facts = result.facts.facts if result.facts else ()
    return text, [f"[{', '.join(fact.snippet_ids)}] {fact.text}" for fact in facts]
