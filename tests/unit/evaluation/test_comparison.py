from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import bootstrap
from statsmodels.stats.contingency_tables import mcnemar

from simulated_session import Plan, row, simulate
from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.judging.comparison import (
    compare,
    compare_variants,
    compare_with_baseline,
    is_significant,
)
from technoshare_commentator.mlops.evaluation.session_results import CaseChange, Interval, ScoreChange

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, Comparison

PLANS = st.builds(
    Plan,
    examples=st.integers(1, 30),
    trials=st.integers(1, 3),
    variants=st.sampled_from([{"default": 0.0}, {"small": 0.0, "large": 0.05}]),
    crash=st.sampled_from([0.0, 0.1]),
    task_error=st.sampled_from([0.0, 0.1]),
    skip=st.sampled_from([0.0, 0.2]),
)


def against(before: Sequence[CaseRow], after: Sequence[CaseRow]) -> Comparison:
    return compare(before, after, kind="baseline", before_name="before", after_name="after")


def change(comparison: Comparison, scorer: str) -> ScoreChange:
    (found,) = [one for one in comparison.scores if one.scorer == scorer]
    return found


@settings(max_examples=60, deadline=None)
@given(plan=PLANS, seed=st.integers(0, 1000))
def test_exactly_the_cases_that_passed_and_do_not_any_more_newly_fail(plan: Plan, seed: int) -> None:
    before, after = simulate(plan, seed)[0], simulate(plan, seed + 1)[0]
    was = {case.key: case.outcome for case in before.cases}
    now = {case.key: case.outcome for case in after.cases}
    bad = {"failed", "error"}
    comparison = against(before.cases, after.cases)
    failing = [(one.case_id, one.variant, one.trial) for one in comparison.newly_failing]
    passing = [(one.case_id, one.variant, one.trial) for one in comparison.newly_passing]
    assert failing == [key for key in now if was[key] == "passed" and now[key] in bad]
    assert passing == [key for key in now if was[key] in bad and now[key] == "passed"]
    assert comparison.pairs == sum("skipped" not in {was[key], now[key]} for key in now)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), examples=st.integers(2, 60))
def test_p_values_and_intervals_are_those_of_statsmodels_and_scipy(seed: int, examples: int) -> None:
    before, after = (simulate(Plan(examples=examples), one)[0].cases for one in (seed, seed + 1))
    comparison = against(before, after)
    changes = {one.scorer: one for one in comparison.scores}
    assert list(changes) == ["cases", "structure", "numbers_supported", "brevity"]
    for name, found in changes.items():
        pairs = [(_number(first, name), _number(second, name)) for first, second in zip(before, after, strict=True)]
        assert (found.before, found.after) == pytest.approx(tuple(np.mean(pairs, axis=0)))
        _same_interval(found.interval, [second - first for first, second in pairs])
        assert found.kind == ("mean" if name == "brevity" else "rate")
        if found.kind == "mean":
            assert found.p_value is None
            continue
        table = [[pairs.count((first, second)) for second in (1.0, 0.0)] for first in (1.0, 0.0)]
        assert found.p_value == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-12)


def _number(case: CaseRow, name: str) -> float:
    if name == "cases":
        return float(case.passed)
    (value,) = [score.value for score in case.scores if score.name == name]
    assert isinstance(value, bool | float)
    return float(value)


def _same_interval(interval: Interval | None, differences: list[float]) -> None:
    if len(set(differences)) == 1:
        assert interval is None
        return
    expected = bootstrap(
        (differences,),
        np.mean,
        n_resamples=statistics.RESAMPLES,
        method="percentile",
        rng=np.random.default_rng(statistics.SEED),
    ).confidence_interval
    assert interval is not None
    assert (interval.low, interval.high) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_newly_failing_case_names_the_scorers_that_newly_fail() -> None:
    before = [row("a", scores={"loud": True, "brief": False, "kept": True}), row("b", scores={"loud": True})]
    after = [row("a", "failed", {"loud": False, "brief": False, "new": False, "kept": True}), row("b", "error")]
    comparison = against(before, after)
    assert comparison.newly_failing == (
        CaseChange(case_id="links/a", scorers=("loud", "new")),
        CaseChange(case_id="links/b"),
    )
    assert against(after, before).newly_passing[0].scorers == ("loud",)


