"""Plugin tests run in three ways where it matters: plain, with `-n 0` and on two workers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import not_the_job  # noqa: F401
from foreign_project import Project
from rich_project import RichRun, run_once

if TYPE_CHECKING:
    from pathlib import Path

collect_ignore = ["foreign"]  # a project of its own, run by test_foreign_project.py

PLAIN: tuple[str, ...] = ()
NONE = ("-n", "0")
TWO = ("-n", "2")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with a dataset of three examples and a task that shouts."""
    return Project(tmp_path / "words").fill()


@pytest.fixture(params=[PLAIN, TWO], ids=["plain", "n2"])
def distribution(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Two ways to run: in this process, on two workers."""
    arguments: tuple[str, ...] = request.param
    return arguments


@pytest.fixture(scope="session", params=[PLAIN, NONE, TWO], ids=["plain", "n0", "n2"])
def rich(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> RichRun:
    """The project with everything in it, run once in each of three ways; a run takes seconds and answers much."""
    temporary = tmp_path_factory.getbasetemp()
    shared = temporary.parent if "PYTEST_XDIST_WORKER" in os.environ else temporary
    folder = shared / f"rich{'-'.join(request.param)}"
    folder.mkdir(exist_ok=True)
    return run_once(folder, request.param)
