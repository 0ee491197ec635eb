"""Plugin tests run in three ways where it matters: plain, with `-n 0` and on two workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from foreign_project import Project

if TYPE_CHECKING:
    from pathlib import Path

pytest_plugins = ["pytester"]


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project with a dataset of three examples and a task that shouts."""
    return Project(pytester, monkeypatch)


@pytest.fixture(params=[(), ("-n", "0"), ("-n", "2")], ids=["plain", "n0", "n2"])
def distribution(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """The three ways to run: without xdist's flag, with it at zero, on two workers."""
    arguments: tuple[str, ...] = request.param
    return arguments


@pytest.fixture
def mlflow_store(project: Project, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Turn tracking into an SQLite file on, and return the file."""
    project.tracking(monkeypatch, on=True)
    return project.folder / "mlflow.db"
