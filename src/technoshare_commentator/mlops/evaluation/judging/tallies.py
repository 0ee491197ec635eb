"""What each scorer said over all cases: verdicts and numbers by example, and its estimates over several trials."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging import statistics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, Interval, ScoreRow


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
    `informs` says why it only informs, if it does.
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
    informs: str = ""


@dataclass
class Tally:
    """What a scorer said, by example, and by trial of an example under a variant."""

    verdicts: dict[str, list[bool]] = field(default_factory=lambda: defaultdict(list))
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    trials: dict[tuple[str, str], dict[int, bool]] = field(default_factory=lambda: defaultdict(dict))
    errors: int = 0
    informs: str = ""
    only_verdicts: bool = True

    def add(self, case: CaseRow, score: ScoreRow) -> None:
        """Count one score."""
        self.verdicts[case.case_id].append(score.passed)
        trials = self.trials[case.case_id, case.variant]
        trials[case.trial] = trials.get(case.trial, True) and score.passed
        self.errors += bool(score.error)
        self.informs = self.informs or score.informs
        number = number_of(score)
        if number is not None:
            self.values[case.case_id].append(number)
            self.only_verdicts &= isinstance(score.value, bool)

    @property
    def passed(self) -> int:
        """Scores that passed."""
        return sum(map(sum, self.verdicts.values()))

    @property
    def total(self) -> int:
        """Scores that were asked for."""
        return sum(map(len, self.verdicts.values()))

    @property
    def cases(self) -> int:
        """Cases in which it spoke."""
        return sum(map(len, self.trials.values()))

    @cached_property
    def mean(self) -> float | None:
        """The mean of its numbers, if it gives any."""
        values = [value for found in self.values.values() for value in found]
        return math.fsum(values) / len(values) if values else None

    def over_trials(self, k: int, estimate: Callable[[int, int, int], float]) -> Measured:
        """The mean of an estimate over the examples that have `k` trials."""
        found = [estimate(len(one), sum(one.values()), k) for one in self.trials.values() if len(one) >= k]
        if not found:
            return Measured(None, 0, f"no example has {k} trials")
        return Measured(math.fsum(found) / len(found), sum(len(one) for one in self.trials.values() if len(one) >= k))

    def summary(self, name: str, trials: int) -> ScorerSummary:
        """All of it, with intervals."""
        several = trials > 1
        return ScorerSummary(
            name,
            self.passed,
            self.total,
            self.errors,
            len(self.verdicts),
            rate=self.passed / self.total,
            rate_interval=statistics.rate_interval([found for _, found in sorted(self.verdicts.items())]),
            mean=self.mean,
            mean_interval=self._mean_interval(),
            trials=trials,
            pass_at_k=self.over_trials(trials, statistics.pass_at_k).value if several else None,
            pass_hat_k=self.over_trials(trials, statistics.pass_hat_k).value if several else None,
            informs=self.informs,
        )

    def _mean_interval(self) -> Interval | None:
        values = [found for _, found in sorted(self.values.items())]
        if self.only_verdicts:
            return statistics.rate_interval([[value > 0 for value in found] for found in values])
        return statistics.mean_interval(values)


def tallies(cases: Iterable[CaseRow], only: str = "") -> dict[str, Tally]:
    """Every scorer, in the order in which they first spoke; with `only`, that one."""
    found: dict[str, Tally] = defaultdict(Tally)
    for case in cases:
        for score in case.scores:
            if not only or score.name == only:
                found[score.name].add(case, score)
    return found


def number_of(score: ScoreRow) -> float | None:
    """A score's value as a number, verdicts as 0 and 1; None for a crash, for text and for what is not finite."""
    if not isinstance(score.value, bool | int | float) or not math.isfinite(score.value):
        return None
    return float(score.value)
