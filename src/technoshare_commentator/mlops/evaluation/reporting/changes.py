"""What names cases: the gate's rules, and what is different from the baseline and between variants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from technoshare_commentator.mlops.evaluation.judging.comparison import is_significant
from technoshare_commentator.mlops.evaluation.judging.gate_rules import line
from technoshare_commentator.mlops.evaluation.reporting.charts import IntervalBar, difference_bar, widest
from technoshare_commentator.mlops.evaluation.session_results import CaseKey

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.reporting.case_view import ExampleView
    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseChange,
        Comparison,
        RuleResult,
        ScoreChange,
    )


class Link(NamedTuple):
    """A case by the name people know it by; without an anchor where it is not on the page."""

    name: str
    anchor: str = ""


class GateRule(NamedTuple):
    """A rule of the gate, the line that says what came of it, and the cases it names."""

    row: RuleResult
    line: str
    cases: tuple[Link, ...]


@dataclass(frozen=True)
class ChangedCase:
    """A case whose verdict changed, and the scorers that changed with it."""

    link: Link
    trial: int
    scorers: tuple[str, ...]


@dataclass(frozen=True)
class ChangedScore:
    """A scorer's change; `clear` when chance alone explains it badly."""

    row: ScoreChange
    bar: IntervalBar
    clear: bool


@dataclass(frozen=True)
class ComparisonView:
    """Two sets of cases side by side; rates are drawn on one axis, means on another."""

    row: Comparison
    title: str
    newly_failing: tuple[ChangedCase, ...]
    newly_passing: tuple[ChangedCase, ...]
    rates: tuple[ChangedScore, ...]
    means: tuple[ChangedScore, ...]
    only_after: tuple[Link, ...]


class Anchors:
    """Finds the place of a case on the page by what gate and comparisons call it."""

    def __init__(self, examples: Sequence[ExampleView]) -> None:
        """Note every case and every example."""
        self._cases: dict[CaseKey, str] = {case.row.key: case.anchor for one in examples for case in one.cases}
        self._examples: Mapping[str, ExampleView] = {
            **{case.row.example_id: one for one in examples for case in one.cases},
            **{one.case_id: one for one in examples},
        }

    def link(self, name: str) -> Link:
        """The link to an example, given its id or that of its cases."""
        found = self._examples.get(name)
        return Link(found.name, found.anchor) if found else Link(name)

    def case(self, change: CaseChange) -> Link:
        """The link to a case that changed, or to its example where the case itself is not there."""
        example = self.link(change.case_id)
        key = CaseKey(change.case_id, change.variant, change.trial)
        return Link(example.name, self._cases.get(key, example.anchor))


def gate_rule(rule: RuleResult, anchors: Anchors) -> GateRule:
    """Return a rule of the gate with links."""
    return GateRule(rule, line(rule), tuple(anchors.link(name) for name in rule.cases))


def comparison_views(comparisons: Sequence[Comparison], anchors: Anchors) -> list[ComparisonView]:
    """Return comparisons with links and with bars; where several variants have a baseline, titles name them."""
    several = sum(one.kind == "baseline" for one in comparisons) > 1
    return [_view(one, anchors, several=several) for one in comparisons]


def _view(comparison: Comparison, anchors: Anchors, *, several: bool) -> ComparisonView:
    title = f"{comparison.before} → {comparison.after}"
    if comparison.kind == "baseline":
        title = f"{comparison.after} since the baseline" if several else "Since the baseline"
    by_kind = {kind: [one for one in comparison.scores if one.kind == kind] for kind in ("rate", "mean")}
    rates, means = (_scores(by_kind[kind]) for kind in ("rate", "mean"))
    return ComparisonView(
        row=comparison,
        title=title,
        newly_failing=_cases(comparison.newly_failing, anchors),
        newly_passing=_cases(comparison.newly_passing, anchors),
        rates=rates,
        means=means,
        only_after=tuple(anchors.link(name) for name in comparison.only_after),
    )


def _cases(changes: Sequence[CaseChange], anchors: Anchors) -> tuple[ChangedCase, ...]:
    return tuple(ChangedCase(anchors.case(one), one.trial, one.scorers) for one in changes)


def _scores(changes: Sequence[ScoreChange]) -> tuple[ChangedScore, ...]:
    limit = widest(changes)
    return tuple(ChangedScore(one, difference_bar(one, limit), is_significant(one)) for one in changes)
