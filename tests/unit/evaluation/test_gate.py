from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulated_session import Plan, row, simulate
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.comparison import compare, compare_with_baseline
from technoshare_commentator.mlops.evaluation.judging.gate import Gate, line, parse_rule
from technoshare_commentator.mlops.evaluation.judging.metrics import metric
from technoshare_commentator.mlops.evaluation.session_results import RuleResult, SessionResults
from technoshare_commentator.mlops.evaluation.variants import Variant

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, GateResult

CASES = (
    row("a", scores={"brief": True, "brevity": 0.9}, tags=("github",), latency_seconds=1.0, cost_usd=0.5),
    row("b", "failed", {"brief": False, "brevity": 0.3}, tags=("github",), latency_seconds=9.0, cost_usd=0.5),
    row("c", scores={"brief": True, "brevity": 0.6}, tags=("arxiv",), latency_seconds=2.0, cost_usd=0.2),
    row("d", "skipped", tags=("webpage",)),
)


def judge(
    rules: str | Sequence[str], cases: Sequence[CaseRow] = CASES, *, selection: bool = False, **more: Any
) -> GateResult:
    known = more.pop("known_scorers", ())
    texts = [rules] if isinstance(rules, str) else rules
    gate = Gate("gate.yaml", tuple(map(parse_rule, texts)), more.pop("max_cost_usd", None))
    results = SessionResults(cases=tuple(cases), **more)
    return gate.judge(results, selection=selection, known_scorers=known)


def lines(result: GateResult) -> list[str]:
    return [line(one) for one in result.rules]


def first(rule: str, cases: Sequence[CaseRow] = CASES, **more: Any) -> RuleResult:
    return judge(rule, cases, **more).rules[0]


@pytest.mark.parametrize(
    ("rule", "expected", "blamed"),
    [
        ("pass_rate >= 0.98", "pass_rate: 0.6667 >= 0.98 — failed", ["b"]),
        ("pass_rate >= 0.6", "pass_rate: 0.6667 >= 0.6 — passed", []),
        ("brief/pass_rate[github] >= 0.9", "brief/pass_rate[github]: 0.5 >= 0.9 — failed", ["b"]),
        ("brief/pass_rate[arxiv] == 1", "brief/pass_rate[arxiv]: 1 == 1 — passed", []),
        ("brevity/mean > 0.6", "brevity/mean: 0.6 > 0.6 — failed", ["b", "c"]),
        ("brevity/mean >= 0.6", "brevity/mean: 0.6 >= 0.6 — passed", []),
        ("brevity/mean[github] <= 0.5", "brevity/mean[github]: 0.6 <= 0.5 — failed", ["a"]),
        ("latency_seconds/p95 <= 1.5", "latency_seconds/p95: 8.3 <= 1.5 — failed", ["b", "c"]),
        ("latency_seconds/max < 9", "latency_seconds/max: 9 < 9 — failed", ["b"]),
        ("cost_usd <= 1.0", "cost_usd: 1.2 <= 1.0 — failed", []),
        ("cost_usd/mean<=.4", "cost_usd/mean: 0.4 <= .4 — passed", []),
        ("cases >= 40", "cases: 3 >= 40 — failed", []),
        ("cases_passed >= 3", "cases_passed: 2 >= 3 — failed", ["b"]),
        ("errors <= -1", "errors: 0 <= -1 — failed", []),
        ("cost_usd/p95 <= 1e-05", "cost_usd/p95: 0.5 <= 1e-05 — failed", ["b", "a", "c"]),
    ],
)
def test_a_rule_gives_one_line_and_names_the_cases_that_fail_it(rule: str, expected: str, blamed: list[str]) -> None:
    result = judge(rule)
    assert lines(result)[0] == expected
    assert result.rules[0].cases == tuple(f"links/{example}" for example in blamed)
    assert result.passed == expected.endswith("passed")


def test_a_failed_rule_names_twenty_cases_at_most() -> None:
    cases = [row(f"e{number}", "failed") for number in range(50)]
    assert first("pass_rate >= 1", cases).cases == tuple(f"links/e{number}" for number in range(20))


def test_a_gate_without_a_word_about_errors_allows_none() -> None:
    crashed = [*CASES, row("x", "failed", {"brief": None}), row("y", "error")]
    result = judge("brief/pass_rate >= 0.1", crashed)
    assert lines(result)[-1] == "errors: 2 <= 0 — failed"
    assert result.rules[-1].cases == ("links/x", "links/y")
    assert judge("errors <= 2", crashed).passed
    assert len(judge("errors <= 2", crashed).rules) == 1


def test_errors_of_one_tag_do_not_allow_errors_elsewhere() -> None:
    crashed = [*CASES, row("y", "error")]
    assert lines(judge("errors[github] <= 5", crashed))[-1] == "errors: 1 <= 0 — failed"


