"""A session as the gate sees it: one rule at a time, for one variant at a time."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging import metrics
from technoshare_commentator.mlops.evaluation.judging.gate_rules import only_informs
from technoshare_commentator.mlops.evaluation.judging.metric_names import SPREADS, TOTALS, probably_meant
from technoshare_commentator.mlops.evaluation.judging.metrics import Measured
from technoshare_commentator.mlops.evaluation.session_results import CaseRow, RuleResult, RuleVerdict, SessionResults

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from technoshare_commentator.mlops.evaluation.judging.gate_rules import Rule

_MAX_CASES = 20
_SURE = 0.9  # in a selection names may be missing by right, so only an obvious slip is called one
_TOTALS_OF_ALL = {"cases", "cases_passed"}


class JudgedSession:
    """Results, what there is to judge in them, and whether they are only a selection of the suite's cases."""

    def __init__(self, results: SessionResults, known_scorers: Collection[str], *, selection: bool) -> None:
        """Learn which scorers and tags exist; scorers also from `known_scorers` and from the baseline."""
        self._results = results
        self._selection = selection
        self._baselines = [one for one in results.comparisons if one.kind == "baseline"]
        compared = {change.scorer for one in self._baselines for change in one.scores[1:]}
        self._scorers = {*results.scorer_names, *known_scorers, *compared}
        self._tags = {tag for case in results.cases for tag in case.tags}
        self._incomplete = selection or results.not_run > 0
        self._has_errors = any(case.outcome == "error" for case in results.cases)

    @property
    def variants(self) -> list[str]:
        """The variants to judge one by one, also those of which no case ran; a single one has no name here."""
        names = dict.fromkeys([*(variant.name for variant in self._results.variants), *self._results.variant_names])
        return list(names) if len(names) > 1 else [""]

    def judge(self, rule: Rule, variant: str) -> RuleResult:
        """Hold the cases that a rule is about against it; raises `ConfigurationError` for a name nobody knows."""
        self._refuse_unknown("scorer", rule.metric.scorer, self._scorers, rule)
        self._refuse_unknown("tag", rule.tag, self._tags, rule)
        self._refuse_informing(rule)
        cases = [
            case
            for case in self._results.cases
            if variant in {"", case.variant} and (not rule.tag or rule.tag in case.tags)
        ]
        if rule.needs_baseline:
            measured, to_blame = self._regressions(rule, variant, {case.case_id for case in cases})
        else:
            measured, to_blame = metrics.metric(cases, rule.metric), _to_blame(rule, cases)
        if measured.value is None or (self._selection and rule.metric.subject in _TOTALS_OF_ALL):
            return self._not_measured(rule, variant, measured, cases)
        holds = rule.holds(measured.value)
        return RuleResult(
            rule=rule.text,
            value=measured.value,
            verdict="passed" if holds else "failed",
            variant=variant,
            cases=() if holds else _first(to_blame),
        )

    def _refuse_unknown(self, kind: str, name: str, known: Collection[str], rule: Rule) -> None:
        """Unless the name may exist all the same: among cases that did not run, or kept from speaking by an error."""
        if not name or name in known:
            return
        close = probably_meant(name, known, _SURE if self._incomplete else 0.6)
        if not close and (self._incomplete or (kind == "scorer" and self._has_errors)):
            return
        there_are = f"there are {', '.join(sorted(known))}" if known else "there are none"
        hint = f"did you mean {close!r}?" if close else there_are
        raise ConfigurationError(f"rule {rule.text!r}: no {kind} is called {name!r}; {hint}")

    def _refuse_informing(self, rule: Rule) -> None:
        name = rule.metric.scorer
        said = (score for case in self._results.cases for score in case.scores if score.name == name)
        if name and (why := next((score.informs for score in said if score.informs), "")):
            raise ConfigurationError(only_informs(rule, why))

    def _regressions(self, rule: Rule, variant: str, ids: Collection[str]) -> tuple[Measured, list[str]]:
        """Cases that newly fail, of one scorer those that it newly fails in."""
        if not self._baselines:
            problem = "there is no baseline to compare with; make one: pytest --eval-update-baseline"
            raise ConfigurationError(f"rule {rule.text!r}: {problem}")
        baselines = [one for one in self._baselines if one.after == variant] or self._baselines
        pairs = sum(one.pairs for one in baselines)
        if not pairs:
            return Measured(None, 0, "no case of this session is in the baseline"), []
        newly = [change for one in baselines for change in one.newly_failing if change.case_id in ids]
        scorer = rule.metric.scorer
        found = [
            change.case_id
            for change in newly
            if variant in {"", change.variant} and (not scorer or scorer in change.scorers)
        ]
        return Measured(float(len(found)), pairs), found

    def _not_measured(self, rule: Rule, variant: str, measured: Measured, cases: Sequence[CaseRow]) -> RuleResult:
        unpriced = rule.metric.subject == "cost_usd" and measured.cases > 0
        verdict: RuleVerdict = "skipped" if self._selection and not unpriced else "failed"
        note = "not measured" + (f": {measured.note}" if measured.note else "")
        if verdict == "skipped":
            note = "not measured in this selection"
        blamed = [case.case_id for case in cases if case.cost_usd is None] if unpriced else []
        note = measured.note if unpriced else note
        return RuleResult(rule=rule.text, value=None, verdict=verdict, note=note, variant=variant, cases=_first(blamed))


