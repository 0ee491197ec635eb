"""Workers that die: of what they had, only what was in flight runs again, and whoever gets the rest."""

from __future__ import annotations

import os
import signal
from collections import Counter
from typing import TYPE_CHECKING

from foreign_project import outcomes_of
from slow_project import CONFTEST, SHOUTED, examples, finished, noted
from waiting import until

if TYPE_CHECKING:
    from foreign_project import Project

DEADLY_CONFTEST = """
    import os

    def pytest_eval_task(config, variant):
        def task(example):
            if example.text == "die":
                os._exit(3)
            return example.text.upper()
        return task
"""
DEADLY = """
    @scorer
    def last_words(output):
        os._exit(4) if output == "HIT" else None
        return True

    @words
    def test_shouted(output, check):
        check(output, shouted)

    @words
    def test_last_words(output, check):
        check(output, last_words)
"""


def test_a_worker_that_dies_costs_the_test_it_died_in_and_no_other(project: Project) -> None:
    texts = {"e0": "hi", "e1": "hit", "e2": "die", **{f"e{number}": "hi" for number in range(3, 8)}}
    examples = [{"id": name, "text": text} for name, text in texts.items()]
    project.dataset({"name": "words", "examples": examples})
    project.write("conftest.py", DEADLY_CONFTEST)
    project.tests(DEADLY)
    result = project.run("-n", "2")
    result.assert_outcomes(passed=13, failed=3)
    result.stdout.fnmatch_lines(["worker 'gw?' crashed while running 'test_words.py::test_last_words?e1?'"])
    rows = {row["example_id"]: row for row in project.results["cases"]}
    assert sorted(rows) == sorted(texts)
    assert [name for name, row in sorted(rows.items()) if not row["passed"]] == ["e1", "e2"]
    assert outcomes_of(rows["e1"]) == {"test_shouted[e1]": "passed", "test_last_words[e1]": "error"}
    assert outcomes_of(rows["e2"]) == {"test_shouted[e2]": "error", "test_last_words[e2]": "error"}
    assert "crashed while running" in rows["e2"]["tests"][0]["message"]
    result.stdout.fnmatch_lines(["cases * 6 * 8 *75.0%*"])


def test_a_worker_that_replaces_the_only_one_gets_all_that_is_left(project: Project) -> None:
    examples = [{"id": f"e{number}", "text": "hi" if number else "die"} for number in range(4)]
    project.dataset({"name": "words", "examples": examples})
    project.write("conftest.py", DEADLY_CONFTEST)
    project.tests(DEADLY)
    project.run("-n", "1", "-k", "test_shouted").assert_outcomes(passed=3, failed=1)
    assert len(project.results["cases"]) == 4


def with_pids(project: Project, sleep: str) -> None:
    """Give a project the task that takes so long, and says in which process each example runs."""
    known = CONFTEST.replace("SECONDS", sleep).replace("def enter(example):", WITH_PID)
    project.write("conftest.py", known)


WITH_PID = """def enter(example):
        note("workers.txt", os.getpid())
        note(f"worker-of-{example.id}.txt", os.getpid())"""


def test_a_worker_that_is_killed_costs_no_case(project: Project) -> None:
    with_pids(project, "0.25")
    examples(project, 24)
    project.tests(SHOUTED)
    process = project.start("-n", "2", "--eval-concurrency", "4")
    until(lambda: len(finished(project)) >= 8)
    os.kill(int(noted(project.folder, "workers.txt")[0]), signal.SIGKILL)
    output, _ = process.communicate(timeout=60)
    calls = Counter(noted(project.folder, "calls.txt"))
    assert process.returncode == 0, output
    assert "24 passed" in output
    assert len(set(noted(project.folder, "workers.txt"))) == 3
    assert sorted(row["example_id"] for row in project.results["cases"]) == sorted(calls)
    assert len(calls) == 24
    assert sum(calls.values()) <= 24 + 4  # what was in flight in the one that died
    assert max(calls.values()) <= 2


def remembered(project: Project) -> int:
    """How many cases have been written down."""
    files = project.folder.glob(".home/evals/sessions/*/outputs-*.jsonl")
    return sum(len(file.read_bytes().splitlines()) for file in files)


ORDINARY = """
    import time

    @pytest.mark.parametrize("n", range(40))
    def test_ordinary(n):
        time.sleep(0.1)
"""


def test_whoever_goes_on_with_the_cases_of_a_dead_worker_has_its_finished_ones(project: Project) -> None:
    """The one that died had finished all but its first case, and no test of those had run.

    The other one has ordinary tests to run, so that it is there to take over before a new one has started.
    """
    with_pids(project, "60 if example.id == 'e00' else 0.1")
    names = examples(project, 24)
    project.tests(SHOUTED + ORDINARY)
    process = project.start("-n", "2")
    until(lambda: len(finished(project)) == len(names) - 1)
    dead = noted(project.folder, "worker-of-e00.txt")
    until(lambda: remembered(project) == len(names) - 1)
    os.kill(int(dead[0]), signal.SIGKILL)
    output, _ = process.communicate(timeout=60)
    assert f"1 failed, {len(names) - 1 + 40} passed" in output
    assert Counter(noted(project.folder, "calls.txt")) == Counter(names)
    rows = {row["example_id"]: row["passed"] for row in project.results["cases"]}
    assert rows == {name: name != "e00" for name in names}
