"""A session as GitHub Actions shows it: a page for `$GITHUB_STEP_SUMMARY`, and annotations at the tests that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.comparison import is_significant
from technoshare_commentator.mlops.evaluation.gate_rules import line
from technoshare_commentator.mlops.evaluation.metrics import flaky, with_verdict
from technoshare_commentator.mlops.evaluation.reporting.annotations import annotations
from technoshare_commentator.mlops.evaluation.reporting.failures import (
    name_of,
    newly_failing,
    reasons_of,
    worst_first,
)
from technoshare_commentator.mlops.evaluation.reporting.formats import (
    dollars,
    duration,
    number,
    p_value,
    percent,
    percent_range,
    plural,
    points,
    signed_number,
)
from technoshare_commentator.mlops.evaluation.reporting.markdown import code, details, fenced, prose, table
from technoshare_commentator.mlops.evaluation.reporting.matrix import heads_of
from technoshare_commentator.mlops.evaluation.reporting.overview import (
    COMMIT_TAG,
    DIRTY_TAG,
    ScorerLine,
    headline,
    scorer_lines,
    total_cost,
    whole_cases,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.mlops.evaluation.reporting.overview import ScorerCell
    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseChange,
        CaseRow,
        Comparison,
        GateResult,
        ScoreChange,
        SessionResults,
    )

__all__ = ["annotations", "step_summary"]

# GitHub takes 1 MiB from a step and shows nothing at all of one that is larger; another tool may have written before us.
_MOST_BYTES = 1024 * 1024 - 64 * 1024
_ROOM_FOR_NOTE = 1024
_MOST_ROWS = 200
_MOST_NAMES = 20
_SHORT_COMMIT = 12
_ICONS = {"passed": "✅", "failed": "❌", "error": "⚠️", "skipped": "⏭️"}


def step_summary(results: SessionResults) -> str:
    """Return the summary of a session in GitHub's Markdown: verdict, gate, scorers, comparisons, failed cases.

    It stays below the size that GitHub takes and says how many failed cases there was no room for.
    """
    page = _Page()
    page.add(_verdict(results))
    if results.gate is not None:
        page.add(_gate(results.gate))
    if results.cases:
        page.add(_scorers(results))
    for comparison in results.comparisons:
        page.add(_comparison(comparison))
    failed = worst_first(results)
    if failed:
        page.add(f"### {plural(len(failed), 'failed case')}")
    newly = newly_failing(results)
    shown = [page.add(_failed_case(case, results, is_new=(case.case_id, case.variant) in newly)) for case in failed]
    return page.text(failed_without_room=shown.count(False))


class _Page:
    """Blocks of Markdown, as many as there is room for."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._left = _MOST_BYTES - _ROOM_FOR_NOTE
        self._is_cut = False

    def add(self, block: str) -> bool:
        """Add a block, unless there is no room for it any more."""
        size = len(block.encode(errors="replace")) + 2
        fits = size <= self._left
        if fits:
            self._blocks.append(block)
            self._left -= size
        self._is_cut |= not fits
        return fits

    def text(self, failed_without_room: int) -> str:
        """All of it, with a note if something is missing."""
        what = f"{plural(failed_without_room, 'failed case')} more" if failed_without_room else "Some of it"
        note = f"_{what}: GitHub shows 1 MiB of a step; the results file and the report have everything._"
        return "\n\n".join([*self._blocks, *([note] if self._is_cut else []), ""])


def _verdict(results: SessionResults) -> str:
    verdict = headline(results)
    return f"## {_ICONS[verdict.state]} Evaluation: {prose(verdict.word)}\n\n{prose(verdict.sentence)}\n\n{_facts(results)}"


def _facts(results: SessionResults) -> str:
    cost, unpriced = total_cost(results.cases)
    tokens = sum(case.input_tokens + case.output_tokens for case in results.cases)
    commit = code(results.tags.get(COMMIT_TAG, "")[:_SHORT_COMMIT])
    datasets = ", ".join(f"{code(one.name)} version {prose(one.version, 40)}" for one in results.datasets[:_MOST_NAMES])
    facts = [
        datasets and f"dataset {datasets}",
        commit and f"commit {commit}{' with changes' * (results.tags.get(DIRTY_TAG) == 'true')}",
        duration(results.seconds),
        f"{dollars(cost)}{f' and {plural(unpriced, "case")} of unknown price' if unpriced else ''}",
        f"{number(tokens)} tokens",
        f"shard {code(results.shard)}" if results.shard else "",
        f"{plural(results.not_run, 'case')} not run, the budget is spent" if results.not_run else "",
    ]
    return " · ".join(filter(None, facts))


