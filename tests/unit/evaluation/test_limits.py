"""Limits as one process sees them; two `Limits` over one folder are what two workers have."""

from __future__ import annotations

import asyncio
import logging
import math
import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops.evaluation.running.limits import (
    STATE_FILE,
    Limits,
    Throttle,
    request_slot,
    request_slot_sync,
)
from technoshare_commentator.mlops.evaluation.running.pacing import EARLY, MINUTE, interval

if TYPE_CHECKING:
    from pathlib import Path

EVERY_50_MS = MINUTE / 0.05
A_LITTLE = 1e-6


async def slots(limits: Limits, count: int) -> list[float]:
    return await asyncio.gather(*(limits.slot() for _ in range(count)))


def test_cases_begin_in_the_order_in_which_they_asked_and_no_faster_than_the_rate() -> None:
    times = asyncio.run(slots(Limits(None, per_minute=EVERY_50_MS), 8))
    assert times == sorted(times)
    assert times[-1] - times[0] >= 7 * interval(EVERY_50_MS) - EARLY - A_LITTLE


def test_without_limits_and_refusals_nobody_waits(tmp_path: Path) -> None:
    for limits in (Limits(None), Limits(tmp_path)):
        began = time.monotonic()
        asyncio.run(slots(limits, 2000))
        limits.succeeded(began)
        assert time.monotonic() - began < 2
        assert not limits.exhausted
        assert limits.pause_seconds == 0


def test_when_one_is_refused_all_wait_and_then_go_one_by_one_until_successes_make_them_faster(tmp_path: Path) -> None:
    one, other = Limits(tmp_path), Limits(tmp_path)

    async def session() -> None:
        began = await one.slot()
        await slots(other, 10)
        one.throttled(Throttle(0.3), began)
        told = time.monotonic()
        times = await slots(other, 3) + await slots(one, 1)
        assert min(times) >= told + 0.3 - 0.01
        assert (
            times[-1] - times[0] >= 3 * interval(10 * MINUTE * 0.7) - EARLY
        )  # ten were accepted, in what counts as 1 s
        slower = other._board.last_seen.per_minute
        other.succeeded(began)
        other.succeeded(max(times))
        assert slower < other._board.last_seen.per_minute < slower * 1.1

    asyncio.run(session())


def test_a_refusal_does_not_hold_up_who_is_at_work_already() -> None:
    limits = Limits(None)

    async def session() -> list[str]:
        order: list[str] = []

        async def at_work() -> None:
            await asyncio.sleep(0.05)
            order.append("at work")

        async def newcomer() -> None:
            await limits.slot()
            order.append("newcomer")

        limits.throttled(Throttle(0.2), await limits.slot())
        await asyncio.gather(newcomer(), at_work())
        return order

    assert asyncio.run(session()) == ["at work", "newcomer"]


def test_who_is_cancelled_while_waiting_takes_nothing_with_them() -> None:
    limits = Limits(None)

    async def session() -> float:
        limits.throttled(Throttle(0.3), await limits.slot())
        waiting = [asyncio.create_task(limits.slot()) for _ in range(5)]
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await limits.slot()
        return limits._board.last_seen.granted

    assert asyncio.run(session()) == 1


def test_what_cases_cost_adds_up_over_all_workers_until_the_budget_is_spent(tmp_path: Path) -> None:
    one, other = Limits(tmp_path, max_cost_usd=1.0), Limits(tmp_path, max_cost_usd=1.0)
    one.spend(0.75)
    other.spend(None)
    other.spend(math.nan)
    other.spend(-5.0)
    assert (one.spent_usd, other.exhausted) == (0.75, False)
    other.spend(0.25)
    assert (other.spent_usd, one.exhausted) == (1.0, True)
    assert not Limits(tmp_path).exhausted


def test_once_the_budget_is_spent_nobody_waits_for_a_rate_or_a_pause() -> None:
    limits = Limits(None, per_minute=1.0, max_cost_usd=1.0)

    async def session() -> None:
        limits.throttled(Throttle(60.0), await limits.slot())
        waiting = asyncio.create_task(limits.slot())
        await asyncio.sleep(0)
        limits.spend(1.0)
        await asyncio.wait_for(waiting, 20)
        await asyncio.wait_for(asyncio.gather(*(limits.slot() for _ in range(50))), 20)

    asyncio.run(session())
    assert limits.exhausted


def test_a_case_pays_for_its_further_requests_even_if_the_budget_is_spent() -> None:
    limits = Limits(None, per_minute=EVERY_50_MS, max_cost_usd=1.0)
    limits.spend(1.0)

    async def case() -> list[float]:
        times = []
        with limits.case():
            for _ in range(6):
                await request_slot()
                times.append(time.monotonic())
        return times

    times = asyncio.run(case())
    assert times[-1] - times[0] >= 4 * interval(EVERY_50_MS) - EARLY - A_LITTLE


