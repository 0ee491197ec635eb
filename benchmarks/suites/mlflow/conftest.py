"""MLflow's pytest plugin, enabled the way its documentation says."""

from __future__ import annotations

import mlflow
import pytest

pytest_plugins = ["mlflow.pytest.plugin"]


@pytest.fixture(scope="session", autouse=True)
def experiment() -> None:
    mlflow.set_experiment("benchmark")
