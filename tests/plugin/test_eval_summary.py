"""Tests of the whole session run once, at the end, where all results are."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import Project
from shared_run import heard, once, told

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
    import json
    from pathlib import Path

    @pytest.mark.eval_summary
    def test_all_passed(eval_results):
        assert [case.example_id for case in eval_results.failed_cases] == []

    @pytest.mark.eval_summary
    def test_noted(eval_results, request):
        about = {
            "cases": sorted(case.example_id for case in eval_results.cases),
            "scorers": sorted(eval_results.scorer_names),
            "tests": sum(len(case.tests) for case in eval_results.cases),
            "pass_rate": eval_results.metrics["pass_rate"],
            "tags": eval_results.tags["prompt"],
            "worker": os.environ.get("PYTEST_XDIST_WORKER", "none"),
        }
        with request.path.with_name("noted.jsonl").open("a") as file:
            print(json.dumps(about), file=file)

    @words
    def test_shouted(output, check):
        check(output, shouted)

    @words
    def test_brief(output, check):
        check(output, brevity)
"""
LATER = """
    @words
    def test_later(output, check, request):
        assert not request.path.with_name("noted.jsonl").exists()
        check(output, shouted)
"""
WAYS: dict[str, tuple[str, ...]] = {
    "plain": (),
    "n0": ("-n", "0"),
    "n2": ("-n", "2"),
    "loadfile": ("-n", "2", "--dist", "loadfile"),
}


@pytest.fixture(scope="module", params=list(WAYS))
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Project, pytest.RunResult]:
    """A session with two tests of its own, of which one fails."""
    way: str = request.param
    arguments = ("-v", "--eval-gate", "pass_rate >= 0.5", *WAYS[way])
    folder, outcome = once(
        tmp_path_factory, f"summary-{way}", lambda there: told(furnish(there / "words").run(*arguments))
    )
    return Project(folder / "words"), heard(outcome)


def furnish(folder: Path) -> Project:
    project = Project(folder).fill()
    project.tests(SUITE)
    project.tests(LATER, "test_zlater.py")
    return project


def noted(project: Project) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (project.folder / "noted.jsonl").read_text().splitlines()]


def test_they_run_once_after_all_others_and_see_everything(session: tuple[Project, pytest.RunResult]) -> None:
    project, outcome = session
    outcome.assert_outcomes(passed=9, failed=2)
    (about,) = noted(project)
    assert about == {
        "cases": ["long-word", "short-word", "two-words"],
        "scorers": ["brevity", "shouted"],
        "tests": 9,
        "pass_rate": pytest.approx(2 / 3),
        "tags": "shout/3",
        "worker": "none",
    }


def test_one_that_fails_is_made_good_by_no_gate(session: tuple[Project, pytest.RunResult]) -> None:
    _, outcome = session
    assert outcome.ret == pytest.ExitCode.TESTS_FAILED
    outcome.stdout.fnmatch_lines(["*assert ?'long-word'? == ??", "gate passed (--eval-gate)"])
    outcome.stdout.fnmatch_lines(["FAILED test_words.py::test_all_passed - *"])


def test_they_are_no_cases(session: tuple[Project, pytest.RunResult]) -> None:
    project, _ = session
    assert len(project.results["cases"]) == 3
    assert not [test for row in project.results["cases"] for test in row["tests"] if "test_noted" in test["nodeid"]]


def test_they_are_selected_like_any_test_and_a_shard_has_none(tmp_path: Path) -> None:
    project = furnish(tmp_path / "words")
    project.run("-n", "2", "-k", "(easy and shouted) or noted").assert_outcomes(passed=3)
    assert [one["cases"] for one in noted(project)] == [["short-word", "two-words"]]
    (project.folder / "noted.jsonl").unlink()
    project.run("--eval-shard", "1/1").assert_outcomes(passed=8, failed=1, deselected=2)
    assert not (project.folder / "noted.jsonl").exists()


def test_outside_an_evaluation_there_are_no_results(tmp_path: Path) -> None:
    project = furnish(tmp_path / "words")
    result = project.run("-k", "noted")
    result.assert_outcomes(errors=1, deselected=10)
    result.stdout.fnmatch_lines(["*the fixture 'eval_results' is for sessions with tests marked @pytest.mark.eval"])
