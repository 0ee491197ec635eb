from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.mlops.evaluation.reporting import formats
from technoshare_commentator.mlops.evaluation.reporting.excerpts import Limits, as_text, excerpt, fields_of
from technoshare_commentator.mlops.evaluation.session_results import Interval


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (formats.duration(None), "–"),
        (formats.duration(0.0), "0 ms"),
        (formats.duration(0.0042), "4.2 ms"),
        (formats.duration(0.34), "340 ms"),
        (formats.duration(1.239), "1.24 s"),
        (formats.duration(59.94), "59.9 s"),
        (formats.duration(125.4), "2 min 05 s"),
        (formats.duration(3599.6), "1 h 00 min"),
        (formats.duration(float("nan")), "–"),
        (formats.dollars(None), "–"),
        (formats.dollars(0.0), "$0"),
        (formats.dollars(0.00012), "$0.00012"),
        (formats.dollars(0.1234), "$0.123"),
        (formats.dollars(1234.5), "$1,234.50"),
        (formats.percent(1.0), "100%"),
        (formats.percent(0.9423), "94.2%"),
        (formats.percent(None), "–"),
        (formats.number(1234567.0), "1,234,567"),
        (formats.number(0.12345), "0.123"),
        (formats.number(0.000001234), "0.00000123"),
        (formats.short_number(0.824), ".82"),
        (formats.short_number(-0.5), "-.50"),
        (formats.short_number(0.999), "1.0"),
        (formats.short_number(12.34), "12.3"),
        (formats.short_number(1234.0), "1.2k"),
        (formats.points(0.0642), "+6.4"),
        (formats.points(-0.02), "−2.0"),
        (formats.points(-0.0001), "0.0"),
        (formats.p_value(0.0004), "< 0.001"),
        (formats.p_value(0.0312), "0.031"),
        (formats.p_value(None), "–"),
        (formats.percent_range(Interval(low=0.5, high=1.0)), "50–100%"),
        (formats.percent_range(None), ""),
        (formats.number_range(Interval(low=-0.5, high=1.0)), "-0.5 to 1"),
        (formats.trimmed("2.00 s"), "2 s"),
        (formats.trimmed("$0.0050"), "$0.005"),
        (formats.trimmed("200 ms"), "200 ms"),
        (formats.moment("2026-01-05T10:00:00+01:00"), "2026-01-05 09:00 UTC"),
        (formats.moment("2026-01-05T10:00:00"), "2026-01-05 10:00"),
        (formats.moment("yesterday"), "yesterday"),
        (formats.moment("0001-01-01T00:00:00+05:00"), "0001-01-01T00:00:00+05:00"),
        (formats.plural(1, "case"), "1 case"),
        (formats.plural(1200, "case"), "1,200 cases"),
        (formats.seen("a\x1b[31m\r\n\tb\ud800"), "a␛[31m\n\tb?"),
        (formats.shortened("x" * 700), "x" * 600 + " … cut, 100 characters more"),
        (str(formats.breakable("a_<b>.c")), "a_<wbr>&lt;b&gt;.<wbr>c"),
    ],
)
def test_numbers_and_times_read_like_this(shown: str, expected: str) -> None:
    assert shown == expected


@given(value=st.floats() | st.none())
def test_there_is_no_number_that_cannot_be_shown(value: float | None) -> None:
    known = 0.0 if value is None else value
    may_be_unknown = (formats.duration, formats.dollars, formats.percent, formats.number, formats.p_value)
    shown = [one(value) for one in may_be_unknown]
    shown += [one(known) for one in (formats.short_number, formats.points, formats.signed_number)]
    assert all(shown)


@given(text=st.text(alphabet=st.characters(codec=None)))
def test_whatever_was_said_can_be_written_to_a_file(text: str) -> None:
    formats.seen(text).encode()


def test_limits_are_shared_among_cases() -> None:
    assert Limits.for_cases(10) == Limits()
    assert Limits.for_cases(1000).case * 1000 < 8_000_000
    assert Limits.for_cases(10**9).shown == 200


def test_a_cut_that_saves_next_to_nothing_is_none() -> None:
    assert excerpt("x" * 1080, 1000).more == 0
    assert excerpt("x" * 1081, 1000) == ("x" * 1000, 81)


def test_inputs_are_shown_field_by_field() -> None:
    found = fields_of({"url": "https://a", "page": {"title": "ü"}, "none": None}, 100)
    assert [(one.name, one.value.text) for one in found] == [
        ("url", "https://a"),
        ("page", '{\n  "title": "ü"\n}'),
        ("none", ""),
    ]
    assert fields_of("just text", 100) == (("", ("just text", 0)),)
    assert fields_of(None, 100) == ()
    assert fields_of({str(number): number for number in range(60)}, 100)[-1].value.text == "and 10 fields more"


def test_what_is_no_json_is_named() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    assert as_text(deep) == "a list that is no JSON"
    assert as_text({(1, 2): 3}) == "a dict that is no JSON"
