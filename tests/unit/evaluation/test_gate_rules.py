from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.gate import line, parse_rule
from technoshare_commentator.mlops.evaluation.session_results import RuleResult


@pytest.mark.parametrize("value", [0.1 + 0.2, 0.3, 3 * 0.1, 1 - 0.7])
def test_noise_of_floats_neither_makes_nor_breaks_a_rule(value: float) -> None:
    verdicts = {
        operator: parse_rule(f"x/mean {operator} 0.3").holds(value) for operator in (">=", "<=", "==", ">", "<")
    }
    assert verdicts == {">=": True, "<=": True, "==": True, ">": False, "<": False}


def test_a_near_miss_is_shown_with_the_digits_it_takes_to_see_it() -> None:
    missed = RuleResult(rule="pass_rate >= 0.98", value=293_999 / 300_000, verdict="failed")
    assert line(missed) == "pass_rate: 0.979997 >= 0.98 — failed"


@settings(max_examples=200)
@given(total=st.integers(1, 2000), data=st.data())
def test_a_printed_line_never_contradicts_its_verdict(total: int, data: st.DataObject) -> None:
    value = data.draw(st.integers(0, total)) / total
    bound = data.draw(st.integers(0, 1000)) / 1000
    rule = parse_rule(f"pass_rate {data.draw(st.sampled_from(['>=', '<=', '>', '<', '==']))} {bound}")
    verdict = "passed" if rule.holds(value) else "failed"
    text = line(RuleResult(rule=rule.text, value=value, verdict=verdict))
    shown = float(text.split()[1])
    assert rule.holds(shown) == rule.holds(value)
    assert shown == pytest.approx(value, abs=5.1e-5)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.94231, "0.9423"), (3.0, "3"), (1234567.0, "1234567"), (0.00012345678, "0.0001235"), (0.0, "0")],
)
def test_numbers_are_short_and_readable(value: float, shown: str) -> None:
    assert line(RuleResult(rule="cost_usd >= 0", value=value, verdict="passed")) == f"cost_usd: {shown} >= 0 — passed"


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("pass_rate>=.98", "pass_rate >= .98"),
        ("  pass_rate   >=  0.98 ", "pass_rate >= 0.98"),
        ("brief/pass@3 [github] == 1", "brief/pass@3[github] == 1"),
        ("my scorer/mean > -1.5e3", "my scorer/mean > -1.5e3"),
        ("rouge/l/mean < +2", "rouge/l/mean < +2"),
    ],
)
def test_rules_are_read_with_or_without_spaces(text: str, normal: str) -> None:
    assert parse_rule(text).text == normal
    assert parse_rule(normal) == parse_rule(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "pass_rate",
        "pass_rate >=",
        ">= 1",
        "pass_rate => 1",
        "pass_rate >= 98%",
        "pass_rate >= nan",
        "a = 1",
        "1 > 2",
    ],
)
def test_what_is_no_rule_is_an_error_that_shows_one(text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_rule(text)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=40))
def test_whatever_stands_in_a_rule_is_a_rule_or_an_error_that_names_it(text: str) -> None:
    try:
        rule = parse_rule(text)
    except ConfigurationError as error:
        assert repr(text) in str(error)  # noqa: PT017 - either way is fine
    else:
        assert parse_rule(rule.text) == rule
