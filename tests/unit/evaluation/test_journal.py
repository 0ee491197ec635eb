"""A session's folder: what is written down as cases finish can be read whatever happened to its writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulated_session import row, simulate
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.running.journal import (
    SessionFolder,
    find_session,
    prune,
    sessions_folder,
)
from technoshare_commentator.mlops.evaluation.running.memory import FinishedCase
from technoshare_commentator.mlops.evaluation.running.outputs import keep
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, CaseRow, SessionResults
from technoshare_commentator.mlops.records import RunRecord
from technoshare_commentator.mlops.strict_json import append_line, dump

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path) -> SessionFolder:
    made = SessionFolder(sessions_folder(tmp_path) / "2026-01-05-090000-abcd")
    made.begin(SessionResults(run_name="eval-1"), "k" * 32)
    return made


def finished(name: str, output: object = "out", start_ns: int = 1) -> FinishedCase:
    return FinishedCase(key=name, digest="d", output=keep(output), run=RunRecord(name, "case", start_ns=start_ns))


def note(file: Path, *cases: FinishedCase) -> None:
    for case in cases:
        append_line(file, dump(case))


def output_of(case: FinishedCase) -> str:
    return case.output.content if case.output else ""


def test_a_session_is_read_as_it_was_written(folder: SessionFolder) -> None:
    results, details = simulate()
    for case in results.cases:
        folder.note_case(case, details[case.key])
    folder.end(results, "k" * 32)
    again = SessionFolder(folder.path)
    assert again.results() == results
    assert again.details() == details
    assert (again.session_id, again.run_key, again.run_name) == ("2026-01-05-090000-abcd", "k" * 32, results.run_name)


def test_a_session_that_was_killed_is_read_as_far_as_it_came(folder: SessionFolder) -> None:
    folder.note_case(row("a"), CaseDetail())
    again = SessionFolder(folder.path)
    assert [case.example_id for case in again.results().cases] == ["a"]
    assert again.results().exit_status is None
    assert (again.run_key, again.run_name) == ("k" * 32, "eval-1")


def test_of_two_rows_of_a_case_the_later_counts(folder: SessionFolder) -> None:
    for case in (row("a", "failed"), row("a", "failed", trial=2), row("a", "passed")):
        folder.note_case(case, CaseDetail(shown=case.outcome))
    assert [(case.trial, case.outcome) for case in folder.results().cases] == [(1, "passed"), (2, "failed")]
    assert [detail.shown for detail in folder.details().values()] == ["passed", "failed"]


def test_finished_cases_of_all_workers_are_read_and_of_two_the_one_that_began_later(folder: SessionFolder) -> None:
    note(folder.output_file("gw1"), finished("a", "new", 9), finished("b"))
    note(folder.output_file("gw0"), finished("c"), finished("a", "old", 3))
    note(folder.output_file("gw2"), finished("a", "first", 1))
    assert {name: output_of(case) for name, case in folder.outputs().items()} == {
        "a": '"new"',
        "b": '"out"',
        "c": '"out"',
    }


@given(cut=st.integers(min_value=0), more=st.binary(max_size=20).filter(lambda text: b"\n" not in text))
@settings(max_examples=40, deadline=None)
def test_wherever_the_last_line_was_cut_the_others_are_read_and_the_next_session_adds_to_them(
    tmp_path_factory: pytest.TempPathFactory, cut: int, more: bytes
) -> None:
    folder = SessionFolder(tmp_path_factory.mktemp("session"))
    file = folder.output_file("main")
    note(file, finished("a"), finished("b"))
    whole = file.read_bytes()
    last = len(whole) - len(whole.splitlines()[-1]) - 1
    file.write_bytes(whole[: last + cut % (len(whole) - last - 1)])
    assert set(folder.outputs()) == {"a"}
    append_line(file, more)  # what is no case at all
    note(file, finished("c"))
    assert set(folder.outputs()) == {"a", "c"}


def test_a_folder_without_cases_has_none(folder: SessionFolder) -> None:
    assert folder.outputs() == {}
    assert folder.details() == {}
    assert folder.results().cases == ()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"session": {"trials": "many"}}', None])
def test_what_is_no_session_is_told_so(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "session.json").write_text(content)
    with pytest.raises(ConfigurationError, match=r"is not the folder of a session"):
        SessionFolder(tmp_path).results()
    assert len(SessionFolder(tmp_path).run_key) == 32
    assert SessionFolder(tmp_path).run_name == ""


# Which session


def sessions(home: Path, *names: str) -> None:
    for name in names:
        SessionFolder(sessions_folder(home) / name).begin(SessionResults(), "k")


def test_a_session_is_found_by_its_name_by_its_path_and_as_the_last(tmp_path: Path) -> None:
    sessions(tmp_path, "2026-01-05-090000-b", "2026-01-05-090001-a", "2025-12-31-235959-z")
    last = tmp_path / "evals/sessions/2026-01-05-090001-a"
    assert find_session(tmp_path, "last").path == last
    assert find_session(tmp_path, "2025-12-31-235959-z").session_id == "2025-12-31-235959-z"
    assert find_session(tmp_path / "elsewhere", str(last)).path == last


def test_a_session_that_there_is_not_is_an_error_that_lists_the_newest(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no session 'last' in .*: none yet"):
        find_session(tmp_path, "last")
    sessions(tmp_path, *(f"2026-01-0{day}-090000-a" for day in range(1, 8)))
    with pytest.raises(ConfigurationError) as caught:
        find_session(tmp_path, "2026-01-08")
    newest = ", ".join(f"2026-01-0{day}-090000-a" for day in (7, 6, 5, 4, 3))
    assert str(caught.value).endswith(f"the newest are: {newest}")


def test_only_the_newest_sessions_are_kept_and_nothing_else_is_touched(tmp_path: Path) -> None:
    names = [f"2026-01-{day:02}-090000-a" for day in range(1, 26)]
    sessions(tmp_path, *reversed(names))
    mine = sessions_folder(tmp_path) / "2020-notes"
    mine.mkdir()
    prune(sessions_folder(tmp_path))
    assert sorted(path.name for path in sessions_folder(tmp_path).iterdir()) == ["2020-notes", *names[5:]]


def test_a_session_that_begins_removes_none_for_it_may_be_about_to_read_the_oldest(tmp_path: Path) -> None:
    names = [f"2026-01-{day:02}-090000-a" for day in range(1, 26)]
    sessions(tmp_path, *names)
    assert find_session(tmp_path, names[0]).results().cases == ()


def test_a_secret_in_a_case_does_not_reach_the_disk(folder: SessionFolder) -> None:
    key = "sk-" + "a1B2c3D4" * 6
    folder.begin(SessionResults(), "k")
    folder.note_case(CaseRow(case_id="d/a", example_id="a"), CaseDetail(shown=f"the key is {key}"))
    assert key not in (folder.path / "cases.jsonl").read_text()
    assert "[redacted]" in folder.details()[CaseKey("d/a", "default", 1)].shown
