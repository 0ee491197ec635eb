"""The top of the page: the verdict in words, what was run, the scorers' table, how cost and latency are distributed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from technoshare_commentator.mlops.evaluation.judging.metrics import ScorerSummary, summarise_scorers
from technoshare_commentator.mlops.evaluation.reporting.charts import Histogram, IntervalBar, histogram, share_bar
from technoshare_commentator.mlops.evaluation.reporting.formats import plural
from technoshare_commentator.mlops.evaluation.session_results import ScoreRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from technoshare_commentator.mlops.evaluation.reporting.matrix import VariantHead
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults

WHOLE_CASE = "whole cases"
COMMIT_TAG, DIRTY_TAG = "mlflow.source.git.commit", "git.dirty"
# https://docs.pytest.org/en/stable/reference/exit-codes.html
_EXIT_STATUS = {
    0: "all passed",
    1: "something failed",
    2: "interrupted",
    3: "internal error",
    4: "usage error",
    5: "nothing was collected",
}
_PASSED, _FAILED, _EMPTY = 0, 1, 5
_IMPLAUSIBLE = 1e9  # seconds or US dollars, for one case


class Headline(NamedTuple):
    """The verdict: a state of the style sheet, one word, and a sentence that says what it rests on."""

    state: str
    word: str
    sentence: str


@dataclass(frozen=True)
class ScorerCell:
    """One scorer under one variant; without a summary where it never spoke."""

    letter: str
    summary: ScorerSummary | None
    bar: IntervalBar | None


@dataclass(frozen=True)
class ScorerLine:
    """One scorer under every variant; `numeric` if it gave numbers and not only verdicts, whose mean is their rate."""

    name: str
    cells: tuple[ScorerCell, ...]
    numeric: bool


@dataclass(frozen=True)
class Spread:
    """How a quantity is distributed under one variant; `missing` cases are those whose value is unknown."""

    head: VariantHead
    histogram: Histogram
    missing: int


def headline(results: SessionResults) -> Headline:
    """Return what a reader wants to know first; the exit status decides, for it is what a build goes by."""
    failed, total, gate = len(results.failed_cases), len(results.cases), results.gate
    said = f"{failed:,} of {plural(total, 'case')} failed" if failed else f"all {plural(total, 'case')} passed"
    if gate is not None:
        broken = sum(rule.verdict == "failed" for rule in gate.rules)
        said += f"; {plural(broken, 'rule')} of the gate failed" if broken else "; the gate passed" * gate.passed
    sentence = f"{said[0].upper()}{said[1:]}."
    status = results.exit_status
    if status == _EMPTY or not total:
        return Headline("skipped", "Nothing was run", "No case has a result.")
    if status is not None and status not in {_PASSED, _FAILED}:
        return Headline("error", f"Broken off: {_EXIT_STATUS.get(status, 'ended early')}", sentence)
    passed = status == _PASSED if status is not None else gate.passed if gate is not None else not failed
    return Headline("passed", "Passed", sentence) if passed else Headline("failed", "Failed", sentence)


def exit_words(status: int | None) -> str:
    """Pytest's exit status with its meaning."""
    if status is None:
        return "not known"
    return f"{status}, {_EXIT_STATUS[status]}" if status in _EXIT_STATUS else str(status)


def total_cost(cases: Iterable[CaseRow]) -> tuple[float, int]:
    """US dollars of the cases whose cost is known, and how many there are whose cost is not."""
    costs = [case.cost_usd for case in cases]
    return sum(cost for cost in costs if cost is not None), costs.count(None)


def scorer_lines(results: SessionResults, heads: Sequence[VariantHead]) -> list[ScorerLine]:
    """A line for each scorer, with a cell for each variant."""
    return _lines(results.cases, results.scorer_names, heads)


def whole_cases(results: SessionResults, heads: Sequence[VariantHead]) -> ScorerLine:
    """The verdicts of whole cases, as if they were a scorer's; a case whose tests were all skipped has none."""
    cases = [_as_score(case) for case in results.cases if case.outcome != "skipped"]
    return _lines(cases, [WHOLE_CASE], heads)[0]


def _lines(cases: Sequence[CaseRow], names: Sequence[str], heads: Sequence[VariantHead]) -> list[ScorerLine]:
    found = [
        (head, {one.name: one for one in summarise_scorers([case for case in cases if case.variant == head.name])})
        for head in heads
    ]
    numeric = {
        score.name
        for case in cases
        for score in case.scores
        if isinstance(score.value, int | float) and not isinstance(score.value, bool)
    }
    return [
        ScorerLine(name, tuple(_cell(head, summaries.get(name)) for head, summaries in found), name in numeric)
        for name in names
    ]


def spreads(
    results: SessionResults, heads: Sequence[VariantHead], value: Callable[[CaseRow], float | None]
) -> list[Spread]:
    """The distributions of a quantity by variant, on one axis; none where it is unknown or zero throughout."""
    found = [(head, [value(case) for case in results.cases if case.variant == head.name]) for head in heads]
    known = [one for _, values in found for one in _plausible(values)]
    if not any(known):
        return []
    low, high = min(known), max(known)
    low = 0.0 if low >= 0 and low < high / 2 else low
    return [
        Spread(head, histogram(there, low, high), len(values) - len(there))
        for head, values in found
        if (there := _plausible(values))
    ]


def _plausible(values: Iterable[float | None]) -> list[float]:
    """What is known, without infinities and clocks gone wild, which would leave no room for anything else."""
    return [value for value in values if value is not None and abs(value) < _IMPLAUSIBLE]


def _as_score(case: CaseRow) -> CaseRow:
    """The case with its own verdict for its only score, so that the same statistics hold for cases and for scorers."""
    error = "error" if case.outcome == "error" else ""
    verdict = ScoreRow(name=WHOLE_CASE, value=case.passed, passed=case.passed, error=error)
    return case.model_copy(update={"scores": (verdict,)})


def _cell(head: VariantHead, summary: ScorerSummary | None) -> ScorerCell:
    bar = share_bar(summary.rate, summary.rate_interval) if summary is not None else None
    return ScorerCell(head.letter, summary, bar)
