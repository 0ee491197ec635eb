"""What `technoshare evals mutate` prints: a table of mutations by scorers, the two rates, who survived; or one mutant."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.evaluation.scorer import Score
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import Console

    from technoshare_commentator.domain import LinkResult
    from technoshare_commentator.mlops.evaluation.scorer import ScorerFailure
    from technoshare_commentator.quality.mutation.engine import Mutant, Original
    from technoshare_commentator.quality.mutation.report import MutationReport, Rate

_LETTERS = ascii_lowercase + ascii_uppercase
_LEGEND_COLUMNS = 3
_SURVIVORS_SHOWN = 3  # of each mutation


def print_report(console: Console, report: MutationReport, *, caught: float, flagged: float) -> None:
    """Print all that came of a round, and whether the rates are good enough."""
    console.print(_matrix(report))
    console.print()
    console.print(_legend(report))
    console.print()
    for line in (*_survivors(report), *_flagged(report), *_crashes(report)):
        console.print(line, soft_wrap=True)
    console.print(_verdict("caught", report.caught, "mutants", ">=", caught, report.caught.value >= caught), soft_wrap=True)
    console.print(
        _verdict("flagged", report.flagged, "untouched", "<=", flagged, report.flagged.value <= flagged), soft_wrap=True
    )


def print_mutant(
    console: Console, original: Original, mutant: Mutant | None, scores: Sequence[Score | ScorerFailure], what: str
) -> None:
    """Print how a mutant differs from its original, and what every scorer said of it."""
    console.print(Text(mutant.name if mutant else original.name, style="bold"))
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


def _matrix(report: MutationReport) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 1, 0, 0))
    table.add_column("mutation", no_wrap=True)
    table.add_column("caught", justify="right", no_wrap=True)
    for letter, _ in zip(_LETTERS, report.scorers, strict=False):
        table.add_column(letter, justify="right", no_wrap=True)
    for tally in report.tallies:
        style = "dim" if not tally.made else "green" if tally.caught == tally.made else "red" if not tally.caught else "yellow"
        counts = [Text(str(tally.by_scorer[name])) if name in tally.by_scorer else Text("·", "dim") for name in report.scorers]
        table.add_row(Text(tally.mutation), Text(f"{tally.caught}/{tally.made}", style=style), *counts)
    return table


def _legend(report: MutationReport) -> Table:
    table = Table.grid(padding=(0, 3, 0, 0))
    total = Counter(scorer for mutant in report.mutants for scorer in mutant.caught_by)
    alone = Counter(mutant.caught_by[0] for mutant in report.mutants if len(mutant.caught_by) == 1)
    cells = [
        Text.assemble((letter, "bold"), f" {name} ", (f"{total[name]}, {alone[name]} alone", "dim"))
        for letter, name in zip(_LETTERS, report.scorers, strict=False)
    ]
    rows = -(-len(cells) // _LEGEND_COLUMNS)
    for row in range(rows):
        table.add_row(*cells[row::rows])
    return table


def _survivors(report: MutationReport) -> Iterator[Text]:
    if not report.survivors:
        return
    yield Text(f"{len(report.survivors)} survived; look at one with: technoshare evals mutate --seed {report.seed} --show NAME")
    by_mutation: dict[str, list[str]] = {}
    for mutant in report.survivors:
        by_mutation.setdefault(mutant.mutation, []).append(mutant.name)
    for names in by_mutation.values():
        more = len(names) - _SURVIVORS_SHOWN
        for name in names[:_SURVIVORS_SHOWN]:
            yield Text(f"  {name}", style="yellow")
        if more > 0:
            yield Text(f"  … and {more} more of it, in --json FILE", style="dim")
    yield Text()


def _flagged(report: MutationReport) -> Iterator[Text]:
    for one in report.originals:
        if one.flagged_by:
            yield Text(f"untouched and flagged: {one.name} by {', '.join(one.flagged_by)}; see --show untouched/{one.name}", "red")


def _crashes(report: MutationReport) -> Iterator[Text]:
    for name, scorers in report.crashes.items():
        yield Text(f"crashed on {name}: {', '.join(scorers)}; see --show {name}", style="red")


def _verdict(what: str, rate: Rate, of: str, sign: str, required: float, good: bool) -> Text:  # noqa: FBT001, PLR0913, PLR0917 - one line of a report
    interval = f"95 % interval {rate.interval.low:.1%} to {rate.interval.high:.1%}" if rate.interval else "no cases"
    line = f"{what}: {rate.count} of {rate.total} {of} ({rate.value:.1%}, {interval}) {sign} {required:.0%} required -- "
    return Text.assemble(line, ("PASSED", "bold green") if good else ("FAILED", "bold red"))


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
