"""Aggregates over cases: scorers summed up, flat metrics for MLflow, and any one metric by the name the gate gives it.

A case whose tests were all skipped has no verdict and counts nowhere but in tokens and costs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation import statistics
from technoshare_commentator.mlops.evaluation.metric_names import (
    COUNTS,
    REGRESSIONS,
    SPREADS,
    TOTALS,
    MetricName,
    parse_metric,
)
from technoshare_commentator.mlops.evaluation.session_results import names_of_variants

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, Interval, ScoreRow

_SHOWN_PERCENTILES = (50, 95)


@dataclass(frozen=True)
class Measured:
    """The value of a metric, None where there is none and `note` says why, and the number of cases it stands on."""

    value: float | None
    cases: int
    note: str = ""


@dataclass(frozen=True)
class ScorerSummary:
    """One scorer over all cases.

    A crash counts as asked and not as passed, and has no value. `mean` is that of numbers and of verdicts as 0 and 1.
    `pass_at_k` and `pass_hat_k` are None with a single trial; `trials` is their k.
    """

    name: str
    passed: int
    total: int
    errors: int
    examples: int
    rate: float
    rate_interval: Interval | None
    mean: float | None
    mean_interval: Interval | None
    trials: int = 1
    pass_at_k: float | None = None
    pass_hat_k: float | None = None


@dataclass
class _Tally:
    """What a scorer said, by example, and by trial of an example under a variant."""

    verdicts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    trials: dict[tuple[str, str], dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    errors: int = 0
    only_verdicts: bool = True

    def add(self, case: CaseRow, score: ScoreRow) -> None:
        self.verdicts[case.case_id].append(score.passed)
        trials = self.trials[case.case_id, case.variant]
        trials[case.trial] = trials.get(case.trial, True) and score.passed
        self.errors += bool(score.error)
        number = number_of(score)
        if number is not None:
            self.values[case.case_id].append(number)
            self.only_verdicts &= isinstance(score.value, bool)

    @property
    def passed(self) -> int:
        return sum(map(sum, self.verdicts.values()))

    @property
    def total(self) -> int:
        return sum(map(len, self.verdicts.values()))

    @property
    def cases(self) -> int:
        return sum(map(len, self.trials.values()))

    @cached_property
    def mean(self) -> float | None:
        values = [value for found in self.values.values() for value in found]
        return math.fsum(values) / len(values) if values else None

    def over_trials(self, k: int, estimate: Callable[[int, int, int], float]) -> Measured:
        found = [estimate(len(one), sum(one.values()), k) for one in self.trials.values() if len(one) >= k]
        if not found:
            return Measured(None, 0, f"no example has {k} trials")
        return Measured(math.fsum(found) / len(found), sum(len(one) for one in self.trials.values() if len(one) >= k))

    def summary(self, name: str, trials: int) -> ScorerSummary:
        several = trials > 1
        values = [found for _, found in sorted(self.values.items())]
        of_verdicts = statistics.rate_interval([[value > 0 for value in found] for found in values])
        return ScorerSummary(
            name,
            self.passed,
            self.total,
            self.errors,
            len(self.verdicts),
            rate=self.passed / self.total,
            rate_interval=statistics.rate_interval([found for _, found in sorted(self.verdicts.items())]),
            mean=self.mean,
            mean_interval=of_verdicts if self.only_verdicts else statistics.mean_interval(values),
            trials=trials,
            pass_at_k=self.over_trials(trials, statistics.pass_at_k).value if several else None,
            pass_hat_k=self.over_trials(trials, statistics.pass_hat_k).value if several else None,
        )


def summarise_scorers(cases: Iterable[CaseRow]) -> list[ScorerSummary]:
    """Every scorer with intervals, in the order in which they first spoke."""
    counted = with_verdict(cases)
    trials = trials_of(counted)
    return [tally.summary(name, trials) for name, tally in _tallies(counted).items()]


def metrics_of(cases: Sequence[CaseRow]) -> dict[str, float]:
    """The aggregates as flat metrics; with several variants also those of each, as `variant.<name>/<metric>`.

    What is not known is left out: costs when the price of one case is not, rates where nothing was judged.
    """
    values = _flat(cases)
    variants = names_of_variants(cases)
    for variant in variants if len(variants) > 1 else ():
        own = _flat([case for case in cases if case.variant == variant])
        values |= {f"variant.{variant}/{name}": value for name, value in own.items()}
    return values


def metric(cases: Sequence[CaseRow], name: str | MetricName) -> Measured:
    """One metric by name, for instance `pass_rate`, `brevity/mean`, `brevity/pass@3`, `latency_seconds/p95`.

    Raises `ConfigurationError` for a name that can be none; one of which these cases know nothing has no value.
    """
    asked = parse_metric(name) if isinstance(name, str) else name
    if REGRESSIONS in {asked.subject, asked.statistic}:
        return Measured(None, 0, "known only by comparison with a baseline")
    if asked.scorer:
        return _of_scorer(_tallies(with_verdict(cases), asked.scorer).get(asked.scorer), asked)
    if asked.subject in SPREADS:
        return _usage(cases, asked)
    return _count(with_verdict(cases), asked.subject)


def with_verdict(cases: Iterable[CaseRow]) -> list[CaseRow]:
    """The cases that were judged at all."""
    return [case for case in cases if case.outcome != "skipped"]


def trials_of(cases: Iterable[CaseRow]) -> int:
    """The largest number of trials that any example has under a variant; 1 where there are no cases."""
    return max(map(len, _by_trial(cases).values()), default=1)


def flaky(cases: Iterable[CaseRow]) -> list[str]:
    """The ids of the examples whose verdict is not the same in all trials."""
    found = [case_id for (case_id, _), trials in _by_trial(cases).items() if len({*trials.values()}) > 1]
    return list(dict.fromkeys(found))


def number_of(score: ScoreRow) -> float | None:
    """A score's value as a number, verdicts as 0 and 1; None for a crash, for text and for what is not finite."""
    if score.error or not isinstance(score.value, bool | int | float) or not math.isfinite(score.value):
        return None
    return float(score.value)


