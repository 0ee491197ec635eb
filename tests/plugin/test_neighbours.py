"""Plugins and flags that a suite is likely to be run with: each does its work, and ours loses nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import ALONE, Project, outcomes_of, scores_of
from technoshare_commentator.pytest_plugin.options import add_options

if TYPE_CHECKING:
    from collections.abc import Iterable

SHOUTED = "\n    @words\n    def test_shouted(output, check):\n        check(output, shouted)\n"


def invite(project: Project, *neighbours: str) -> None:
    """Let these plugins take part, which are switched off otherwise."""
    settings = ALONE
    for name in neighbours:
        assert f" -p no:{name}" in settings
        settings = settings.replace(f" -p no:{name}", "")
    project.write("pytest.ini", settings)


def many_words(project: Project, count: int, **special: str) -> None:
    """A dataset of e00, e01, …; some of them have a text of their own."""
    texts = {f"e{number:02}": "hi" for number in range(count)} | special
    project.dataset({"name": "words", "examples": [{"id": name, "text": text} for name, text in texts.items()]})


def forget_calls(project: Project) -> None:
    (project.folder / "calls.txt").unlink(missing_ok=True)


def example_ids(cases: Iterable[dict[str, Any]]) -> list[str]:
    return [row["example_id"] for row in cases]


# pytest-randomly

DRAWN = """
    import random

    @scorer(pass_at=0.0)
    def drawn(output):
        return random.random()

    @words
    def test_drawn(output, check):
        check(output, shouted, drawn)
"""


def test_shuffled_tests_give_all_results_and_a_reseeded_random_no_trace_id_twice(
    project: Project, distribution: tuple[str, ...]
) -> None:
    invite(project, "randomly")
    many_words(project, 12)
    project.tests(DRAWN)
    sessions = []
    for _ in range(2):
        project.run("-p", "randomly", "--randomly-seed=7", *distribution).assert_outcomes(passed=12)
        sessions.append(project.results["cases"])
    ids = example_ids(sessions[0])
    assert ids != sorted(ids)
    assert sorted(ids) == [f"e{number:02}" for number in range(12)]
    assert example_ids(sessions[1]) == ids
    assert [row["scores"] for row in sessions[1]] == [row["scores"] for row in sessions[0]]
    assert len({row["trace_id"] for cases in sessions for row in cases}) == 24


# pytest-rerunfailures

FLAKY_CONFTEST = """
    import asyncio
    from pathlib import Path

    attempts = {}

    def pytest_eval_task(config, variant):
        async def task(example):
            attempts[example.id] = attempts.get(example.id, 0) + 1
            with Path(__file__).with_name("calls.txt").open("a") as calls:
                print(example.id, file=calls)
            await asyncio.sleep(0)
            if example.text == "down" or (example.text == "flaky" and attempts[example.id] == 1):
                raise ConnectionError("try again")
            return example.text.upper()
        return task
"""
SECOND_THOUGHTS = (
    SHOUTED
    + """
    asked = []

    @scorer
    def second_thoughts(output):
        asked.append(output)
        return asked.count(output) > 1

    @words
    def test_thoughts(output, check):
        check(output, second_thoughts)
"""
)


def test_a_task_that_fails_is_called_again_in_a_rerun_and_the_last_attempt_counts(
    project: Project, distribution: tuple[str, ...]
) -> None:
    invite(project, "rerunfailures")
    many_words(project, 0, flaky="flaky", steady="steady", down="down")
    project.write("conftest.py", FLAKY_CONFTEST)
    project.tests(SECOND_THOUGHTS)
    result = project.run("--reruns", "2", *distribution)
    assert result.parseoutcomes() == {"passed": 4, "errors": 2, "rerun": 7}
    assert Counter(project.calls) == {"steady": 1, "flaky": 2, "down": 5}  # the case that failed is not tried a sixth
    rows = {row["example_id"]: row for row in project.results["cases"]}
    for name in ("flaky", "steady"):
        assert outcomes_of(rows[name]) == {f"test_shouted[{name}]": "passed", f"test_thoughts[{name}]": "passed"}
        assert scores_of(rows[name]) == [
            (f"shouted in test_shouted[{name}]", True),
            (f"second_thoughts in test_thoughts[{name}]", True),
        ]
    assert set(outcomes_of(rows["down"]).values()) == {"error"}
    assert journalled(project) == {name: row["trace_id"] for name, row in rows.items()}


def journalled(project: Project) -> dict[str, str]:
    """The trace of each case as it was written down when its last test had reported, which is once."""
    (file,) = (project.folder / ".home/evals/sessions").glob("*/cases.jsonl")
    rows = [json.loads(line)["row"] for line in file.read_text().splitlines()]
    assert len({row["example_id"] for row in rows}) == len(rows)
    return {row["example_id"]: row["trace_id"] for row in rows}


DYING_CONFTEST = """
    import os
    from pathlib import Path

    def pytest_eval_task(config, variant):
        def task(example):
            calls = Path(__file__).with_name("calls.txt")
            with calls.open("a") as file:
                print(example.id, file=file)
            attempt = calls.read_text().split().count("odd")
            if example.text == "odd" and attempt == 1:
                raise ConnectionError("try again")
            if example.text == "odd" and attempt == 2:
                os._exit(3)
            return example.text.upper()
        return task
