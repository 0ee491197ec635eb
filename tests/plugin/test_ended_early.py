"""Sessions that do not end as planned: workers that die, Ctrl-C, tests that are run again."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from foreign_project import CONFTEST, outcomes_of, scores_of

if TYPE_CHECKING:
    from pathlib import Path

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


SLOW_CONFTEST = """
    import asyncio
    import time
    from pathlib import Path

    def pytest_eval_task(config, variant):
        async def wait(example):
            if example.text == "slow":
                Path(__file__).with_name(f"waits-{example.id}").touch()
                await asyncio.sleep(60)
            return "DONE"

        def block(example):
            if example.text == "slow":
                Path(__file__).with_name(f"waits-{example.id}").touch()
                time.sleep(60)
            return "DONE"

        return wait if config.getoption("numprocesses", None) else block
"""


def test_ctrl_c_ends_promptly_publishes_what_is_finished_and_leaves_nobody_behind(
    project: Project, distribution: tuple[str, ...]
) -> None:
    slow = ["b"] if not distribution else ["b", "c"]
    examples = [{"id": "a", "text": "quick"}, *({"id": name, "text": "slow"} for name in slow)]
    project.dataset({"name": "words", "examples": examples})
    project.write("conftest.py", SLOW_CONFTEST)
    project.tests("\n    @words\n    def test_x(output, check):\n        check(output, shouted)\n")
    process = project.start(*distribution)
    wait_for([project.folder / f"waits-{name}" for name in slow])
    time.sleep(0.3)  # for what a worker has said to be heard
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert time.monotonic() - pressed < 15
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert [row["example_id"] for row in project.results["cases"]] == ["a"]
    assert nobody_is_left(process.pid)


def wait_for(paths: list[Path]) -> None:
    until = time.monotonic() + 30
    while not all(path.exists() for path in paths):
        assert time.monotonic() < until, f"none of {paths} in time"
        time.sleep(0.05)


def nobody_is_left(group: int) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with suppress(PermissionError):
            try:
                os.killpg(group, 0)
            except ProcessLookupError:
                return True
        time.sleep(0.05)
    return False


def test_a_plugin_that_fails_at_its_own_end_does_not_take_the_results_along(project: Project) -> None:
    project.tests("\n    @words\n    def test_x(output, check):\n        check(output, shouted)\n")
    project.write("conftest.py", f"{CONFTEST}\n    def pytest_sessionfinish():\n        raise RuntimeError\n")
    assert project.run().ret != 0
    assert len(project.results["cases"]) == 3


RERUNNING_CONFTEST = """
    from _pytest.runner import runtestprotocol

    attempts = {}

    def pytest_eval_task(config, variant):
        def task(example):
            attempts[example.id] = attempts.get(example.id, 0) + 1
            if example.text == "flaky" and attempts[example.id] == 1:
                raise ConnectionError("try again")
            return example.text.upper()
        return task

    def pytest_runtest_protocol(item, nextitem):
        # What plugins that rerun failed tests do: the last attempt's reports count, of the others only some are sent.
        for last in (False, True):
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
            if last or not any(report.failed for report in reports):
                break
            failed = next(report for report in reports if report.failed)
            failed.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=failed)
        for report in reports:
            item.ihook.pytest_runtest_logreport(report=report)
        return True

    def pytest_report_teststatus(report):
        return ("rerun", "R", "RERUN") if report.outcome == "rerun" else None
"""
RERUN = """
    asked = []

    @scorer
    def second_thoughts(output):
        asked.append(output)
        return asked.count(output) > 1

    @words
    def test_judged(output, check):
        check(output, shouted, second_thoughts)

    @words
    def test_own(example, tracked_run, check):
        asked.append(example.id)
        tracked_run.tag(attempt=asked.count(example.id))
        check(example.text, shouted)
"""


def test_of_a_test_that_is_run_again_the_last_attempt_counts(project: Project) -> None:
    project.dataset({"name": "words", "examples": [{"id": "a", "text": "flaky"}, {"id": "b", "text": "steady"}]})
    project.write("conftest.py", RERUNNING_CONFTEST)
    project.tests(RERUN)
    project.run("-k", "a or b")
    steady, flaky = (project.row(f"test_judged[{name}]") for name in "ba")
    assert scores_of(steady) == [("shouted in test_judged[b]", True), ("second_thoughts in test_judged[b]", True)]
    assert steady["passed"]
    assert outcomes_of(flaky) == {"test_judged[a]": "failed"}  # the task got its second chance, the judge wants a third
    assert flaky["run_tags"] == {}
    own = project.row("test_own[b]")
    assert scores_of(own) == [("shouted in test_own[b]", False)]
    assert own["run_tags"]["attempt"] == "2"