def test_cases_of_one_side_only_are_listed_and_are_no_pairs() -> None:
    comparison = against([row("a"), row("gone")], [row("new", "failed"), row("a")])
    assert comparison.pairs == 1
    assert (comparison.only_before, comparison.only_after) == (("links/gone",), ("links/new",))
    assert comparison.newly_failing == ()


def test_a_case_skipped_on_either_side_is_no_pair_and_not_missing_either() -> None:
    comparison = against([row("a"), row("b", "skipped")], [row("a", "skipped"), row("b", "failed")])
    assert comparison.pairs == 0
    assert comparison.scores == ()
    assert comparison.cases is None
    assert (comparison.only_before, comparison.only_after) == ((), ())


def test_two_sessions_of_one_variant_each_are_paired_whatever_it_is_called() -> None:
    before = [row("a", variant="small"), row("b", "failed", variant="small")]
    after = [row("a", "failed", variant="large"), row("b", variant="large")]
    comparison = against(before, after)
    assert [(one.case_id, one.variant) for one in comparison.newly_failing] == [("links/a", "large")]
    assert [(one.case_id, one.variant) for one in comparison.newly_passing] == [("links/b", "large")]


def test_of_several_variants_each_is_paired_with_itself() -> None:
    before = [row("a", variant="small"), row("a", "failed", variant="large")]
    after = [row("a", "failed", variant="small"), row("a", "failed", variant="large"), row("a", variant="new")]
    comparison = against(before, after)
    assert comparison.pairs == 2
    assert [(one.case_id, one.variant) for one in comparison.newly_failing] == [("links/a", "small")]
    assert comparison.only_after == ("links/a",)


def test_different_numbers_of_trials_are_paired_by_example() -> None:
    before = [row("a", scores={"brevity": 0.8}), row("b", scores={"brevity": 0.6})]
    after = [
        row(example, "passed" if value >= 0.5 else "failed", {"brevity": value}, trial=trial)
        for example, values in {"a": (0.9, 0.4, 0.8), "b": (0.6, 0.7, 0.8)}.items()
        for trial, value in enumerate(values, 1)
    ]
    comparison = against(before, after)
    assert comparison.pairs == 2
    assert comparison.newly_failing == (CaseChange(case_id="links/a", scorers=("brevity",)),)
    assert (comparison.only_before, comparison.only_after) == ((), ())
    brevity = change(comparison, "brevity")
    assert brevity.pairs == 2
    assert (brevity.before, brevity.after) == pytest.approx((0.7, 0.7))


def test_trials_are_paired_one_by_one_and_tested_by_example() -> None:
    before = [row(f"e{number}", trial=trial) for number in range(6) for trial in (1, 2, 3)]
    after = [case.model_copy(update={"outcome": "failed" if case.trial == 2 else "passed"}) for case in before]
    comparison = against(before, after)
    assert comparison.pairs == 18
    assert {one.trial for one in comparison.newly_failing} == {2}
    assert comparison.cases is not None
    assert comparison.cases.after == pytest.approx(2 / 3)
    assert comparison.cases.p_value == pytest.approx(2 * 0.5**6)


def test_intervals_over_trials_stand_on_examples() -> None:
    plan = Plan(examples=10, trials=3)
    before, after = simulate(plan, 5)[0].cases, simulate(plan, 6)[0].cases
    differences: dict[str, list[float]] = {}
    for first, second in zip(before, after, strict=True):
        differences.setdefault(first.case_id, []).append(second.passed - first.passed)
    found = against(before, after).cases
    assert found is not None
    assert found.interval == statistics.mean_interval([differences[name] for name in sorted(differences)])


