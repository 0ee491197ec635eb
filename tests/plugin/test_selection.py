from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from foreign_project import Project

SUITE = """
    @words
    def test_shouted(output, check):
        check(output, shouted)

    @words
    def test_brief(output, check):
        check(output, brevity)
"""


def test_ids_and_tags_select_cases(project: Project, distribution: tuple[str, ...]) -> None:
    project.tests(SUITE)
    project.run("-k", "short-word or long-word", "-m", "easy", *distribution).assert_outcomes(
        passed=2,
        deselected=4 * (not distribution),  # workers deselect in silence
    )
    assert project.calls == ["short-word"]
    assert [row["example_id"] for row in project.results["cases"]] == ["short-word"]


def test_a_session_that_only_collects_or_selects_nothing_runs_and_publishes_nothing(project: Project) -> None:
    project.tests(SUITE)
    project.run("--collect-only", "-q").stdout.fnmatch_lines(["6 tests collected*"])
    nothing = project.run("-k", "nosuch")
    assert nothing.ret == pytest.ExitCode.NO_TESTS_COLLECTED
    nothing.stdout.no_fnmatch_line("*evaluation*")
    assert project.calls == []
    assert not (project.folder / ".home").exists()


def test_the_user_s_way_to_distribute_is_respected(project: Project) -> None:
    project.tests(SUITE)
    result = project.run("-v", "-n", "2", "--dist", "loadfile")
    result.assert_outcomes(passed=5, failed=1)
    result.stdout.fnmatch_lines(["scheduling tests via LoadFileScheduling"])
    assert len(project.results["cases"]) == 3


def test_where_every_worker_runs_everything_each_has_cases_of_its_own(project: Project) -> None:
    project.tests(SUITE)
    project.run("-n", "2", "--dist", "each").assert_outcomes(passed=10, failed=2)
    cases = project.results["cases"]
    assert sorted(row["example_id"] for row in cases) == sorted(["long-word", "short-word", "two-words"] * 2)
    assert [len(row["scores"]) for row in cases] == [2] * 6


def test_a_results_file_goes_where_it_is_wanted_or_the_session_fails(project: Project) -> None:
    project.tests(SUITE)
    wanted = project.folder / "new" / "deep" / "results.json"
    assert project.run("-k", "short-word", "--eval-json", str(wanted)).ret == 0
    assert len(json.loads(wanted.read_text())["cases"]) == 1
    result = project.run("-k", "short-word", "--eval-json", str(project.folder / "pytest.ini" / "no.json"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["results: *pytest.ini/no.json cannot be written: *"])
