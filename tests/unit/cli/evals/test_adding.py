from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.cli.evals.adding import Kind, add, parse_since

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30m", NOW - timedelta(minutes=30)),
        ("12h", NOW - timedelta(hours=12)),
        ("7d", NOW - timedelta(days=7)),
        (" 2w ", NOW - timedelta(weeks=2)),
        ("2026-01-01", datetime(2026, 1, 1, tzinfo=UTC)),
        ("2026-01-05T08:59", datetime(2026, 1, 5, 8, 59, tzinfo=UTC)),
        ("2026-01-05T10:30+02:00", datetime(2026, 1, 5, 8, 30, tzinfo=UTC)),
    ],
)
def test_since_is_a_period_or_a_date(text: str, expected: datetime) -> None:
    assert parse_since(text, NOW) == expected


@pytest.mark.parametrize("text", ["", "7", "d", "7 d", "-7d", "7D", "1y", "yesterday", "2026-13-01", "٧d"])
def test_what_is_neither_says_what_to_write(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="write 30m, 12h, 7d, 2w or a date such as 2026-01-05"):
        parse_since(text, NOW)


def test_a_time_that_is_still_to_come_is_a_mistake() -> None:
    with pytest.raises(typer.BadParameter, match="is still to come; it is 2026-01-05 09:00 UTC"):
        parse_since("2026-01-06", NOW)


@given(number=st.integers(0, 99_999), unit=st.sampled_from("mhdw"))
def test_every_period_is_a_moment_of_the_past(number: int, unit: str) -> None:
    assert parse_since(f"{number}{unit}", NOW) <= NOW


@given(text=st.text(max_size=30) | st.datetimes(timezones=st.none() | st.just(UTC)).map(str))
def test_whatever_is_written_is_a_moment_or_a_mistake(text: str) -> None:
    with suppress(typer.BadParameter):
        assert parse_since(text, NOW) <= NOW


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "give the ids of runs, or --from failures, successes or all"),
        ({"run_ids": ["a"], "kind": Kind.ALL}, "not both"),
        ({"run_ids": ["a"], "since": "7d"}, "they go with --from"),
        ({"run_ids": ["a"], "limit": 3}, "they go with --from"),
        ({"run_ids": ["a", "b"], "example_id": "x"}, "it names one example"),
        ({"kind": Kind.FAILURES, "example_id": "x"}, "it names one example"),
    ],
)
def test_flags_that_do_not_go_together_are_a_mistake(given: dict[str, Any], message: str) -> None:
    with pytest.raises(typer.BadParameter, match=message):
        add(**given)
