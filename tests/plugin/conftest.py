"""Plugin tests run in three ways where it matters: plain, with `-n 0` and on two workers."""

from __future__ import annotations

import pytest

from foreign_project import Project


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
def mlflow_store(project: Project, monkeypatch: pytest.MonkeyPatch) -> str:
    """Turn tracking into an SQLite file on, and return the store's URI as seen from anywhere."""
    project.tracking(monkeypatch, on=True)
    return f"sqlite:///{project.folder}/mlflow.db"
