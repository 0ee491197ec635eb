"""Sessions that do not end as planned: Ctrl-C, plugins that fail, tests that are run again."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from foreign_project import CONFTEST, outcomes_of, scores_of
from waiting import until, until_gone

if TYPE_CHECKING:
    from foreign_project import Project

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
    until(lambda: all((project.folder / f"waits-{name}").exists() for name in slow))
    until(lambda: any(project.folder.glob(".home/evals/sessions/*/cases.jsonl")))  # it is known that `a` is over
    pressed = time.monotonic()
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert time.monotonic() - pressed < 15
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert "KeyboardInterrupt" in output
    assert [row["example_id"] for row in project.results["cases"]] == ["a"]
    until_gone(process.pid)


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
