"""Parts of a suite on several machines: together everything, nothing twice, in whatever order each of them runs it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import ALONE, Project, outcomes_of
from shared_run import once
from slow_project import examples, noted, slow_down

if TYPE_CHECKING:
    from pathlib import Path

COUNT, TRIALS = 10, 2
SUITE = """
    @words
    def test_shouted(output, check):
        check(output, shouted)

    @words
    def test_brief(output, check):
        check(output, brevity)

    @words
    def test_own_task(example, tracked_run):
        pass

    def test_ordinary():
        pass

    def test_another():
        pass
"""
WAYS: list[tuple[str, ...]] = [("--randomly-seed=1",), ("--randomly-seed=2", "-n", "2"), ("--randomly-seed=3",)]


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """The three parts of a suite of two trials, each run in another order, one of them on two workers."""
    folder, parts = once(tmp_path_factory, "shards", run_all)
    return folder / "words", parts


def run_all(folder: Path) -> list[dict[str, Any]]:
    project = Project(folder / "words").fill()
    project.write("pytest.ini", ALONE.replace(" -p no:randomly", ""))
    slow_down(project, 0.0)
    examples(project, COUNT)
    project.tests(SUITE)
    found = []
    for number, way in enumerate(WAYS, 1):
        result = project.run("--eval-shard", f"{number}/3", "--eval-trials", str(TRIALS), "-p", "randomly", *way)
        assert result.ret == 0
        found.append({**project.results, "outcomes": result.parseoutcomes()})
    return found


def test_the_parts_together_are_everything_and_none_has_what_another_has(
    shards: tuple[Path, list[dict[str, Any]]],
) -> None:
    folder, parts = shards
    assert sum(part["outcomes"]["passed"] for part in parts) == 3 * COUNT * TRIALS + 2
    tests = Counter(name for part in parts for row in part["cases"] for name in outcomes_of(row))
    assert len(tests) == 3 * COUNT * TRIALS
    assert set(tests.values()) == {1}
    assert Counter(noted(folder, "calls.txt")) == Counter({f"e{number:02}": TRIALS for number in range(COUNT)})
    assert [part["shard"] for part in parts] == ["1/3", "2/3", "3/3"]


def test_all_trials_of_an_example_are_in_one_part(shards: tuple[Path, list[dict[str, Any]]]) -> None:
    _, parts = shards
    homes = {(row["case_id"], number) for number, part in enumerate(parts) for row in part["cases"]}
    assert len(homes) == 2 * COUNT  # each example of the task, and each that is a task of its own
    sizes = [len({row["case_id"] for row in part["cases"]}) for part in parts]
    assert max(sizes) - min(sizes) <= 2  # ordinary tests are dealt as well


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "a/b"])
def test_a_part_of_no_whole_is_a_usage_error(project: Project, shard: str) -> None:
    result = project.run("--eval-shard", shard)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--eval-shard: '{shard}' is no part of a whole; write 2/3 for the second of three"])