def _by_trial(cases: Iterable[CaseRow]) -> dict[tuple[str, str], dict[int, bool]]:
    verdicts: dict[tuple[str, str], dict[int, bool]] = defaultdict(dict)
    for case in cases:
        verdicts[case.case_id, case.variant][case.trial] = case.passed
    return verdicts


def _tallies(cases: Iterable[CaseRow], only: str = "") -> dict[str, _Tally]:
    found: dict[str, _Tally] = defaultdict(_Tally)
    for case in cases:
        for score in case.scores:
            if not only or score.name == only:
                found[score.name].add(case, score)
    return found


def _flat(cases: Sequence[CaseRow]) -> dict[str, float]:
    counted = with_verdict(cases)
    trials = trials_of(counted)
    whole = [*COUNTS, *TOTALS, *(f"latency_seconds/p{percent}" for percent in _SHOWN_PERCENTILES)]
    found = {name: metric(cases, name) for name in whole}
    of_scorer = ["pass_rate", "mean", *([f"pass@{trials}", f"pass^{trials}"] if trials > 1 else [])]
    for name, tally in _tallies(counted).items():
        found |= {f"{name}/{way}": _of_scorer(tally, MetricName(name, way)) for way in of_scorer}
    return {name: measured.value for name, measured in found.items() if measured.value is not None}


def _of_scorer(tally: _Tally | None, asked: MetricName) -> Measured:
    if tally is None:
        return Measured(None, 0)
    if asked.k:
        return tally.over_trials(asked.k, statistics.pass_at_k if "@" in asked.statistic else statistics.pass_hat_k)
    if asked.statistic == "mean":
        return Measured(tally.mean, sum(map(len, tally.values.values())), "" if tally.values else "it gives no numbers")
    return Measured(tally.passed / tally.total, tally.cases)


def _count(cases: Sequence[CaseRow], name: str) -> Measured:
    passed = sum(case.passed for case in cases)
    if name in {"cases", "cases_passed"}:
        return Measured(float(passed if name == "cases_passed" else len(cases)), len(cases))
    if not cases:
        return Measured(None, 0)
    if name == "pass_rate":
        return Measured(passed / len(cases), len(cases))
    if name == "errors":
        return Measured(float(sum(map(errors_in, cases))), len(cases))
    several = {example: trials for example, trials in _by_trial(cases).items() if len(trials) > 1}
    if not several:
        return Measured(None, 0, "it takes several trials: --eval-trials")
    changing = sum(len({*trials.values()}) > 1 for trials in several.values())
    return Measured(changing / len(several), sum(map(len, several.values())))


def errors_in(case: CaseRow) -> int:
    """Scorers that crashed, and one for a case that ended in an error."""
    return sum(bool(score.error) for score in case.scores) + (case.outcome == "error")


def _usage(cases: Sequence[CaseRow], asked: MetricName) -> Measured:
    """A total over all cases, or how a number is spread over those whose task ran."""
    if asked.statistic:
        cases = [case for case in cases if case.latency_seconds is not None]
    numbers: list[float | None] = [getattr(case, asked.subject) for case in cases]
    known = [number for number in numbers if number is not None]
    if len(known) < len(numbers):
        unknown = len(numbers) - len(known)
        return Measured(None, len(numbers), f"the price of {unknown} case{'s' * (unknown > 1)} is unknown")
    if not known:
        return Measured(None, 0)
    return Measured(_statistic(known, asked.statistic), len(known))


def _statistic(numbers: Sequence[float], name: str) -> float:
    if not name:
        return math.fsum(numbers)
    if name == "mean":
        return math.fsum(numbers) / len(numbers)
    return max(numbers) if name == "max" else statistics.percentile(numbers, int(name[1:]))