def _gate(gate: GateResult) -> str:
    lines = [f"### Gate {code(gate.source)}: {'passed' if gate.passed else 'failed'}", ""]
    for rule in gate.rules[:_MOST_ROWS]:
        cases = f": {_some([code(one) for one in rule.cases])}" if rule.verdict == "failed" and rule.cases else ""
        lines.append(f"- {_ICONS[rule.verdict]} {code(line(rule), 400)}{cases}")
    return "\n".join(lines + _more(len(gate.rules), _MOST_ROWS, "- "))


def _scorers(results: SessionResults) -> str:
    heads = heads_of(results)
    scorers, cases = scorer_lines(results, heads), whole_cases(results, heads)
    shown = scorers[:_MOST_ROWS]
    if len(heads) == 1:
        text = _one_variant(shown, cases, trials=results.trials)
    else:
        rows = [[code(one.name), *map(_rate_and_interval, one.cells)] for one in shown]
        rows.append(["**cases**", *map(_rate_and_interval, cases.cells)])
        text = table(["scorer", *(code(head.name) for head in heads)], rows)
    notes = _more(len(scorers), _MOST_ROWS, "")
    if results.trials > 1:
        unstable = flaky(with_verdict(results.cases))
        named = f": {_some([code(one) for one in unstable])}" if unstable else ""
        notes.append(f"{plural(len(unstable), 'example')} of changing verdict in {results.trials} trials{named}")
    return "\n\n".join(["### Scorers", text, *notes])


def _one_variant(scorers: Sequence[ScorerLine], cases: ScorerLine, *, trials: int) -> str:
    numeric, several = any(one.numeric for one in scorers), trials > 1
    head = ["scorer", "passed", "rate", "95 % interval", *["mean"] * numeric, "errors"]
    head += [f"pass@{trials}", f"pass^{trials}"] * several
    rows = []
    for one in (*scorers, cases):
        (summary,) = (cell.summary for cell in one.cells)
        if summary is None:  # no case was judged
            continue
        row = [
            "**cases**" if one is cases else code(one.name),
            f"{summary.passed} of {summary.total}",
            percent(summary.rate),
            percent_range(summary.rate_interval),
            *[number(summary.mean) if one.numeric else ""] * numeric,
            str(summary.errors or ""),
        ]
        rows.append(row + [percent(summary.pass_at_k), percent(summary.pass_hat_k)] * several)
    return table(head, rows)


def _rate_and_interval(cell: ScorerCell) -> str:
    one = cell.summary
    if one is None:
        return "–"
    interval = f" ({percent_range(one.rate_interval)})" if one.rate_interval else ""
    return f"{percent(one.rate)}{interval}"


def _comparison(comparison: Comparison) -> str:
    names = f"{code(comparison.before)} → {code(comparison.after)}"
    blocks = [f"### Since the baseline: {names}" if comparison.kind == "baseline" else f"### Variants: {names}"]
    blocks.append(
        f"{plural(comparison.pairs, 'pair')} of cases: {len(comparison.newly_failing)} newly failing, {len(comparison.newly_passing)} newly passing."
    )
    blocks += [_named(one) for one in (comparison.newly_failing,) if one]
    moved = [change for change in comparison.scores if change.difference or change is comparison.cases]
    if moved:
        head = ["scorer", "before", "after", "difference", "95 % interval", "p"]
        blocks.append(table(head, [_change(one) for one in moved[:_MOST_ROWS]]))
    if comparison.newly_passing:
        blocks.append(details("newly passing", _named(comparison.newly_passing)))
    for what, missing in (("only before", comparison.only_before), ("only now", comparison.only_after)):
        if missing:
            blocks.append(f"{len(missing)} {what}: {_some([code(one) for one in missing])}")
    return "\n\n".join(blocks)
