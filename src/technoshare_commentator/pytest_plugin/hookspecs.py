"""Hooks that a suite implements in its conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.engine import Task


@pytest.hookspec(firstresult=True)
def pytest_eval_task(config: pytest.Config, variant: str) -> Task | None:
    """Return the task: `async (example) -> output`, or a plain function, which runs in a thread.

    `variant` names what is being evaluated ("default" unless the suite has variants).
    """


@pytest.hookspec
def pytest_eval_run_tags(config: pytest.Config) -> dict[str, str]:  # type: ignore[empty-body]  # a specification
    """Return tags for the session's MLflow run, such as the versions of the prompts in use."""
