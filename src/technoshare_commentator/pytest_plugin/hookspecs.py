"""Hooks that a suite implements in its conftest.py."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.running.case_run import Task
    from technoshare_commentator.mlops.evaluation.variants import Variant


@pytest.hookspec(firstresult=True)
def pytest_eval_task(config: pytest.Config, variant: Variant) -> Task | None:
    """Return the task: `async (example) -> output`, or a plain function, which runs in a thread.

    `variant` says what is being evaluated: its `name` ("default" unless variants were asked for), `model`, `prompts`
    and `settings`, as the file of variants has them. Asked once for each variant and folder with a task of its own.
    """


@pytest.hookspec
def pytest_eval_run_tags(config: pytest.Config) -> dict[str, str]:  # type: ignore[empty-body]  # a specification
    """Return tags for the session's MLflow run, such as the versions of the prompts in use."""


@pytest.hookspec(firstresult=True)
def pytest_eval_show_output(config: pytest.Config, output: Any) -> str | None:
    """Return an output as its audience would see it, for the report; a text is shown as it is without this."""
