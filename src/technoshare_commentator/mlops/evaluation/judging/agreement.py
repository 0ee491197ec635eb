"""How far a scorer agrees with people: confusion matrix, Cohen's kappa, precision and recall of what it calls bad.

Two verdicts on each pair, a person's and the scorer's. `bad` is the positive class, what scorers are there to find.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.session_results import Interval

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Agreement:
    """The confusion matrix of a person's labels and a scorer's verdicts, as counts of pairs."""

    caught: int  # bad, and called bad
    missed: int  # bad, and called good
    false_alarms: int  # good, and called bad
    cleared: int  # good, and called good

    @classmethod
    def of(cls, verdicts: Iterable[tuple[bool, bool]]) -> Agreement:
        """Count pairs of (labelled bad, called bad)."""
        counts = Counter((bool(label), bool(verdict)) for label, verdict in verdicts)
        return cls(counts[True, True], counts[True, False], counts[False, True], counts[False, False])

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.caught + self.missed + self.false_alarms + self.cleared

    @property
    def agreed(self) -> int:
        """How many pairs both judged alike."""
        return self.caught + self.cleared

    @property
    def rate(self) -> float | None:
        """The share of pairs that both judged alike; None without pairs."""
        return _share(self.agreed, self.pairs)

    @cached_property
    def rate_interval(self) -> Interval | None:
        """Wilson's interval of that share."""
        return statistics.wilson(self.agreed, self.pairs)

    @property
    def precision(self) -> float | None:
        """Of what the scorer called bad, the share that is; None where it called nothing bad."""
        return _share(self.caught, self.caught + self.false_alarms)

    @property
    def recall(self) -> float | None:
        """Of what is bad, the share that the scorer found; None where nothing is bad."""
        return _share(self.caught, self.caught + self.missed)

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where nothing is bad and nothing was called bad."""
        return _share(2 * self.caught, 2 * self.caught + self.false_alarms + self.missed)

    @property
    def note(self) -> str:
        """Why kappa says nothing, or less than it seems; empty where both verdicts occur on both sides."""
        if not self.pairs:
            return "there are no pairs"
        bad, called = self.caught + self.missed, self.caught + self.false_alarms
        if bad in {0, self.pairs}:
            return f"every pair is labelled {'bad' if bad else 'good'}, and kappa needs both"
        if called in {0, self.pairs}:
            return f"the scorer calls every pair {'bad' if called else 'good'}"
        return ""

    @cached_property
    def kappa(self) -> float | None:
        """Cohen's kappa, from -1 over 0 (no better than chance) to 1; None where the labels are of one class only."""
        if self.pairs == 0 or self.caught + self.missed in {0, self.pairs}:
            return None
        from sklearn.metrics import cohen_kappa_score  # noqa: PLC0415 - takes most of a second

        counts = [self.caught, self.missed, self.false_alarms, self.cleared]
        return float(cohen_kappa_score([1, 1, 0, 0], [1, 0, 1, 0], labels=[0, 1], sample_weight=counts))

    @cached_property
    def kappa_interval(self) -> Interval | None:
        """Kappa plus and minus its asymptotic standard error times the normal quantile, cut off at -1 and 1.

        The error is that of Fleiss, Cohen & Everitt 1969, Large sample standard errors of kappa and weighted kappa. It
        is zero where all verdicts agree; there the lower end is what Wilson's for the agreement leaves of kappa with
        the same marginals. None where one of the two sides knows one verdict only.
        """
        if self.kappa is None or self.note:
            return None
        if self.agreed == self.pairs and self.rate_interval is not None:
            low = 1 - (1 - self.rate_interval.low) / (1 - self._by_chance)
            return Interval(low=max(-1.0, low), high=1.0, level=statistics.LEVEL)
        reach = NormalDist().inv_cdf((1 + statistics.LEVEL) / 2) * self.kappa_error
        low, high = max(-1.0, self.kappa - reach), min(1.0, self.kappa + reach)
        return Interval(low=low, high=high, level=statistics.LEVEL)

    @cached_property
    def kappa_error(self) -> float:
        """The asymptotic standard error of kappa; NaN where kappa is None."""
        if self.kappa is None:
            return math.nan
        n, rest = self.pairs, 1 - self.kappa
        cells = {(1, 1): self.caught, (1, 0): self.missed, (0, 1): self.false_alarms, (0, 0): self.cleared}
        label = {k: (cells[k, 0] + cells[k, 1]) / n for k in (0, 1)}
        verdict = {k: (cells[0, k] + cells[1, k]) / n for k in (0, 1)}
        alike = sum(cells[k, k] / n * (1 - (label[k] + verdict[k]) * rest) ** 2 for k in (0, 1))
        apart = rest**2 * sum(cells[a, b] / n * (verdict[a] + label[b]) ** 2 for a, b in ((0, 1), (1, 0)))
        chance = (self.kappa - self._by_chance * rest) ** 2
        return math.sqrt(max(0.0, alike + apart - chance) / n) / (1 - self._by_chance)

    @property
    def _by_chance(self) -> float:
        """The share of pairs that two who know nothing but how often they say `bad` would judge alike."""
        n = self.pairs
        bad, called = (self.caught + self.missed) / n, (self.caught + self.false_alarms) / n
        return bad * called + (1 - bad) * (1 - called)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