def test_the_first_request_of_a_case_is_paid_for_whoever_makes_it() -> None:
    limits = Limits(None)

    async def granted_in_a_case(requests: int) -> float:
        before = limits._board.last_seen.granted
        with limits.case():
            await asyncio.gather(*(request_slot() for _ in range(requests)))
        return limits._board.last_seen.granted - before

    assert asyncio.run(granted_in_a_case(1)) == 0
    assert asyncio.run(granted_in_a_case(1)) == 0
    assert asyncio.run(granted_in_a_case(3)) == 2


def test_outside_a_case_requests_are_nobodys_business() -> None:
    limits = Limits(None)
    with limits.case():
        pass
    for _ in range(3):
        asyncio.run(request_slot())
        request_slot_sync()
    assert limits._board.last_seen.granted == 0


def test_tasks_in_threads_and_on_loops_of_their_own_wait_as_well() -> None:
    limits = Limits(None, per_minute=EVERY_50_MS)
    times: list[float] = []

    def plain(requests: int) -> None:
        for _ in range(requests):
            request_slot_sync()
            times.append(time.monotonic())

    def own_loop(requests: int) -> None:
        async def ask() -> None:
            await request_slot()
            times.append(time.monotonic())

        async def together() -> None:
            await asyncio.gather(*(ask() for _ in range(requests)))

        asyncio.run(together())

    async def cases() -> None:
        with limits.case():
            await asyncio.gather(*(asyncio.to_thread(task, 3) for task in (plain, own_loop, plain, own_loop)))

    asyncio.run(cases())
    assert len(times) == 12
    assert max(times) - min(times) >= 10 * interval(EVERY_50_MS) - EARLY - A_LITTLE


@pytest.mark.parametrize("content", [b"", b"\0" * 76, b"\xff" * 76, b"{}", b"x" * 5000])
def test_a_torn_file_costs_nobody_what_they_knew(tmp_path: Path, content: bytes) -> None:
    one, other = Limits(tmp_path, max_cost_usd=9.0), Limits(tmp_path, max_cost_usd=9.0)
    one.spend(2.0)
    assert other.spent_usd == 2.0
    (tmp_path / STATE_FILE).write_bytes(content)
    other.spend(1.0)
    assert (other.spent_usd, one.spent_usd, Limits(tmp_path).spent_usd) == (3.0, 3.0, 3.0)


def test_a_state_that_was_cut_short_is_survived(tmp_path: Path) -> None:
    limits = Limits(tmp_path, per_minute=EVERY_50_MS)
    asyncio.run(slots(limits, 3))
    file = tmp_path / STATE_FILE
    os.truncate(file, file.stat().st_size // 2)
    times = asyncio.run(slots(Limits(tmp_path, per_minute=EVERY_50_MS), 6))
    assert times[-1] - times[0] >= 5 * interval(EVERY_50_MS) - EARLY - A_LITTLE


def a_file_in_the_way(folder: Path) -> Path:
    (folder / "file").write_text("")
    return folder / "file"


def a_folder_in_the_way(folder: Path) -> Path:
    (folder / STATE_FILE).mkdir()
    return folder


def a_device_without_room(folder: Path) -> Path:
    (folder / STATE_FILE).symlink_to("/dev/full")
    return folder


@pytest.mark.parametrize("broken", [a_file_in_the_way, a_folder_in_the_way, a_device_without_room])
def test_a_folder_that_cannot_be_used_costs_one_warning_and_no_limit(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, broken: type[Path]
) -> None:
    caplog.set_level(logging.WARNING)
    limits = Limits(broken(tmp_path), per_minute=EVERY_50_MS, max_cost_usd=1.0)
    times = asyncio.run(slots(limits, 6))
    assert times[-1] - times[0] >= 5 * interval(EVERY_50_MS) - EARLY - A_LITTLE
    limits.throttled(Throttle(5.0), times[-1])
    limits.spend(1.0)
    assert limits.exhausted
    assert limits.pause_seconds > 0
    (message,) = caplog.messages
    assert message.startswith("each worker keeps to rate limits and budget on its own: ")


def test_a_folder_that_vanishes_takes_nothing_with_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = tmp_path / "of" / "the session"
    limits = Limits(folder, max_cost_usd=1.0)
    limits.spend(0.5)
    (folder / STATE_FILE).unlink()
    folder.rmdir()
    limits.spend(0.5)
    assert limits.exhausted
    assert len(caplog.messages) == 1


def test_threads_of_one_process_lose_nothing_of_what_they_note(tmp_path: Path) -> None:
    limits = Limits(tmp_path)

    def spend() -> None:
        for _ in range(200):
            limits.spend(0.5)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert limits.spent_usd == 400.0