def judge_budget(results: SessionResults, max_cost_usd: float) -> RuleResult:
    """Hold what the session has spent against its budget, which is also broken when it kept cases from running.

    What was replayed from recordings has been paid for before.
    """
    spent = metrics.metric(results.cases, "cost_usd")
    replayed = math.fsum(case.replayed_cost_usd for case in results.cases)
    value = None if spent.value is None else max(0.0, spent.value - replayed)
    within = value is not None and (value < max_cost_usd or math.isclose(value, max_cost_usd))
    missing = results.not_run
    left_out = f"{missing} case{'s were' if missing > 1 else ' was'} not run" if missing else ""
    unknown = [case.case_id for case in results.cases if case.cost_usd is None]
    return RuleResult(
        rule=f"max_cost_usd <= {max_cost_usd}",
        value=value,
        verdict="passed" if within and not missing else "failed",
        note="; ".join(filter(None, [spent.note, left_out])),
        cases=_first(unknown),
    )


def _to_blame(rule: Rule, cases: Iterable[CaseRow]) -> list[str]:
    """The cases that pull a metric to the wrong side of its bound; the worst first where there are numbers."""
    judged, name = metrics.with_verdict(cases), rule.metric
    if name.subject == "errors":
        return [case.case_id for case in judged if metrics.errors_in(case)]
    if name.subject == "flakiness":
        return metrics.flaky(judged)
    if name.statistic and (name.subject in SPREADS or name.statistic == "mean"):
        off = [(abs(value - rule.bound), case.case_id) for case in judged for value in _values(case, rule)]
        return [case_id for _, case_id in sorted(off, reverse=True)]
    if rule.operator.startswith("<") or name.subject in {*TOTALS, "cases"}:
        return []
    if name.scorer:
        return [case.case_id for case in judged if any(not s.passed for s in case.scores if s.name == name.scorer)]
    return [case.case_id for case in judged if not case.passed]


def _values(case: CaseRow, rule: Rule) -> list[float]:
    """The numbers of a case that do not keep the rule that is about them."""
    name = rule.metric
    if name.scorer:
        found = [metrics.number_of(score) for score in case.scores if score.name == name.scorer]
    else:
        found = [getattr(case, name.subject)]
    return [value for value in found if value is not None and not rule.holds(value)]


def _first(case_ids: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(case_ids))[:_MAX_CASES]
