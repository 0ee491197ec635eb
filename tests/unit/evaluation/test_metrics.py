from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from simulated_session import Plan, row, score, simulate
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.judging.metric_names import mlflow_name, parse_metric
from technoshare_commentator.mlops.evaluation.judging.metrics import Measured, metric, metrics_of, summarise_scorers

USED: dict[str, Any] = {"latency_seconds": 2.0, "input_tokens": 10.0, "output_tokens": 5.0, "cost_usd": 0.25}
CASES = [
    row("a", scores={"loud": True, "brief": True}, **USED),
    row("b", "failed", {"loud": False}, **{**USED, "latency_seconds": 4.0}),
    row("c", "error", {"brief": None}, **USED),
    row("d", "skipped"),
]
TRIALS = [
    row(example, "passed" if passed else "failed", {"brief": passed}, trial=trial)
    for example, verdicts in {"a": (True, True, True), "b": (True, False, True), "c": (False,) * 3}.items()
    for trial, passed in enumerate(verdicts, 1)
]


def test_scorers_are_summed_up_in_the_order_they_first_spoke() -> None:
    rows = [(one.name, one.passed, one.total, one.errors, one.examples) for one in summarise_scorers(CASES)]
    assert rows == [("loud", 1, 2, 0, 2), ("brief", 1, 2, 1, 2)]


def test_a_crash_counts_as_asked_and_not_as_a_value_of_zero() -> None:
    brief = summarise_scorers(CASES)[1]
    assert brief.rate == 0.5
    assert brief.mean == 1.0


def test_metrics_hold_counts_rates_usage_and_latency() -> None:
    assert metrics_of(CASES) == pytest.approx(
        {
            "cases": 3,
            "cases_passed": 1,
            "pass_rate": 1 / 3,
            "errors": 2,
            "input_tokens": 30,
            "output_tokens": 15,
            "cost_usd": 0.75,
            "latency_seconds/p50": 2.0,
            "latency_seconds/p95": 3.8,
            "loud/pass_rate": 0.5,
            "loud/mean": 0.5,
            "brief/pass_rate": 0.5,
            "brief/mean": 1.0,
        }
    )


def test_a_skipped_case_counts_in_no_rate() -> None:
    skipped = row("e", "skipped", {"loud": True})
    assert metric([*CASES, skipped], "pass_rate") == metric(CASES, "pass_rate")
    assert metric([*CASES, skipped], "loud/pass_rate") == metric(CASES, "loud/pass_rate")


def test_a_cost_that_is_unknown_for_one_case_is_no_cost_of_the_session() -> None:
    cases = [*CASES, row("f", cost_usd=None, latency_seconds=1.0)]
    assert "cost_usd" not in metrics_of(cases)
    assert metric(cases, "cost_usd") == Measured(None, 5, "the price of 1 case is unknown")
    assert metric(cases, "cost_usd/p95").value is None
    assert metric(cases, "input_tokens").value == 30


def test_an_empty_session_has_counts_and_nothing_else() -> None:
    assert metrics_of([]) == {"cases": 0, "cases_passed": 0}
    assert metrics_of([row("d", "skipped")])["cases"] == 0


def test_several_trials_have_estimates_over_them_and_flakiness() -> None:
    values = metrics_of(TRIALS)
    assert values["brief/pass@3"] == pytest.approx(2 / 3)
    assert values["brief/pass^3"] == pytest.approx(1 / 3)
    assert values["flakiness"] == pytest.approx(1 / 3)
    assert values["pass_rate"] == pytest.approx(5 / 9)


def test_fewer_trials_than_there_were_can_be_asked_for() -> None:
    assert metric(TRIALS, "brief/pass@1").value == pytest.approx(5 / 9)
    assert metric(TRIALS, "brief/pass@2").value == pytest.approx(2 / 3)
    assert metric(TRIALS, "brief/pass^2").value == pytest.approx((1 + 1 / 3 + 0) / 3)
    assert metric(TRIALS, "brief/pass@4") == Measured(None, 0, "no example has 4 trials")


def test_an_example_that_lost_a_trial_is_left_out_of_estimates_that_need_it() -> None:
    assert metric(TRIALS[1:], "brief/pass^3") == Measured(0.0, 6)


@pytest.mark.parametrize("said", [(True, False), (False, True)])
def test_a_trial_passes_a_scorer_when_all_its_tests_do(said: tuple[bool, bool]) -> None:
    two_tests = {"scores": tuple(score("brief", value=value) for value in said)}
    twice = [row("a", "failed", trial=trial).model_copy(update=two_tests) for trial in (1, 2)]
    assert metric(twice, "brief/pass@2").value == 0.0
    assert metric(twice, "brief/pass_rate").value == 0.5


def test_with_several_trials_the_interval_stands_on_examples() -> None:
    (brief,) = summarise_scorers(TRIALS)
    assert brief.rate_interval == statistics.mean_interval([[1, 1, 1], [1, 0, 1], [0, 0, 0]])
    assert (brief.trials, brief.examples, brief.total) == (3, 3, 9)
    assert (brief.pass_at_k, brief.pass_hat_k) == pytest.approx((2 / 3, 1 / 3))


