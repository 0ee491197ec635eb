"""Plugins that a suite is likely to run beside ours: each does its work, and ours loses nothing."""

from __future__ import annotations

import json
import random
import re
import time
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import ALONE, Project, outcomes_of, scores_of
from technoshare_commentator.pytest_plugin import options

if TYPE_CHECKING:
    from pathlib import Path

SUITE = """
    @words
    def test_shouted(output, check):
        check(output, shouted)

    @words
    def test_brief(output, check):
        check(output, brevity)
"""


def beside(project: Project, *neighbours: str) -> None:
    """Let these plugins take part, and of the others none."""
    settings = ALONE
    for name in neighbours:
        assert f"-p no:{name}" in settings
        settings = settings.replace(f"-p no:{name}", "")
    project.write("pytest.ini", settings)


def many_words(project: Project, count: int, **special: str) -> None:
    """A dataset of e0, e1, …; some of them have a text of their own."""
    texts = {f"e{number}": "hi" for number in range(count)} | special
    project.dataset({"name": "words", "examples": [{"id": name, "text": text} for name, text in texts.items()]})


# pytest-randomly


def test_shuffled_tests_give_complete_results_and_no_trace_id_twice(
    project: Project, distribution: tuple[str, ...]
) -> None:
    beside(project, "randomly")
    many_words(project, 20)
    project.tests(SUITE)
    seen: list[list[str]] = []
    for seed in ("1", "2", "2"):
        result = project.run("-v", "-p", "randomly", "-p", f"randomly_seed={seed}", *distribution)
        seen.append(re.findall(r"test_\w+\[e\d+\]", result.stdout.str()))
    assert seen


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
