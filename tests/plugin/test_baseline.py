"""The baseline: written when it is asked for, compared with whenever it is there, and kept whole by a selection."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from foreign_project import Project

SUITE = """
    import json
    from pathlib import Path

    longest = json.loads(Path(__file__).with_name("longest.json").read_text())

    @scorer
    def short(output):
        return len(output) <= longest

    @words
    def test_short(output, check):
        check(output, short)
"""
LENGTHS = {"short-word": 2, "two-words": 11, "long-word": 21}


@pytest.fixture
def words(project: Project) -> Project:
    """A project with a baseline that its long word fails."""
    project.tests(SUITE)
    project.write("longest.json", "11")
    project.write("pytest.ini", (project.folder / "pytest.ini").read_text() + "eval_baseline = evals/baseline.json\n")
    return project


def baseline(project: Project, name: str = "evals/baseline.json") -> dict[str, bool]:
    """The verdicts of a baseline by example."""
    content: dict[str, Any] = json.loads((project.folder / name).read_text())
    return {case["case"].partition("/")[2]: case["passed"] for case in content["cases"]}


def test_a_baseline_is_written_when_asked_for_and_by_a_selection_in_part(words: Project) -> None:
    first = words.run("--eval-update-baseline")
    first.stdout.fnmatch_lines(["baseline: evals/baseline.json"])
    assert baseline(words) == {name: length <= 11 for name, length in LENGTHS.items()}
    assert words.results["comparisons"][0]["before"] == "the new baseline"
    words.write("longest.json", "1")
    words.run("--eval-update-baseline", "-k", "short-word")
    assert baseline(words) == {"short-word": False, "two-words": True, "long-word": False}
    (comparison,) = words.results["comparisons"]
    assert [change["case_id"] for change in comparison["newly_failing"]] == ["words/short-word"]
    assert (comparison["pairs"], comparison["only_before"]) == (1, [])  # what was left out on purpose is no news
    words.dataset({"name": "words", "examples": [{"id": "new", "text": "x"}]})
    words.run("--eval-update-baseline")
    assert baseline(words) == {"new": True}


def test_a_session_is_compared_with_the_baseline_and_leaves_it_as_it_is(words: Project) -> None:
    words.run("--eval-update-baseline", "--eval-baseline", "other.json")
    assert not (words.folder / "evals").exists()
    before = (words.folder / "other.json").read_bytes()
    words.write("longest.json", "21")
    result = words.run("--eval-baseline", "other.json", "-n", "2")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["other.json → this session, 3 pairs of cases", "*newly passing (1): words/long-word (short)"]
    )
    assert (words.folder / "other.json").read_bytes() == before
    (comparison,) = words.results["comparisons"]
    assert comparison["scores"][0]["before"] == pytest.approx(2 / 3)
    assert comparison["scores"][0]["after"] == 1.0


def test_a_baseline_that_is_not_there_is_missed_only_when_it_was_asked_for(words: Project) -> None:
    assert words.run("-k", "short-word").ret == 0
    assert words.results["comparisons"] == []
    result = words.run("-k", "short-word", "--eval-baseline", "nowhere.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["*nowhere.json*"])
