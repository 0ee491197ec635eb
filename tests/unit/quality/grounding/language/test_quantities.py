from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.quality.grounding.language.quantities import is_counted, quantities
from technoshare_commentator.quality.grounding.language.quantity import plain


def measures(text: str) -> set[tuple[str, str]]:
    """Return the counted numbers of a text as (value or version, dimension)."""
    return {
        (plain(one.value) if one.value is not None and one.dimension else one.exact, one.dimension)
        for one in quantities(text)
        if is_counted(one)
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000 users", "1000 users"),
        ("1'000'000 rows", "1_000_000 rows"),
        ("40k stars", "40,000 stars"),
        ("40K stars", "40 thousand stars"),
        ("a 7B model", "a 7 billion model"),
        ("a 7-billion-parameter model", "a 7B-parameter model"),
        ("$3.5 million", "3.5 million dollars"),
        ("US$5bn", "$5 billion"),
        ("40%", "40 percent"),
        ("40 %", "40 pct"),
        ("1500 ms", "1.5 seconds"),
        ("90 minutes", "1.5 hours"),
        ("5-minute", "300 s"),
        ("2 GB", "2,000 MB"),
        ("1 GiB", "1024 MiB"),
        ("1.5x faster", "1.5 times faster"),
        ("2× the speed", "2x the speed"),
        ("v2.0", "version 2"),
        ("the 3rd time", "the time 3"),
        ("2025-03-05", "5 03 2025"),
        ("the 1990s", "the year 1990"),
        ("forty-two percent", "42%"),
        ("three million rows", "3M rows"),
        ("one hundred and five nodes", "105 nodes"),
        ("1e-5", "0.00001"),
        (".5 of it", "0.5 of it"),
        ("2 years", "24 months"),
    ],
)
def test_one_quantity_in_two_spellings_is_one(one: str, other: str) -> None:
    assert measures(one) == measures(other) != set()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Python 3.1", "Python 3.10"),
        ("v1.2.3", "v1.2.4"),
        ("40%", "40 ms"),
        ("40 ms", "40 s"),
        ("40", "400"),
        ("7B", "7M"),
        ("$5", "€5"),
        ("2 MB", "2 MiB"),
        ("10.0.0.1", "10.0.0.2"),
    ],
)
def test_different_quantities_stay_different(one: str, other: str) -> None:
    assert measures(one) != measures(other)


@pytest.mark.parametrize(
    "text", ["H100", "GPT-4", "CVE-2024-1234", "Llama-3.1-8B", "x86_64", "P100", "p8", "3D", "2FA", "4o", "K8s"]
)
def test_digits_inside_a_name_are_no_quantity(text: str) -> None:
    assert measures(text) == set()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sub-10 ms", {("0.01", "time")}),
        ("top-5 results", {("5", "")}),
        ("on 8 CPUs", {("8", "")}),
        ("1920x1080", {("1920", "times"), ("1080", "")}),
        ("see #22450 and [12]", {("22450", ""), ("12", "")}),
        ("the p99 latency", {("99", "")}),
        ("ratio 3:1", {("3", ""), ("1", "")}),
        ("3.x is old", {("3", "")}),
    ],
)
def test_numbers_are_found_among_the_marks_of_technical_prose(text: str, expected: set[tuple[str, str]]) -> None:
    assert measures(text) == expected


def test_the_writers_own_small_counts_in_words_need_no_source() -> None:
    assert measures("It compares three databases in ten ways.") == set()
    assert measures("It compares fifteen databases.") == {("15", "")}


@pytest.mark.parametrize(
    ("text", "value", "dimension"),
    [
        ("10 to 60 ms", Decimal("0.01"), "time"),
        ("10–15%", Decimal(10), "percent"),
        ("10-40k users", Decimal(10_000), ""),
        ("7 and 70B", Decimal(7_000_000_000), ""),
        ("twice as fast", Decimal(2), "times"),
    ],
)
def test_a_range_implies_the_unit_of_its_first_number(text: str, value: Decimal, dimension: str) -> None:
    assert (value, dimension) in {(one.value, one.dimension) for one in quantities(text) if one.implied}


def test_two_numbers_that_only_stand_side_by_side_imply_nothing() -> None:
    assert not [one for one in quantities("40 users and 3 GB") if one.implied]


@given(st.text())
def test_any_text_has_some_quantities_or_none(text: str) -> None:
    for one in quantities(text):
        assert one.exact


@given(st.integers(min_value=0, max_value=10**12))
def test_thousands_separators_do_not_change_a_number(number: int) -> None:
    assert measures(f"{number:,} rows") == measures(f"{number} rows")


@pytest.mark.parametrize("text", [".0", ".00 ms", "a value of .0 seconds"])
def test_nothing_but_zeros_behind_a_point_is_zero(text: str) -> None:
    [zero] = quantities(text)
    assert (zero.exact, zero.value) == ("0", Decimal(0))
