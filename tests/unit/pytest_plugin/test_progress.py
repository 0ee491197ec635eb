"""How far a session is: what is said, where, and when nothing can be."""

from __future__ import annotations

import io
import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from case_results import case
from engine_room import Log, work
from technoshare_commentator.mlops.evaluation.results import CaseResult, Message
from technoshare_commentator.pytest_plugin.flights import FlightLog, Flights
from technoshare_commentator.pytest_plugin.gathering import Gathering
from technoshare_commentator.pytest_plugin.terminal import progress
from technoshare_commentator.pytest_plugin.terminal.progress import LiveLine, PlainLines, State, make_display
from waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO


@pytest.fixture
def gathering() -> Gathering:
    """Three cases are expected, one is over and has failed."""
    made = Gathering(lambda _: None)
    made.expect({"test_x[a]": "words:a", "test_x[b]": "words:b", "test_x[c]": "words:c"})
    report: Any = SimpleNamespace(when="call", outcome="failed", nodeid="test_x[a]", duration=0.1, longrepr="it broke")
    report.passed = report.skipped = False
    report.failed = True
    made.add(report, Message(case("a")).to_json())
    report.when, report.outcome = "teardown", "passed"
    report.passed, report.failed = True, False
    made.add(report, Message(CaseResult("words:a", "words/a", "a")).to_json())
    return made


@pytest.fixture
def state(gathering: Gathering, tmp_path: Path) -> State:
    """Two of them have run, and one is in flight."""
    log = FlightLog(tmp_path, "gw0")
    for name in "abc":
        log.started(work(Log(), name))
    for name in "ab":
        log.ended(work(Log(), name))
    return State(gathering, Flights(tmp_path))


@pytest.fixture
def file(tmp_path: Path) -> Iterator[IO[str]]:
    """What stands for the terminal."""
    with (tmp_path / "terminal").open("w+") as opened:
        yield opened


def terminal(written: IO[str], *, isatty: bool = False) -> Any:
    return SimpleNamespace(_tw=SimpleNamespace(_file=written), isatty=isatty, showfspath=True)


def test_a_line_says_how_many_have_run_which_are_on_their_way_and_what_they_cost(state: State) -> None:
    pattern = r"2 of 3 cases run, 1 in flight, 1 judged, 1 failed, \$0\.2500, \d+ s"
    assert re.fullmatch(pattern, state.line())


def test_a_case_that_runs_twice_is_no_two_cases(state: State, tmp_path: Path) -> None:
    log = FlightLog(tmp_path, "gw1")
    for _ in range(5):
        log.started(work(Log(), "a"))
        log.ended(work(Log(), "a"))
    assert state.run == state.total == 3


def test_where_there_is_no_terminal_a_line_comes_now_and_then(
    state: State, file: IO[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress, "_SECONDS_BETWEEN_LINES", 0.02)
    display = PlainLines(terminal(file), state)
    display.start()
    until(lambda: (tmp_path / "terminal").read_text().count("2 of 3 cases run") >= 2)
    display.stop()
    content = (tmp_path / "terminal").read_text()
    assert set(filter(None, content.splitlines())) == {state.line()}
    assert not display._thread.is_alive()
    assert not file.closed


def test_a_session_of_a_few_seconds_has_no_such_line(state: State, file: IO[str], tmp_path: Path) -> None:
    display = PlainLines(terminal(file), state)
    display.start()
    display.stop()
    assert not (tmp_path / "terminal").read_text()


def test_the_live_line_is_drawn_and_wiped_off(state: State, file: IO[str], tmp_path: Path) -> None:
    display = LiveLine(terminal(file, isatty=True), state)
    display.start()
    until(lambda: "1 judged" in (tmp_path / "terminal").read_text())
    display.stop()
    display.stop()
    content = (tmp_path / "terminal").read_text()
    assert "2/3" in content
    assert "1 in flight · 1 judged · 1 failed · $0.2500" in content
    assert content.rindex("\x1b[2K") > content.rindex("2/3")  # erase the line


def choose(reporter: Any, gathering: Gathering, folder: Path, *, only_cases: bool = True, **options: Any) -> Any:
    option = SimpleNamespace(**{"verbose": 0, "capture": "fd", "usepdb": False, **options})
    manager = SimpleNamespace(get_plugin={"terminalreporter": reporter}.get)
    config: Any = SimpleNamespace(option=option, pluginmanager=manager)
    return make_display(config, gathering, Flights(folder), only_cases=only_cases)


@pytest.mark.parametrize(
    ("isatty", "options", "kind"),
    [
        (True, {}, LiveLine),
        (False, {}, PlainLines),
        (True, {"verbose": 1}, PlainLines),
        (True, {"capture": "no"}, PlainLines),
        (True, {"usepdb": True}, PlainLines),
        (True, {"only_cases": False}, PlainLines),
    ],
)
def test_the_live_line_is_for_terminals_that_have_nothing_else_to_show(
    request: pytest.FixtureRequest,
    file: IO[str],
    *,
    isatty: bool,
    options: dict[str, Any],
    kind: type[LiveLine | PlainLines],
) -> None:
    gathering, folder = request.getfixturevalue("gathering"), request.getfixturevalue("tmp_path")
    display: Any = choose(terminal(file, isatty=isatty), gathering, folder, **options)
    assert isinstance(display, kind)
    assert display.quiet_reports is (kind is LiveLine)
    display._file.close()


def test_where_pytest_writes_to_nothing_of_the_system_s_there_is_no_progress(
    gathering: Gathering, tmp_path: Path
) -> None:
    assert choose(None, gathering, tmp_path) is None
    assert choose(terminal(io.StringIO(), isatty=True), gathering, tmp_path) is None
    with (tmp_path / "closed").open("w") as closed:
        pass
    assert choose(terminal(closed), gathering, tmp_path) is None


def test_what_has_been_said_of_a_case_is_counted_once(gathering: Gathering) -> None:
    assert (gathering.total, gathering.count, gathering.failed_count, gathering.cost_usd) == (3, 1, 1, 0.25)
    gathering.close()
    assert (gathering.count, gathering.failed_count) == (1, 1)
    assert [row.outcome for row in gathering.rows] == ["failed"]
