from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.mlops.evaluation.reporting.charts import (
    BAR_WIDTH,
    PLOT_HEIGHT,
    PLOT_WIDTH,
    difference_bar,
    histogram,
    nice_ticks,
    share_bar,
    timeline_bar,
    widest,
)
from technoshare_commentator.mlops.evaluation.reporting.span_view import span_views
from technoshare_commentator.mlops.evaluation.session_results import Interval, ScoreChange, SpanRow

SECONDS = st.floats(0, 1e9)
SPANS = st.builds(
    SpanRow,
    name=st.uuids().map(str),
    parent=st.none() | st.integers(-2, 12),
    start_seconds=st.floats(),
    seconds=st.floats(),
)


def test_a_rate_and_its_interval_stand_where_they_belong() -> None:
    bar = share_bar(0.75, Interval(low=0.5, high=0.9))
    assert (bar.point, bar.bar) == (75.0, (50.0, 40.0))
    assert share_bar(1.0, None).bar is None


def test_differences_share_an_axis_around_zero() -> None:
    up = ScoreChange(scorer="a", kind="rate", pairs=9, before=0.5, after=0.7, interval=Interval(low=-0.1, high=0.4))
    down = ScoreChange(scorer="b", kind="rate", pairs=9, before=0.5, after=0.4)
    limit = widest([up, down])
    assert limit == pytest.approx(0.4)
    bars = [difference_bar(one, limit) for one in (up, down)]
    assert [bar.point for bar in bars] == [pytest.approx(75.0), pytest.approx(37.5)]
    assert {bar.zero for bar in bars} == {BAR_WIDTH / 2}
    assert bars[0].bar is not None
    assert list(bars[0].bar) == pytest.approx([37.5, 62.5])


def test_where_nothing_changed_there_is_an_axis_all_the_same() -> None:
    same = ScoreChange(scorer="a", kind="rate", pairs=9, before=0.5, after=0.5)
    assert difference_bar(same, widest([same])).point == BAR_WIDTH / 2


@given(values=st.lists(SECONDS, min_size=1, max_size=200))
def test_a_histogram_holds_every_value_and_stays_inside_its_frame(values: list[float]) -> None:
    drawn = histogram(values, min(values), max(values))
    assert sum(column.cases for column in drawn.columns) == len(values)
    assert all(0 <= column.y <= PLOT_HEIGHT and column.x + column.width <= PLOT_WIDTH + 0.1 for column in drawn.columns)
    assert all(0 <= mark.x <= PLOT_WIDTH for mark in drawn.marks)
    assert all(0 <= tick.x <= PLOT_WIDTH for tick in drawn.ticks)


def test_columns_lie_where_their_values_are() -> None:
    drawn = histogram([0.0, 0.1, 5.5, 6.0], 0.0, 6.0)
    assert [column.cases for column in drawn.columns] == [2, 0, 0, 0, 0, 2]
    assert [mark.name for mark in drawn.marks] == ["p50", "p95"]
    assert [mark.value for mark in drawn.marks] == pytest.approx([2.8, 5.925])


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 6.4, [0, 2, 4, 6]),
        (0, 0.0091, [0, 0.002, 0.004, 0.006, 0.008]),
        (-1, 1, [-1, -0.5, 0, 0.5, 1]),
        (3, 3, [3]),
        (0, math.inf, [0]),
        (0, 5e-324, [0]),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, expected: list[float]) -> None:
    assert nice_ticks(low, high) == pytest.approx(expected)


@given(start=st.floats(), seconds=st.floats(), total=st.floats())
def test_a_bar_of_a_timeline_never_leaves_it(start: float, seconds: float, total: float) -> None:
    bar = timeline_bar(start, seconds, total)
    assert bar.x >= 0
    assert bar.width > 0
    assert bar.x + bar.width <= BAR_WIDTH + 0.01


@given(spans=st.lists(SPANS, max_size=12))
def test_every_span_is_shown_once_wherever_its_parents_lead(spans: list[SpanRow]) -> None:
    views, more = span_views(spans, 100)
    assert sorted(view.row.name for view in views) == sorted(span.name for span in spans)
    assert more == 0


def test_spans_stand_below_their_parents_in_the_order_of_their_start() -> None:
    spans = [
        SpanRow(name="root", seconds=4.0),
        SpanRow(name="second", parent=0, start_seconds=2.0, seconds=1.0),
        SpanRow(name="first", parent=0, start_seconds=1.0, seconds=1.0),
        SpanRow(name="inner", parent=2, start_seconds=1.5, seconds=0.5),
    ]
    views, _ = span_views(spans, 100)
    assert [(view.row.name, view.depth, view.bar) for view in views] == [
        ("root", 0, (0.0, 100.0)),
        ("first", 1, (25.0, 25.0)),
        ("inner", 2, (37.5, 12.5)),
        ("second", 1, (50.0, 25.0)),
    ]


def test_of_very_many_spans_the_rest_is_counted() -> None:
    views, more = span_views([SpanRow(name=str(number)) for number in range(100)], 100)
    assert (len(views), more) == (80, 20)
