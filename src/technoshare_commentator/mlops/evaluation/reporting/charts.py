"""Where the marks of a chart stand: pure geometry in the units of its SVG, which `templates/charts.html.jinja` draws.

Everything is a number that was computed here, so nothing of a stranger's ever becomes part of a drawing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from technoshare_commentator.mlops.evaluation.judging.statistics import percentile

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.session_results import Interval, ScoreChange

BAR_WIDTH = 100.0
PLOT_WIDTH, PLOT_HEIGHT = 320.0, 96.0
_FEWEST_BINS, _MOST_BINS = 6, 24
_LABEL_ROOM = 90.0  # what the label of a quantile takes at most
_LEAST_SPAN = 1e-200  # below it, powers of ten run out
_LEAST_SHARE = 0.004  # of a waterfall: a shorter bar would not be seen


class Bar(NamedTuple):
    """A horizontal stretch."""

    x: float
    width: float


@dataclass(frozen=True)
class IntervalBar:
    """A value with its interval between two bounds, which lie at 0 and at `BAR_WIDTH`; `zero` is where no change is."""

    point: float
    bar: Bar | None
    zero: float | None = None


@dataclass(frozen=True)
class Tick:
    """A place on an axis."""

    x: float
    value: float


@dataclass(frozen=True)
class Mark:
    """A quantile in a histogram; labels stand in a row each, for two may lie close together."""

    name: str
    x: float
    value: float
    row: int
    anchor: str


class Column(NamedTuple):
    """A bin of a histogram: where it stands, how many values it holds, and from where to where."""

    x: float
    y: float
    width: float
    height: float
    cases: int
    low: float
    high: float


@dataclass(frozen=True)
class Histogram:
    """How values are distributed, with their median and 95th percentile."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    count: int
    low: float
    high: float

    @property
    def most(self) -> int:
        """How many values the tallest column holds."""
        return max(column.cases for column in self.columns)


def share_bar(share: float, interval: Interval | None) -> IntervalBar:
    """A share of 1 and its interval, on an axis from 0 to 1."""
    return _interval_bar(share, interval, 0.0, 1.0)


def difference_bar(change: ScoreChange, limit: float) -> IntervalBar:
    """A difference and its interval on an axis from `-limit` to `limit`."""
    bar = _interval_bar(change.difference, change.interval, -limit, limit)
    return IntervalBar(bar.point, bar.bar, BAR_WIDTH / 2)


def widest(changes: Sequence[ScoreChange]) -> float:
    """How far differences and the ends of their intervals go from zero; a little where nothing changed."""
    ends = [abs(change.difference) for change in changes]
    ends += [abs(end) for change in changes if change.interval for end in (change.interval.low, change.interval.high)]
    return max([end for end in ends if math.isfinite(end)], default=0.0) or 0.01


def histogram(values: Sequence[float], low: float, high: float) -> Histogram:
    """Count values, of which there is at least one, into bins of equal width from `low` to `high`."""
    if high <= low:
        high = low + (abs(low) or 1.0)
    bins = min(_MOST_BINS, max(_FEWEST_BINS, math.ceil(2 * math.sqrt(len(values)))))
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int((value - low) / (high - low) * bins)))] += 1
    wide, most, step = PLOT_WIDTH / bins, max(counts), (high - low) / bins
    columns = tuple(
        Column(
            x=round(number * wide, 2),
            y=round(PLOT_HEIGHT * (1 - count / most), 2),
            width=round(wide, 2),
            height=round(PLOT_HEIGHT * count / most, 2),
            cases=count,
            low=low + number * step,
            high=low + (number + 1) * step,
        )
        for number, count in enumerate(counts)
    )
    ticks = tuple(Tick(_place(value, low, high, PLOT_WIDTH), value) for value in nice_ticks(low, high))
    return Histogram(columns, ticks, _marks(values, low, high), len(values), low, high)


def nice_ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten apart) between two bounds, `about` so many of them."""
    span = high - low
    if not (math.isfinite(span) and span > _LEAST_SPAN):
        return [low]
    power = 10.0 ** math.floor(math.log10(span / about))
    step = next((power * factor for factor in (1, 2, 5, 10) if span / (power * factor) <= about), power * 10)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def timeline_bar(start: float, seconds: float, total: float) -> Bar:
    """A stretch of a timeline that takes `total` seconds."""
    if total <= 0:
        return Bar(0.0, BAR_WIDTH)
    width = max(BAR_WIDTH * min(1.0, max(0.0, seconds) / total), BAR_WIDTH * _LEAST_SHARE)
    return Bar(round(min(_place(start, 0.0, total, BAR_WIDTH), BAR_WIDTH - width), 2), round(width, 2))


def _interval_bar(value: float, interval: Interval | None, low: float, high: float) -> IntervalBar:
    point = _place(value, low, high, BAR_WIDTH)
    if interval is None:
        return IntervalBar(point, None)
    left, right = (_place(end, low, high, BAR_WIDTH) for end in (interval.low, interval.high))
    return IntervalBar(point, Bar(left, round(max(right - left, 0.5), 2)))


def _marks(values: Sequence[float], low: float, high: float) -> tuple[Mark, ...]:
    median, tail = percentile(values, 50), percentile(values, 95)
    first, second = (_place(value, low, high, PLOT_WIDTH) for value in (median, tail))
    return (
        Mark("p50", first, median, 0, "end" if first > _LABEL_ROOM else "start"),
        Mark("p95", second, tail, 1, "start" if second < PLOT_WIDTH - _LABEL_ROOM else "end"),
    )


def _place(value: float, low: float, high: float, width: float) -> float:
    """Where a value stands on an axis; outside of it at its end, not a number at its beginning."""
    share = (value - low) / (high - low)
    return round(width * min(1.0, max(0.0, share)), 2) if not math.isnan(share) else 0.0
