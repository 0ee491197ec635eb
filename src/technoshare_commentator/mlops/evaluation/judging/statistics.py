"""What numbers of a session allow to say: intervals, paired tests, quantiles and the estimates over several trials.

Numbers in, numbers out. scipy.stats has the first two, but importing it takes most of a second of every session; the
tests compare what is computed here with it. A bootstrap has a fixed seed: the same numbers in the same order give the
same interval.
"""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist, quantiles
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.session_results import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LEVEL = 0.95
RESAMPLES = 2000  # the ends of an interval move by about a hundredth of its width between seeds
SEED = 20260105
_NUMBERS_AT_ONCE = 1_000_000  # of resampled values in memory
_NOISE = 1e-12  # by which means that are equal on paper differ


def wilson(passed: int, total: int) -> Interval | None:
    """The Wilson score interval (Wilson 1927) of a rate of independent verdicts; None where there were none."""
    if total == 0:
        return None
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    rate, weight = passed / total, z * z / total
    middle = (rate + weight / 2) / (1 + weight)
    reach = z / (1 + weight) * math.sqrt(rate * (1 - rate) / total + weight / (4 * total))
    # Where all verdicts agree that end is exact, whatever rounding makes of it.
    low = 0.0 if passed == 0 else middle - reach
    high = 1.0 if passed == total else middle + reach
    return Interval(low=low, high=high, level=LEVEL)


def rate_interval(examples: Sequence[Sequence[bool]]) -> Interval | None:
    """The interval of the share of true verdicts, given by example.

    Verdicts on one example (of several trials, variants, tests) are not independent: Wilson's interval is for one each,
    and with more it is a bootstrap over examples. A bootstrap knows nothing of what it has not seen, so where all
    verdicts agree it is Wilson's over examples again, and None where examples merely have one rate in common.
    """
    spoken = [verdicts for verdicts in examples if verdicts]
    single = all(len(verdicts) == 1 for verdicts in spoken)
    if single or len({verdict for verdicts in spoken for verdict in verdicts}) == 1:
        return wilson(sum(verdicts[0] for verdicts in spoken), len(spoken))
    return mean_interval(spoken)


def mean_interval(examples: Sequence[Sequence[float]]) -> Interval | None:
    """The percentile bootstrap interval, over examples, of the mean of all their values.

    None where it would be a guess: fewer than two examples with values, or the same mean for each of them.
    """
    import numpy as np  # noqa: PLC0415 - a session without evals does without

    spoken = [values for values in examples if values]
    sums = np.array([[math.fsum(values) for values in spoken]], dtype=np.float64)
    counts = np.array([[len(values) for values in spoken]], dtype=np.float64)
    return mean_intervals(sums, counts)[0]


def mean_intervals(sums: Numbers, counts: Numbers) -> list[Interval | None]:
    """Percentile bootstrap intervals of several means at once, over the same examples.

    Both arrays have a row for each mean and a column for each example: the sum of its values and their number, which
    may be 0. Percentiles rather than BCa: BCa is undefined where resamples hardly differ, which is the usual case for
    differences between verdicts, most of them 0. Rows with values for the same examples share one set of resamples.
    Of differences of pairs it is the paired bootstrap.
    """
    import numpy as np  # noqa: PLC0415 - as above

    intervals: list[Interval | None] = [None] * len(sums)
    rows_of: dict[bytes, list[int]] = {}
    for row, count in enumerate(counts):
        rows_of.setdefault((count > 0).tobytes(), []).append(row)
    for rows in rows_of.values():
        present = counts[rows[0]] > 0
        total, number = sums[np.ix_(rows, present)], counts[np.ix_(rows, present)]
        means = total / number
        varied = [at for at in range(len(rows)) if means.shape[1] > 1 and np.ptp(means[at]) > _NOISE]
        if varied:
            found = _bootstrap(total[varied], number[varied])
            for at, interval in zip(varied, found, strict=True):
                intervals[rows[at]] = interval
    return intervals


def _bootstrap(sums: Numbers, counts: Numbers) -> list[Interval]:
    import numpy as np  # noqa: PLC0415 - as above

    rng = np.random.default_rng(SEED)
    examples = sums.shape[1]
    means = np.empty((len(sums), RESAMPLES))
    at_once = max(1, _NUMBERS_AT_ONCE // sums.size)
    for start in range(0, RESAMPLES, at_once):
        drawn = rng.integers(0, examples, (min(at_once, RESAMPLES - start), examples))
        means[:, start : start + len(drawn)] = sums[:, drawn].sum(-1) / counts[:, drawn].sum(-1)
    ends = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    return [Interval(low=float(low), high=float(high), level=LEVEL) for low, high in ends.T]


def mcnemar(before: Sequence[bool], after: Sequence[bool]) -> float:
    """The exact two-sided p-value of McNemar's test: that verdicts of the same examples changed either way by chance.

    Under the null hypothesis an example that changed was as likely to change one way as the other (McNemar 1947, here
    the exact binomial form). 1.0 where none changed.
    """
    changed = [later for earlier, later in zip(before, after, strict=True) if earlier != later]
    total, rarer = len(changed), min(sum(changed), len(changed) - sum(changed))
    ways = of_count = 1
    for count in range(1, rarer + 1):
        of_count = of_count * (total - count + 1) // count  # total over count, each from the one before
        ways += of_count
    return min(1.0, float(Fraction(2 * ways, 1 << total)))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` (1 to 99) per cent of the values do not exceed, interpolated between neighbours."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def pass_at_k(trials: int, passed: int, k: int) -> float:
    """The chance that at least one of `k` trials passes, from `passed` of at least `k` trials of one example.

    The unbiased estimate 1 - C(n-c, k) / C(n, k) of Chen et al. 2021, Evaluating Large Language Models Trained on Code.
    """
    return 1.0 - _share_of_choices(trials, trials - passed, k)


def pass_hat_k(trials: int, passed: int, k: int) -> float:
    """The chance that all `k` trials pass, from `passed` of at least `k` trials of one example: C(c, k) / C(n, k)."""
    return _share_of_choices(trials, passed, k)


def _share_of_choices(trials: int, chosen: int, k: int) -> float:
    """Of all ways to pick `k` trials, the share that picks only among `chosen`."""
    if not (1 <= k <= trials and 0 <= chosen <= trials):
        raise ValueError(f"there are no {k} of {trials} trials, {chosen} of them chosen")
    return math.comb(chosen, k) / math.comb(trials, k)
