"""Scorers and comparisons as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from technoshare_commentator.mlops.evaluation.judging.comparison import is_significant
from technoshare_commentator.mlops.evaluation.judging.metrics import (
    ScorerSummary,
    flaky,
    summarise_scorers,
    with_verdict,
)
from technoshare_commentator.mlops.evaluation.judging.statistics import rate_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseChange,
        CaseRow,
        Comparison,
        Interval,
        ScoreChange,
        SessionResults,
    )

_MOST_SCORERS = 3  # of each changed case
_MOST_CHANGES = 20
_WIDTH_WITH_MEANS = 78


def scorer_table(results: SessionResults, width: int) -> Table:
    """One row a scorer and a last one for whole cases; with several variants, those stand side by side."""
    variants = results.variant_names
    if len(variants) > 1:
        return _side_by_side(results, variants)
    summaries = summarise_scorers(results.cases)
    numbers = any(_has_numbers(one) for one in summaries) and width >= _WIDTH_WITH_MEANS
    table = _table("scorer", "passed", "total", "rate", "95 % interval", *(["mean"] if numbers else []), "errors")
    if results.trials > 1:
        table.add_column(f"pass@{results.trials}", justify="right")
        table.add_column(f"pass^{results.trials}", justify="right")
    for one in summaries:
        cells = [_title_of(one), str(one.passed), str(one.total), f"{one.rate:.1%}", _interval(one.rate_interval)]
        cells += [f"{one.mean:.3g}" if _has_numbers(one) else ""] if numbers else []
        cells += [str(one.errors or "-")]
        cells += [_percent(one.pass_at_k), _percent(one.pass_hat_k)] if results.trials > 1 else []
        table.add_row(*(Text(cell, style=_style_of(one)) for cell in cells))
    table.add_section()
    table.add_row(*(Text(cell, style="bold") for cell in _whole_cases(results.cases)))
    if results.trials > 1:
        unstable = len(flaky(with_verdict(results.cases)))
        table.add_row(Text("flaky examples"), Text(str(unstable)), Text(str(_examples(results.cases))))
    return table


def comparison_lines(comparison: Comparison) -> Iterator[RenderableType]:
    """What changed, named, with the evidence for it."""
    yield Text(f"{comparison.before} → {comparison.after}, {comparison.pairs} pairs of cases", style="bold")
    moved = [change for change in comparison.scores if change.difference or change is comparison.cases]
    if moved:
        table = _table("  scorer", "before", "after", "difference", "95 % interval", "p")
        for change in moved:
            table.add_row(*(Text(cell, style=_style(change)) for cell in _cells(change)))
        yield table
    yield from _named("newly failing", comparison.newly_failing, "red")
    yield from _named("newly passing", comparison.newly_passing, "green")
    for what, missing in (("only before", comparison.only_before), ("only now", comparison.only_after)):
        if missing:
            yield Text(f"  {what} ({len(missing)}): {_some(missing)}")


def _side_by_side(results: SessionResults, variants: Sequence[str]) -> Table:
    by_variant = [[case for case in results.cases if case.variant == variant] for variant in variants]
    summaries = [{one.name: one for one in summarise_scorers(cases)} for cases in by_variant]
    table = _table("scorer", *variants)
    for name in results.scorer_names:
        found = [summary.get(name) for summary in summaries]
        informs = any(one.informs for one in found if one is not None)
        table.add_row(Text(f"{name} (informs)" if informs else name), *(_rate_cell(one) for one in found))
    table.add_section()
    whole = [_whole_cases(cases) for cases in by_variant]
    table.add_row(
        Text("cases", style="bold"), *(Text(f"{cells[1]}/{cells[2]} {cells[3]}", style="bold") for cells in whole)
    )
    table.add_row(Text("cost"), *(Text(_cost(cases)) for cases in by_variant))
    return table


def _rate_cell(one: ScorerSummary | None) -> Text:
    if one is None:
        return Text("-")
    mean = f" ø {one.mean:.3g}" if _has_numbers(one) else ""
    return Text(f"{one.passed}/{one.total} {one.rate:.1%}{mean}", style=_style_of(one))


def _title_of(one: ScorerSummary) -> str:
    return f"{one.name} (informs)" if one.informs else one.name


def _style_of(one: ScorerSummary) -> str:
    if one.passed == one.total:
        return "green"
    return "yellow" if one.informs and not one.errors else "red"


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column(first)
    for title in others:
        table.add_column(title, justify="right")
    return table


def _whole_cases(cases: Sequence[CaseRow]) -> list[str]:
    judged = with_verdict(cases)
    examples: dict[str, list[bool]] = {}
    for case in judged:
        examples.setdefault(case.case_id, []).append(case.passed)
    passed, total = sum(case.passed for case in judged), len(judged)
    rate = f"{passed / total:.1%}" if total else "-"
    interval = rate_interval([examples[name] for name in sorted(examples)])  # in the order of the scorers' intervals
    return ["cases", str(passed), str(total), rate, _interval(interval)]


def _examples(cases: Sequence[CaseRow]) -> int:
    return len({case.case_id for case in cases})


def _has_numbers(one: ScorerSummary) -> bool:
    return one.mean is not None and abs(one.mean - one.rate) > 1e-9  # noqa: PLR2004 - rounding


def _cells(change: ScoreChange) -> list[str]:
    show = "{:.1%}".format if change.kind == "rate" else "{:.3g}".format
    low_high = f"{show(change.interval.low)} … {show(change.interval.high)}" if change.interval else "-"
    p = "-" if change.p_value is None else f"{change.p_value:.3f}"
    return [
        f"  {change.scorer}",
        show(change.before),
        show(change.after),
        f"{'+' * (change.difference > 0)}{show(change.difference)}",
        low_high,
        p,
    ]


def _style(change: ScoreChange) -> str:
    if not is_significant(change):
        return ""
    return "green" if change.difference > 0 else "red"


def _named(what: str, changes: Sequence[CaseChange], style: str) -> Iterator[Text]:
    if changes:
        yield Text(f"  {what} ({len(changes)}): {_some([_name(change) for change in changes])}", style=style)


def _name(change: CaseChange) -> str:
    trial = f" trial {change.trial}" if change.trial > 1 else ""
    scorers = f" ({_some(change.scorers, _MOST_SCORERS)})" if change.scorers else ""
    return f"{change.case_id}{trial}{scorers}"


def _some(names: Sequence[str], most: int = _MOST_CHANGES) -> str:
    rest = f" … and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def _interval(interval: Interval | None) -> str:
    return f"{interval.low:.1%} … {interval.high:.1%}" if interval else "-"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


def _cost(cases: Sequence[CaseRow]) -> str:
    known = sum(case.cost_usd or 0.0 for case in cases)
    return f"${known:.4f}" + ("+?" if any(case.cost_usd is None for case in cases) else "")