def test_the_order_of_cases_changes_no_number() -> None:
    before, after = (simulate(Plan(examples=20), seed)[0].cases for seed in (1, 2))
    assert against(before, after[::-1]).scores[0] == against(before[::-1], after).scores[0]


def test_a_crash_fails_a_verdict_and_is_missing_from_a_mean() -> None:
    before = [row("a", scores={"brief": True, "brevity": 0.8}), row("b", scores={"brief": True, "brevity": 0.6})]
    after = [row("a", "failed", {"brief": None, "brevity": None}), row("b", scores={"brief": True, "brevity": 0.7})]
    comparison = against(before, after)
    assert (change(comparison, "brief").pairs, change(comparison, "brief").after) == (2, 0.5)
    assert (change(comparison, "brevity").pairs, change(comparison, "brevity").before) == (1, 0.6)
    assert comparison.newly_failing[0].scorers == ("brief", "brevity")


def test_a_scorer_that_gives_numbers_on_one_side_only_is_compared_by_verdicts() -> None:
    comparison = against([row("a", scores={"brevity": True})], [row("a", "failed", {"brevity": 0.2})])
    assert (change(comparison, "brevity").kind, change(comparison, "brevity").after) == ("rate", 0.0)


def test_a_scorer_of_one_side_only_is_not_compared() -> None:
    comparison = against([row("a", scores={"old": True})], [row("a", scores={"new": True})])
    assert [one.scorer for one in comparison.scores] == ["cases"]


def test_the_first_variant_is_compared_with_each_other_one() -> None:
    results, _ = simulate(Plan(examples=25, variants={"a": -0.4, "b": 0.1, "c": -0.4}))
    comparisons = compare_variants(results.cases)
    assert [(one.kind, one.before, one.after, one.pairs) for one in comparisons] == [
        ("variants", "a", "b", 25),
        ("variants", "a", "c", 25),
    ]
    better, same = (one.cases for one in comparisons)
    assert better is not None
    assert same is not None
    assert better.difference > 0
    assert is_significant(better)
    assert not is_significant(same)


def test_one_variant_has_nothing_to_be_compared_with() -> None:
    assert compare_variants([row("a")]) == ()
    assert compare_variants([]) == ()


def test_numbers_differ_for_certain_when_the_interval_leaves_out_zero() -> None:
    without = ScoreChange(scorer="brevity", kind="mean", pairs=9, before=0.5, after=0.6)
    assert not is_significant(without)
    assert is_significant(without.model_copy(update={"interval": Interval(low=0.01, high=0.2)}))
    assert not is_significant(without.model_copy(update={"interval": Interval(low=-0.01, high=0.2)}))


def test_each_variant_of_a_session_is_held_against_the_baselines_own_or_only_one() -> None:
    cases = [row("a", "failed", variant="small"), row("a", variant="large")]
    names = {"baseline_name": "main", "session_name": "now"}
    only = compare_with_baseline([row("a")], cases, **names)
    assert [(one.before, one.after, one.pairs, len(one.newly_failing)) for one in only] == [
        ("main", "small", 1, 1),
        ("main", "large", 1, 0),
    ]
    both = compare_with_baseline([*cases, row("b", variant="new")], [*cases, row("b", variant="newer")], **names)
    assert [(one.after, one.pairs) for one in both] == [("small", 1), ("large", 1), ("newer", 0)]
    assert [one.after for one in compare_with_baseline([row("a")], [row("a")], **names)] == ["now"]


def test_a_thousand_cases_with_twenty_scorers_are_compared_in_seconds() -> None:
    scorers = Plan(examples=1000, verdicts={f"v{n}": 0.95 for n in range(15)}, numbers={f"n{n}": 0.8 for n in range(5)})
    before, after = (simulate(scorers, seed)[0].cases for seed in (1, 2))
    against(before[:2], after[:2])  # numpy is imported by now
    started = time.process_time()
    comparison = against(before, after)
    assert time.process_time() - started < 5  # 0.4 s where nobody else works
    assert len(comparison.scores) == 21