@pytest.mark.parametrize(("passed", "total"), [(49, 50), (98, 100), (147, 150), (343, 350)])
def test_98_of_100_satisfy_a_rate_of_at_least_098(passed: int, total: int) -> None:
    cases = [row(f"e{number}", "passed" if number < passed else "failed") for number in range(total)]
    assert first("pass_rate >= 0.98", cases).verdict == "passed"
    assert first("pass_rate == 0.98", cases).verdict == "passed"
    assert first("pass_rate > 0.98", cases).verdict == "failed"


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 1000), bound=st.integers(0, 100).map(lambda number: number / 100))
def test_a_simulated_session_is_judged_by_its_metrics(seed: int, bound: float) -> None:
    results, _ = simulate(Plan(examples=20, trials=2), seed)
    names = ["pass_rate", "brevity/mean", "structure/pass^2", "flakiness"]
    judged = judge([f"{name} >= {bound}" for name in names], results.cases)
    for name, one in zip(names, judged.rules, strict=False):
        assert one.value == metric(results.cases, name).value
        assert (one.verdict == "passed") == ((one.value or 0.0) >= bound - 1e-9)


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("brief/pass_rate[githb] >= 1", "no tag is called 'githb'; did you mean 'github'?"),
        ("brief/pass_rate[x] >= 1", "no tag is called 'x'; there are arxiv, github, webpage"),
        ("breif/pass_rate >= 1", "no scorer is called 'breif'; did you mean 'brief'?"),
        ("x/pass_rate >= 1", "no scorer is called 'x'; there are brevity, brief"),
        ("regressions <= 0", "there is no baseline to compare with; make one: pytest --eval-update-baseline"),
    ],
)
def test_a_name_nobody_knows_is_an_error_with_the_one_meant(rule: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        judge(rule)
    assert str(caught.value) == f"gate 'gate.yaml': rule {rule!r}: {problem}"


def test_a_known_scorer_that_did_not_speak_fails_its_rule() -> None:
    result = first("silent/pass_rate >= 1", known_scorers={"silent"})
    assert line(result) == "silent/pass_rate: not measured — failed"


def test_a_scorer_of_the_baseline_is_known() -> None:
    before = [row("a", scores={"brief": True, "gone": True})]
    both = compare(before, before, kind="baseline", before_name="b", after_name="s")
    assert line(first("gone/pass_rate >= 1", comparisons=(both,))) == "gone/pass_rate: not measured — failed"


def test_what_a_selection_did_not_measure_is_skipped() -> None:
    rules = ["unheard/pass_rate >= 1", "brief/pass_rate[hacker_news] >= 1", "brief/pass@3 >= 1", "flakiness <= 0"]
    result = judge([*rules, "cases >= 40", "pass_rate >= 0.5"], selection=True)
    assert lines(result) == [
        "unheard/pass_rate: not measured in this selection — skipped",
        "brief/pass_rate[hacker_news]: not measured in this selection — skipped",
        "brief/pass@3: not measured in this selection — skipped",
        "flakiness: not measured in this selection — skipped",
        "cases: not measured in this selection — skipped",
        "pass_rate: 0.6667 >= 0.5 — passed",
        "errors: 0 <= 0 — passed",
    ]
    assert result.passed


def test_a_selection_forgives_names_that_are_merely_alike_and_no_slips() -> None:
    cases = [row("a", scores={"summary_sentence_count": True, "names_supported": True})]
    alike = ["tldr_sentence_count/pass_rate >= 1", "numbers_supported/pass_rate >= 1"]
    assert [one.verdict for one in judge(alike, cases, selection=True).rules[:2]] == ["skipped", "skipped"]
    with pytest.raises(ConfigurationError, match="did you mean 'names_supported'"):
        judge("name_supported/pass_rate >= 1", cases, selection=True)


def test_a_selection_that_measured_nothing_has_not_passed() -> None:
    assert not judge("pass_rate >= 0.1", [row("a", "skipped")], selection=True).passed
    assert not judge("cases >= 0", [], selection=False).passed


def test_in_a_whole_session_what_was_not_measured_fails_and_says_why() -> None:
    assert lines(judge(["brief/pass@3 >= 1", "flakiness <= 0", "errors <= 0"])) == [
        "brief/pass@3: not measured: no example has 3 trials — failed",
        "flakiness: not measured: it takes several trials: --eval-trials — failed",
        "errors: 0 <= 0 — passed",
    ]


def test_a_scorer_that_errors_kept_from_speaking_is_no_mistake_in_the_gate() -> None:
    result = judge("brief/pass_rate >= 1", [row("a", "error"), row("b", "error")])
    assert lines(result) == ["brief/pass_rate: not measured — failed", "errors: 2 <= 0 — failed"]
    left_out = first("brief/pass_rate[arxiv] >= 1", [row("a")], not_run=3)
    assert left_out.verdict == "failed"


def test_an_unknown_price_fails_every_rule_about_cost_and_names_its_cases() -> None:
    cases = [*CASES, row("x", cost_usd=None, latency_seconds=1.0), row("y", cost_usd=None, latency_seconds=1.0)]
    for selection in (False, True):
        result = judge(["cost_usd <= 9", "cost_usd/p95 <= 9"], cases, selection=selection, max_cost_usd=9.0)
        assert lines(result)[:3] == [
            "max_cost_usd: the price of 2 cases is unknown — failed",
            "cost_usd: the price of 2 cases is unknown — failed",
            "cost_usd/p95: the price of 2 cases is unknown — failed",
        ]
        assert all(one.cases == ("links/x", "links/y") for one in result.rules[:3])


@pytest.mark.parametrize(
    ("budget", "not_run", "expected"),
    [
        (2.0, 0, "max_cost_usd: 1.2 <= 2.0 — passed"),
        (1.2, 0, "max_cost_usd: 1.2 <= 1.2 — passed"),
        (1.0, 0, "max_cost_usd: 1.2 <= 1.0 — failed"),
        (1.5, 1, "max_cost_usd: 1.2 <= 1.5 — failed (1 case was not run)"),
        (1.0, 12, "max_cost_usd: 1.2 <= 1.0 — failed (12 cases were not run)"),
    ],
)
def test_the_budget_is_one_line_and_fails_when_cases_were_not_run(budget: float, not_run: int, expected: str) -> None:
    result = judge("pass_rate >= 0", max_cost_usd=budget, not_run=not_run)
    assert lines(result)[0] == expected
    assert result.passed == expected.endswith("passed")


def test_every_variant_is_judged_on_its_own() -> None:
    cases = [row("a", variant="small"), row("a", "failed", variant="large"), row("b", variant="large")]
    result = judge("pass_rate >= 0.9", cases, max_cost_usd=1.0)
    assert lines(result) == [
        "max_cost_usd: 0 <= 1.0 — passed",
        "pass_rate {small}: 1 >= 0.9 — passed",
        "pass_rate {large}: 0.5 >= 0.9 — failed",
        "errors {small}: 0 <= 0 — passed",
        "errors {large}: 0 <= 0 — passed",
    ]
    assert [one.variant for one in result.rules] == ["", "small", "large", "small", "large"]
    assert result.rules[2].cases == ("links/a",)


def test_a_variant_that_never_ran_fails() -> None:
    result = judge("pass_rate >= 0.9", [row("a", variant="small")], variants=(Variant(name="small"), Variant(name="b")))
    assert "pass_rate {b}: not measured — failed" in lines(result)


def test_regressions_count_the_newly_failing_cases() -> None:
    before = [row(example, scores={"brief": True, "brevity": 0.9}, tags=("x",)) for example in ("a", "b", "c")]
    both = compare(before, CASES, kind="baseline", before_name="b", after_name="s")
    rules = ["regressions <= 0", "brief/regressions <= 0", "regressions[arxiv] <= 0", "regressions[github] <= 1"]
    result = judge(rules, comparisons=(both,))
    assert lines(result)[:4] == [
        "regressions: 1 <= 0 — failed",
        "brief/regressions: 1 <= 0 — failed",
        "regressions[arxiv]: 0 <= 0 — passed",
        "regressions[github]: 1 <= 1 — passed",
    ]
    assert result.rules[0].cases == result.rules[1].cases == ("links/b",)


def test_regressions_of_a_scorer_are_those_it_has_a_part_in() -> None:
    both = compare(
        [row("b", scores={"brief": False, "brevity": 0.9})], CASES, kind="baseline", before_name="b", after_name="s"
    )
    assert first("brief/regressions <= 0", comparisons=(both,)).value == 0
    assert first("brevity/regressions <= 0", comparisons=(both,)).value == 1


def test_a_baseline_without_a_case_of_this_session_measures_nothing() -> None:
    both = compare([row("z")], CASES, kind="baseline", before_name="b", after_name="s")
    assert line(first("regressions <= 0", comparisons=(both,))) == (
        "regressions: not measured: no case of this session is in the baseline — failed"
    )


def test_regressions_of_a_variant_are_its_own() -> None:
    cases = [row("a", "failed", variant="small"), row("a", variant="large"), row("n", variant="new")]
    before = [case.model_copy(update={"outcome": "passed"}) for case in cases[:2]]
    both = compare_with_baseline(before, cases, baseline_name="main", session_name="now")
    assert lines(judge(["regressions <= 0", "errors <= 0"], cases, comparisons=both))[:3] == [
        "regressions {small}: 1 <= 0 — failed",
        "regressions {large}: 0 <= 0 — passed",
        "regressions {new}: not measured: no case of this session is in the baseline — failed",
    ]


def test_one_comparison_of_all_variants_gives_each_its_own_regressions_too() -> None:
    cases = [row("a", "failed", variant="small"), row("a", variant="large")]
    before = [case.model_copy(update={"outcome": "passed"}) for case in cases]
    both = compare(before, cases, kind="baseline", before_name="main", after_name="now")
    assert [one.value for one in judge(["regressions <= 0", "errors <= 0"], cases, comparisons=(both,)).rules[:2]] == [
        1,
        0,
    ]


def test_two_variants_compared_are_no_baseline() -> None:
    both = compare([row("a")], CASES, kind="variants", before_name="small", after_name="large")
    with pytest.raises(ConfigurationError, match="there is no baseline"):
        judge("regressions <= 0", comparisons=(both,))
