"""The arithmetic of rates and pauses, over times that the tests make up."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.mlops.evaluation.running.pacing import EARLY, MINUTE, PACKED_SIZE, Pace, interval, unpacked
from technoshare_commentator.mlops.evaluation.running.throttling import LONGEST_PAUSE, Throttle

RATES = st.floats(0.2, 5000)
A_LITTLE = 1e-6
SOON = Throttle(5.0)


def starts(pace: Pace, most: float, now: float, seconds: float) -> list[float]:
    """When requests start if there is always one waiting."""
    times = []
    until = now + seconds
    while now < until:
        wait = pace.wait(now, most)
        if wait > 0:
            now += wait
        else:
            pace.start(now, most)
            times.append(now)
    return times


def most_in_a_minute(times: list[float]) -> int:
    return max(sum(start <= time < start + MINUTE - A_LITTLE for time in times) for start in times)


@given(
    st.floats(0.2, 300),
    st.lists(st.floats(0, 20) | st.floats(0, 0.2) | st.just(0.0), max_size=80),
    st.lists(st.integers(0, 79), max_size=3),
)
def test_no_minute_holds_more_than_the_rate_however_requests_come(
    most: float, gaps: list[float], refused_at: list[int]
) -> None:
    pace, now, times = Pace(), 1000.0, list[float]()
    for number, gap in enumerate(gaps):
        now += gap
        while (wait := pace.wait(now, most)) > 0:
            now += wait
        pace.start(now, most)
        times.append(now)
        if number in refused_at:
            pace.refused(now, Throttle(0.5), now, most, 1.0)
        else:
            pace.accepted(now, most)
    assert not times or most_in_a_minute(times) <= math.ceil(most)


def test_requests_are_spaced_evenly_after_a_tenth_of_a_seconds_worth() -> None:
    pace = Pace()
    times = starts(pace, 1200.0, 1000.0, MINUTE)
    at_once = [time for time in times if time == 1000.0]
    gaps = {round(later - earlier, 6) for earlier, later in pairwise(times[len(at_once) :])}
    assert len(at_once) == 1 + int(EARLY / interval(1200))
    assert gaps == {round(interval(1200), 6)}
    assert sum(time < 1000.0 + MINUTE - A_LITTLE for time in times) == 1200


@given(RATES, st.floats(0, 600))
def test_waking_up_late_costs_nothing_as_long_as_it_is_not_very_late(most: float, start: float) -> None:
    pace, now, late, times = Pace(), start, EARLY * 0.9, 40
    for _ in range(times):
        if (wait := pace.wait(now, most)) > 0:
            now += wait + late
        assert pace.wait(now, most) <= A_LITTLE
        pace.start(now, most)
    assert now - start <= times * interval(most) + late + A_LITTLE


def test_without_a_rate_nobody_waits() -> None:
    pace = Pace()
    for _ in range(1000):
        assert pace.wait(7.0, math.inf) == 0
        pace.start(7.0, math.inf)
    assert not pace.was_refused


def under_way(pace: Pace, count: int, now: float, most: float = math.inf) -> None:
    for _ in range(count):
        assert pace.wait(now, most) == 0
        pace.start(now, most)


def test_a_refusal_pauses_for_as_long_as_the_server_says_and_falls_below_what_it_had_taken() -> None:
    pace = Pace()
    under_way(pace, 61, 100.0)
    pace.refused(102.0, Throttle(58.0), 100.0, math.inf, 1.0)
    assert pace.wait(102.0, math.inf) == 58.0
    assert pace.wait(160.0, math.inf) == 0
    assert pace.per_minute == pytest.approx(42.0)  # 0.7 of the 60 accepted in the 60 s until it takes more


def test_refusals_of_requests_that_were_under_way_together_slow_down_once_and_tell_the_rate_better() -> None:
    pace = Pace()
    under_way(pace, 64, 100.0)
    for number in range(4):
        pace.refused(101.0 + number, Throttle(59.0 - number), 100.0, math.inf, 1.0)
    assert pace.per_minute == pytest.approx(42.0)
    assert pace.refusals == 1
    pace.refused(161.0, Throttle(), 100.0, math.inf, 1.0)  # a straggler, after the pause
    assert pace.per_minute == pytest.approx(42.0)
    assert pace.wait(161.0, math.inf) == 0


def test_a_configured_rate_falls_when_it_is_lower_than_what_was_accepted() -> None:
    pace = Pace()
    under_way(pace, 1, 100.0, 90.0)
    under_way(pace, 1, 101.0, 90.0)
    pace.refused(101.1, Throttle(1.0), 101.0, 90.0, 1.0)
    assert pace.per_minute == pytest.approx(63.0)


def test_successes_add_one_a_minute_each_until_the_configured_rate_is_reached() -> None:
    pace = Pace(per_minute=70.0, before=100.0, slowed_at=100.0, refusals=1.0)
    pace.accepted(99.0, 73.0)  # began before the refusal, so it tells nothing
    assert (pace.per_minute, pace.refusals) == (70.0, 1)
    rates = []
    for _ in range(3):
        pace.accepted(101.0, 73.0)
        rates.append(pace.per_minute)
    assert rates == [71, 72, math.inf]
    assert not pace.was_refused


def test_a_low_rate_rises_in_small_steps() -> None:
    pace = Pace(per_minute=5.0, slowed_at=100.0)
    pace.accepted(101.0, math.inf)
    assert pace.per_minute == pytest.approx(5.25)


def test_a_server_that_does_not_say_for_how_long_is_left_alone_twice_as_long_each_time() -> None:
    pace, now, pauses = Pace(), 100.0, []
    for _ in range(9):
        pace.start(now, math.inf)
        pace.refused(now, Throttle(), now, math.inf, 1.0)
        pauses.append(pace.paused_until - now)
        now = pace.paused_until + 1
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    pace.accepted(now, math.inf)
    pace.refused(now, Throttle(), now, math.inf, 0.5)
    assert pace.paused_until - now == 0.5


def test_a_server_that_says_now_and_refuses_again_is_left_alone_for_a_moment() -> None:
    pace, now, pauses = Pace(), 100.0, []
    for _ in range(3):
        pace.start(now, math.inf)
        pace.refused(now, Throttle(0.0), now, math.inf, 1.0)
        pauses.append(pace.paused_until - now)
        now = pace.paused_until + 1
    assert pauses == [0, 1, 1]


def test_a_server_that_has_accepted_others_meanwhile_is_left_alone_no_longer_than_the_first_time() -> None:
    pace, now, pauses = Pace(per_minute=60.0), 100.0, []
    for _ in range(4):
        under_way(pace, 1, now)
        under_way(pace, 1, now + 10)
        pace.refused(now + 11, Throttle(), now + 10, math.inf, 1.0)
        pauses.append(pace.paused_until - now - 11)
        now += 60
    assert pauses == [1, 1, 1, 1]


def test_nobody_is_left_alone_for_more_than_the_longest_pause() -> None:
    pace = Pace()
    pace.refused(100.0, Throttle(1e9), 99.0, math.inf, 1.0)
    assert pace.wait(100.0, math.inf) == LONGEST_PAUSE


def test_who_waits_for_a_slow_rate_need_not_once_it_is_faster() -> None:
    pace = Pace(per_minute=1.0)
    under_way(pace, 1, 100.0)
    assert pace.wait(101.0, math.inf) == pytest.approx(interval(1.0) - EARLY - 1.0)
    pace.per_minute = 60.0
    assert pace.wait(102.0, math.inf) == pytest.approx(interval(60.0))
    assert pace.wait(103.1, math.inf) == 0


def test_a_straggler_from_before_the_pause_takes_nothing_away_from_what_was_accepted_since() -> None:
    pace = Pace()
    under_way(pace, 20, 100.0)
    pace.refused(101.0, SOON, 100.0, math.inf, 1.0)
    under_way(pace, 1, 107.0)
    pace.refused(108.0, SOON, 100.0, math.inf, 1.0)
    assert pace.granted == 1


def test_a_first_request_that_is_refused_tells_nothing_about_the_rate() -> None:
    pace = Pace(per_minute=50.0, before=100.0, since=10.0, paused_until=90.0, slowed_at=11.0, refusals=1.0)
    under_way(pace, 1, 100.0)
    pace.refused(100.1, SOON, 100.0, math.inf, 1.0)
    assert pace.per_minute == 50.0
    under_way(pace, 1, 106.0)
    under_way(pace, 1, 107.2)
    pace.refused(107.3, SOON, 107.2, math.inf, 1.0)
    assert pace.per_minute == 35.0


@given(st.lists(st.floats(0, 1e6) | st.floats(0, 2), max_size=60), st.floats(0.2, 1e5) | st.just(math.inf))
def test_whatever_happens_nobody_waits_longer_than_the_longest_pause(numbers: list[float], most: float) -> None:
    pace, now = Pace(), 0.0
    for place, number in enumerate(numbers):
        now += number
        if place % 3 == 0:
            pace.refused(now, Throttle(number), now - number, most, 0.7)
        elif place % 3 == 1:
            pace.accepted(now, most)
        elif pace.wait(now, most) == 0:
            pace.start(now, most)
        assert 0 <= pace.wait(now, most) <= max(LONGEST_PAUSE, interval(min(most, pace.per_minute))) + A_LITTLE
        assert pace.per_minute >= 1


NUMBERS = st.floats(allow_nan=False)


@given(st.builds(Pace, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS))
def test_what_is_packed_is_unpacked_again(pace: Pace) -> None:
    assert unpacked(pace.packed()) == pace
    assert len(pace.packed()) == PACKED_SIZE


@given(st.binary(max_size=PACKED_SIZE * 2), st.integers(0, PACKED_SIZE - 1))
def test_torn_and_foreign_bytes_are_nothing(content: bytes, length: int) -> None:
    assert unpacked(content) is None
    assert unpacked(Pace(spent_usd=3.0).packed()[:length]) is None
    whole = Pace(spent_usd=3.0).packed()
    assert unpacked(whole[:length] + bytes([whole[length] ^ 1]) + whole[length + 1 :]) is None
