"""Which cases are in flight in which process, and which are suspected of killing theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine_room import Log, work
from technoshare_commentator.pytest_plugin.flights import FlightLog, Flights, must_fly_alone

if TYPE_CHECKING:
    from pathlib import Path

A, B, C = (work(Log(), name) for name in "abc")


def test_everybody_sees_what_is_in_flight_where(tmp_path: Path) -> None:
    one, two, tower = FlightLog(tmp_path, "gw0"), FlightLog(tmp_path, "gw1"), Flights(tmp_path)
    one.started(A)
    one.started(B)
    two.started(C)
    one.ended(A)
    assert tower.in_flight() == set()
    tower.update()
    assert tower.in_flight() == {"b", "c"}
    assert (tower.in_flight("gw0"), tower.in_flight("gw1"), tower.in_flight("gw2")) == ({"b"}, {"c"}, set())
    assert tower.ended == 1
    two.ended(C)
    tower.update()
    assert tower.in_flight() == {"b"}
    assert tower.ended == 2


def test_a_case_may_fly_again_and_twice_at_once(tmp_path: Path) -> None:
    log, tower = FlightLog(tmp_path, "gw0"), Flights(tmp_path)
    for step in (log.started, log.started, log.ended):
        step(A)
    tower.update()
    assert tower.in_flight() == {"a"}
    log.ended(A)
    tower.update()
    assert tower.in_flight() == set()


def test_a_line_that_is_still_being_written_waits(tmp_path: Path) -> None:
    file, tower = tmp_path / "flight-gw0.log", Flights(tmp_path)
    file.write_bytes(b"+a\n+caf\xc3")
    tower.update()
    assert tower.in_flight() == {"a"}
    file.write_bytes(b"+a\n+caf\xc3\xa9\n")
    tower.update()
    assert tower.in_flight() == {"a", "café"}


def test_a_name_with_half_a_character_is_the_same_at_both_ends(tmp_path: Path) -> None:
    odd = work(Log(), "a")
    object.__setattr__(odd, "key", "folder\udcff/words.json:a")
    log, tower = FlightLog(tmp_path, "main"), Flights(tmp_path)
    log.started(odd)
    tower.update()
    assert len(tower.in_flight()) == 1
    log.ended(odd)
    tower.update()
    assert tower.in_flight() == set()


def test_what_was_in_flight_at_two_deaths_is_to_fly_alone(tmp_path: Path) -> None:
    tower = Flights(tmp_path)
    for worker, flying in (("gw0", (A, B)), ("gw1", (C,)), ("gw2", (B, C))):
        log = FlightLog(tmp_path, worker)
        for one in flying:
            log.started(one)
    assert tower.crashed("gw0") == {"a", "b"}
    assert must_fly_alone(tmp_path) == set()
    assert tower.in_flight() == {"b", "c"}  # elsewhere
    assert tower.crashed("gw2") == {"b", "c"}
    assert must_fly_alone(tmp_path) == {"b"}
    assert tower.in_flight("gw1") == {"c"}
    assert Flights(tmp_path).crashed("gw1") == {"c"}  # suspicions are on disk
    assert must_fly_alone(tmp_path) == {"b", "c"}


def test_what_a_dead_worker_flew_is_in_flight_for_nobody(tmp_path: Path) -> None:
    scheduler, display = Flights(tmp_path), Flights(tmp_path)
    for worker in ("gw0", "gw1"):
        FlightLog(tmp_path, worker).started(A)
        FlightLog(tmp_path, worker).ended(A)
        FlightLog(tmp_path, worker).started(B)
    display.update()
    scheduler.crashed("gw0")
    display.update()
    assert (display.in_flight("gw0"), display.in_flight("gw1"), display.ended) == (set(), {"b"}, 2)


def test_a_worker_that_dies_between_cases_makes_nothing_suspect(tmp_path: Path) -> None:
    log, tower = FlightLog(tmp_path, "gw0"), Flights(tmp_path)
    log.started(A)
    log.ended(A)
    assert tower.crashed("gw0") == set()
    assert tower.crashed("gw7") == set()
    assert must_fly_alone(tmp_path) == set()


@pytest.mark.parametrize("content", [None, "", "{", "\xff"])
def test_without_a_readable_list_nobody_is_suspect(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "suspects.json").write_text(content, encoding="latin-1")
    assert must_fly_alone(tmp_path) == set()
    assert Flights(tmp_path).crashed("gw0") == set()


def test_where_the_disk_refuses_a_log_says_nothing(tmp_path: Path) -> None:
    log = FlightLog(tmp_path / "gone", "gw0")
    log.started(A)
    log.ended(A)
    tower = Flights(tmp_path / "gone")
    tower.update()
    assert tower.in_flight() == tower.crashed("gw0") == set()