"""


def test_a_test_whose_worker_dies_in_its_second_attempt_gets_a_third(project: Project) -> None:
    invite(project, "rerunfailures")
    many_words(project, 3, odd="odd")
    project.write("conftest.py", DYING_CONFTEST)
    project.tests(SHOUTED)
    result = project.run("--reruns", "2", "-n", "2", "--eval-concurrency", "1")
    assert result.parseoutcomes() == {"passed": 4, "rerun": 2}
    assert Counter(project.calls)["odd"] == 3
    assert scores_of(project.row("test_shouted[odd]")) == [("shouted in test_shouted[odd]", True)]


# pytest-cov

PIPELINE = """
    import asyncio

    async def answer(text):
        await asyncio.sleep(0.01)
        return shout(text)

    def shout(text):
        loud = text.upper()
        return loud

    def never(text):
        return None
"""
COVERED_CONFTEST = """
    import pipeline

    def pytest_eval_task(config, variant):
        async def waiting(example):
            return await pipeline.answer(example.text)

        def blocking(example):
            return pipeline.shout(example.text)

        return {"loop": waiting, "thread": blocking}[variant.model]
"""


@pytest.mark.parametrize(("model", "missing"), [("loop", "13"), ("thread", "5-6, 13")])
def test_coverage_sees_what_a_task_runs_in_the_background(
    project: Project, distribution: tuple[str, ...], model: str, missing: str
) -> None:
    invite(project, "pytest_cov")
    project.write("pipeline.py", PIPELINE)
    project.write("conftest.py", COVERED_CONFTEST)
    project.tests(SHOUTED)
    result = project.run("--cov=pipeline", "--cov-report=term-missing", "--eval-model", model, *distribution)
    result.assert_outcomes(passed=3)
    result.stdout.re_match_lines([rf"pipeline\.py +9 +\d +\d+% +{missing}$"])


# pytest's own: -x, --maxfail, --lf, --ff, --sw

SLOW_CONFTEST = """
    import asyncio
    from pathlib import Path

    def pytest_eval_task(config, variant):
        async def task(example):
            with Path(__file__).with_name("calls.txt").open("a") as calls:
                print(example.id, file=calls)
            await asyncio.sleep(0.2)
            return example.text.upper() if example.text == "hi" else example.text
        return task
"""
FEW_AT_ONCE = ("--eval-concurrency", "2")


@pytest.fixture
def slow(project: Project) -> Project:
    """Forty cases of 0.2 seconds, of which the fourth and the sixth fail."""
    invite(project, "cacheprovider")
    many_words(project, 40, e03="quiet", e05="quiet")
    project.write("conftest.py", SLOW_CONFTEST)
    project.tests(SHOUTED)
    return project


@pytest.mark.parametrize(("flag", "failures", "most_calls"), [("-x", 1, 12), ("--maxfail=2", 2, 16)])
def test_what_minus_x_stopped_starts_no_further_case(
    slow: Project, distribution: tuple[str, ...], flag: str, failures: int, most_calls: int
) -> None:
    result = slow.run(*FEW_AT_ONCE, flag, *distribution)
    assert result.ret != 0
    assert result.parseoutcomes()["failed"] == failures
    cases = slow.results["cases"]
    assert len(cases) <= len(slow.calls) <= most_calls
    result.stdout.fnmatch_lines([f"session: * ({40 - len(cases)} cases to go: --eval-resume *)"])


def test_the_last_failures_alone_or_first(slow: Project, distribution: tuple[str, ...]) -> None:
    slow.run(*distribution).assert_outcomes(passed=38, failed=2)
    forget_calls(slow)
    slow.run("--lf", *distribution).assert_outcomes(failed=2)
    assert slow.calls == example_ids(slow.results["cases"]) == ["e03", "e05"]
    forget_calls(slow)
    slow.run("--ff", *distribution).assert_outcomes(passed=38, failed=2)
    assert example_ids(slow.results["cases"])[:3] == ["e03", "e05", "e00"]
    assert len(slow.calls) == 40


def test_step_by_step(slow: Project) -> None:
    first = slow.run("--sw", *FEW_AT_ONCE)
    assert first.parseoutcomes() == {"passed": 3, "failed": 1}
    forget_calls(slow)
    second = slow.run("--sw", "--sw-skip", *FEW_AT_ONCE)
    assert second.parseoutcomes() == {"passed": 1, "failed": 2, "deselected": 3}
    assert slow.calls[:3] == example_ids(slow.results["cases"]) == ["e03", "e04", "e05"]
    assert len(slow.calls) < 10


def test_without_xdist_nothing_is_missing(project: Project) -> None:
    project.tests(SHOUTED)
    project.run("-p", "no:xdist").assert_outcomes(passed=3)
    assert len(project.results["cases"]) == 3


# All of them


def test_every_flag_and_ini_value_of_ours_carries_our_name() -> None:
    parser = pytest.Parser(_ispytest=True)
    add_options(parser)
    flags = [name for group in parser._groups for option in group.options for name in option.names()]
    assert len(flags) > 15
    assert [name for name in flags if not name.startswith("--eval-")] == []
    assert len(parser._inidict) >= 5
    assert [name for name in parser._inidict if not re.fullmatch(r"eval_\w+", name)] == []
