"""Aggregates over cases: scorers summed up, flat metrics for MLflow, and any one metric by the name the gate gives it.

A case whose tests were all skipped has no verdict and counts nowhere but in tokens and costs.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.judging.metric_names import (
    COUNTS,
    REGRESSIONS,
    SPREADS,
    TOTALS,
    MetricName,
    parse_metric,
)
from technoshare_commentator.mlops.evaluation.judging.tallies import Measured, ScorerSummary, number_of, tallies
from technoshare_commentator.mlops.evaluation.session_results import names_of_variants

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.mlops.evaluation.judging.tallies import Tally
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow

__all__ = [
    "Measured",
    "ScorerSummary",
    "errors_in",
    "flaky",
    "metric",
    "metrics_of",
    "number_of",
    "summarise_scorers",
    "trials_of",
    "with_verdict",
]

_SHOWN_PERCENTILES = (50, 95)


def summarise_scorers(cases: Iterable[CaseRow]) -> list[ScorerSummary]:
    """Every scorer with intervals, in the order in which they first spoke."""
    counted = with_verdict(cases)
    trials = trials_of(counted)
    return [tally.summary(name, trials) for name, tally in tallies(counted).items()]


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
        return _of_scorer(tallies(with_verdict(cases), asked.scorer).get(asked.scorer), asked)
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


def _by_trial(cases: Iterable[CaseRow]) -> dict[tuple[str, str], dict[int, bool]]:
    verdicts: dict[tuple[str, str], dict[int, bool]] = defaultdict(dict)
    for case in cases:
        verdicts[case.case_id, case.variant][case.trial] = case.passed
    return verdicts


def _flat(cases: Sequence[CaseRow]) -> dict[str, float]:
    counted = with_verdict(cases)
    trials = trials_of(counted)
    whole = [*COUNTS, *TOTALS, *(f"latency_seconds/p{percent}" for percent in _SHOWN_PERCENTILES)]
    found = {name: metric(cases, name) for name in whole}
    of_scorer = ["pass_rate", "mean", *([f"pass@{trials}", f"pass^{trials}"] if trials > 1 else [])]
    for name, tally in tallies(counted).items():
        found |= {f"{name}/{way}": _of_scorer(tally, MetricName(name, way)) for way in of_scorer}
    return {name: measured.value for name, measured in found.items() if measured.value is not None}


def _of_scorer(tally: Tally | None, asked: MetricName) -> Measured:
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