def test_one_trial_has_no_estimate_over_trials() -> None:
    assert all(one.pass_at_k is one.pass_hat_k is None for one in summarise_scorers(CASES))
    assert metric(CASES, "flakiness") == Measured(None, 0, "it takes several trials: --eval-trials")


def test_each_of_several_variants_has_metrics_of_its_own() -> None:
    cases = [row("a", variant="small"), row("a", "failed", variant="large")]
    values = metrics_of(cases)
    assert values["pass_rate"] == 0.5
    assert values["variant.small/pass_rate"] == 1.0
    assert values["variant.large/pass_rate"] == 0.0
    assert "variant.small/cases" not in metrics_of(cases[:1])


def test_text_has_no_mean_and_what_is_not_finite_is_no_number() -> None:
    cases = [row("a", scores={"theme": "LLMOps", "brevity": 0.5}), row("b", scores={"brevity": math.nan})]
    assert metric(cases, "theme/mean") == Measured(None, 0, "it gives no numbers")
    assert metric(cases, "theme/pass_rate") == Measured(1.0, 1)
    assert metric(cases, "brevity/mean") == Measured(0.5, 1)


def test_a_verdict_that_is_good_when_false_has_a_rate_and_a_mean_of_its_own() -> None:
    polite = score("rude", value=False).model_copy(update={"passed": True})
    (rude,) = summarise_scorers([row("a").model_copy(update={"scores": (polite,)})])
    assert (rude.rate, rude.mean) == (1.0, 0.0)
    assert rude.rate_interval == statistics.wilson(1, 1)
    assert rude.mean_interval == statistics.wilson(0, 1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cases", 3),
        ("cases_passed", 1),
        ("errors", 2),
        ("latency_seconds/p1", 2.0),
        ("latency_seconds/max", 4.0),
        ("latency_seconds/mean", 8 / 3),
        ("cost_usd", 0.75),
        ("cost_usd/p95", 0.25),
        ("output_tokens/mean", 5.0),
        ("nobody/mean", None),
        ("regressions", None),
        ("loud/regressions", None),
    ],
)
def test_any_metric_can_be_asked_for_by_name(name: str, value: float | None) -> None:
    found = metric(CASES, name).value
    assert found == (pytest.approx(value) if value is not None else None)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("pas_rate", "did you mean 'pass_rate'?"),
        ("brevity/pas_rate", "did you mean 'brevity/pass_rate'?"),
        ("latency/p95", "did you mean 'latency_seconds/p95'?"),
        ("latency_seconds", "say latency_seconds/p95 (p1 to p99), /mean or /max"),
        ("latency_seconds/p100", "say latency_seconds/p95"),
        ("cost_usd/p0", "say cost_usd/p95"),
        ("brevity", "of a scorer say brevity/pass_rate, /mean, /pass@3"),
        ("brevity/pass@0", "did you mean 'brevity/pass@3'?"),
        ("/mean", "no metric is called '/mean'"),
        ("", "no metric is called ''"),
    ],
)
def test_a_name_that_no_metric_can_have_is_an_error_with_the_one_meant(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        metric(CASES, name)
    assert f"no metric is called {name!r}" in str(caught.value)
    assert meant in str(caught.value)


def test_the_scorer_of_a_name_may_have_a_slash_of_its_own() -> None:
    assert parse_metric("rouge/l/pass@12").scorer == "rouge/l"
    assert parse_metric("rouge/l/pass@12").k == 12
    assert str(parse_metric("rouge/l/mean")) == "rouge/l/mean"


def test_estimates_over_trials_keep_different_names_in_mlflow() -> None:
    assert mlflow_name("brevity/pass@3") == "brevity/pass_at_3"
    assert mlflow_name("variant.b/brevity/pass^3") == "variant.b/brevity/pass_all_3"
    assert mlflow_name("latency_seconds/p95") == "latency_seconds/p95"


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), examples=st.integers(2, 40))
def test_intervals_of_a_simulated_session_are_those_of_statsmodels(seed: int, examples: int) -> None:
    results, _ = simulate(Plan(examples=examples, crash=0.1, task_error=0.05, skip=0.05), seed)
    said: dict[str, list[bool]] = defaultdict(list)
    for one in results.cases:
        for found in one.scores:
            said[found.name].append(found.passed)
    summaries = {one.name: one for one in summarise_scorers(results.cases)}
    assert set(summaries) == set(said)
    for name, verdicts in said.items():
        interval = summaries[name].rate_interval
        assert interval is not None
        expected = proportion_confint(sum(verdicts), len(verdicts), method="wilson")
        assert (interval.low, interval.high) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), trials=st.integers(2, 5))
def test_what_all_trials_pass_is_never_more_than_what_one_does(seed: int, trials: int) -> None:
    results, _ = simulate(Plan(examples=6, trials=trials), seed)
    for one in summarise_scorers(results.cases):
        assert one.pass_at_k is not None
        assert one.pass_hat_k is not None
        assert one.pass_hat_k <= one.rate + 1e-12
        assert one.rate <= one.pass_at_k + 1e-12


def test_every_metric_of_a_session_can_be_asked_for_by_its_name() -> None:
    results, _ = simulate(Plan(examples=8, trials=3))
    values = metrics_of(results.cases)
    assert {name: metric(results.cases, name).value for name in values} == values
