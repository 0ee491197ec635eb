from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_of_statsmodels
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.weightstats import DescrStatsW

from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.session_results import Interval

VERDICTS = st.lists(st.booleans(), min_size=1, max_size=60)
NUMBERS = st.lists(st.integers(0, 1000).map(lambda number: number / 1000), min_size=2, max_size=30)


@given(st.integers(1, 400).flatmap(lambda total: st.tuples(st.integers(0, total), st.just(total))))
def test_the_interval_of_a_rate_is_that_of_statsmodels(counts: tuple[int, int]) -> None:
    interval = statistics.wilson(*counts)
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx(proportion_confint(*counts, method="wilson"), abs=1e-9)
    assert interval.level == 0.95


def test_no_verdict_has_no_interval() -> None:
    assert statistics.wilson(0, 0) is None
    assert statistics.rate_interval([]) is None
    assert statistics.rate_interval([[], []]) is None


@given(VERDICTS)
def test_one_verdict_an_example_gives_the_interval_of_wilson(verdicts: list[bool]) -> None:
    interval = statistics.rate_interval([[verdict] for verdict in verdicts])
    assert interval == statistics.wilson(sum(verdicts), len(verdicts))


def test_trials_that_all_agree_count_once_for_each_example() -> None:
    assert statistics.rate_interval([[True] * 10] * 8) == statistics.wilson(8, 8)
    assert statistics.rate_interval([[False] * 10] * 8) == statistics.wilson(0, 8)


def test_trials_of_one_example_do_not_narrow_an_interval_as_examples_do() -> None:
    examples = [[True] * 10] * 15 + [[False] * 10] * 5
    clustered, naive = statistics.rate_interval(examples), statistics.wilson(150, 200)
    assert clustered is not None
    assert naive is not None
    assert clustered.high - clustered.low > 2 * (naive.high - naive.low)
    assert clustered.low < 0.75 < clustered.high


@pytest.mark.parametrize("values", [[], [[]], [[0.5]], [[0.5, 0.7]], [[0.5], [0.5]], [[0.1, 0.2], [0.2, 0.1], [0.15]]])
def test_values_without_spread_over_examples_have_no_interval(values: list[list[float]]) -> None:
    assert statistics.mean_interval(values) is None


@given(NUMBERS.filter(lambda values: len(set(values)) > 1))
def test_the_interval_of_a_mean_is_that_of_scipy(values: list[float]) -> None:
    interval = statistics.mean_interval([[value] for value in values])
    expected = bootstrap(
        (values,),
        np.mean,
        n_resamples=statistics.RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(statistics.SEED),
    ).confidence_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_with_many_values_the_interval_of_a_mean_is_the_usual_one() -> None:
    values = np.random.default_rng(3).gamma(2.0, 1.0, 600)
    interval = statistics.mean_interval([[float(value)] for value in values])
    low, high = DescrStatsW(values).tconfint_mean()
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((low, high), abs=0.02)


def test_the_interval_of_a_mean_over_examples_holds_the_truth_about_as_often_as_it_says() -> None:
    random, held, sessions = np.random.default_rng(11), 0, 150
    for _ in range(sessions):
        examples = random.normal(0.6, 0.2, 40)
        interval = statistics.mean_interval(random.normal(examples[:, None], 0.1, (40, 3)).tolist())
        assert interval is not None
        held += interval.low <= 0.6 <= interval.high
    assert 0.89 <= held / sessions <= 0.99


def test_a_mean_missing_in_some_examples_has_the_interval_of_those_that_have_it() -> None:
    sums, counts = np.array([[1.0, 0.0, 4.0, 2.0], [1.0, 2.0, 4.0, 2.0]]), np.array([[1.0, 0.0, 2.0, 1.0], [1.0] * 4])
    with_gap, whole = statistics.mean_intervals(sums, counts)
    assert with_gap == statistics.mean_interval([[1.0], [2.0, 2.0], [2.0]])
    assert whole == statistics.mean_interval([[1.0], [2.0], [4.0], [2.0]])
    assert with_gap != whole


def test_the_same_numbers_have_the_same_interval_again() -> None:
    values = [[0.1], [0.9], [0.4], [0.7]]
    first = statistics.mean_interval(values)
    assert isinstance(first, Interval)
    assert statistics.mean_interval(values) == first


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=80))
def test_the_p_value_of_changed_verdicts_is_that_of_statsmodels(pairs: list[tuple[bool, bool]]) -> None:
    table = [[pairs.count((first, second)) for second in (True, False)] for first in (True, False)]
    p_value = statistics.mcnemar([before for before, _ in pairs], [after for _, after in pairs])
    assert p_value == pytest.approx(mcnemar_of_statsmodels(table, exact=True).pvalue, abs=1e-12)


def test_many_changed_verdicts_are_counted_exactly() -> None:
    found = statistics.mcnemar([True] * 5_000 + [False] * 4_900, [False] * 5_000 + [True] * 4_900)
    assert found == pytest.approx(binomtest(4_900, 9_900).pvalue, rel=1e-9)


def test_nothing_changed_is_what_chance_does() -> None:
    assert statistics.mcnemar([True, False, True], [True, False, True]) == 1.0


@given(NUMBERS, st.integers(1, 99))
def test_percentiles_are_those_of_numpy(values: list[float], percent: int) -> None:
    assert statistics.percentile(values, percent) == pytest.approx(float(np.percentile(values, percent)), abs=1e-12)


def test_every_percentile_of_one_value_is_that_value() -> None:
    assert statistics.percentile([2.0], 1) == statistics.percentile([2.0], 99) == 2.0


@given(st.lists(st.booleans(), min_size=1, max_size=7), st.data())
def test_passing_in_k_trials_is_counted_over_all_ways_to_pick_them(trials: list[bool], data: st.DataObject) -> None:
    k = data.draw(st.integers(1, len(trials)))
    picks = list(itertools.combinations(trials, k))
    at_least_one = sum(map(any, picks)) / len(picks)
    assert statistics.pass_at_k(len(trials), sum(trials), k) == pytest.approx(at_least_one)
    assert statistics.pass_hat_k(len(trials), sum(trials), k) == pytest.approx(sum(map(all, picks)) / len(picks))


@pytest.mark.parametrize(("trials", "passed", "k"), [(2, 1, 3), (2, 3, 1), (2, -1, 1), (2, 1, 0)])
def test_more_than_there_is_cannot_be_picked(trials: int, passed: int, k: int) -> None:
    for estimate in (statistics.pass_at_k, statistics.pass_hat_k):
        with pytest.raises(ValueError, match="there are no"):
            estimate(trials, passed, k)
