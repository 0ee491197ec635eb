"""How MLflow behaves in processes of ours; set before it is imported."""

from __future__ import annotations

import os

# MLflow's client repeats a request whose answer was lost, which would make a second run, and blocks for minutes on
# a dead server; the spool repeats whole records instead. No news, no advice, nothing sent anywhere else.
_ENVIRONMENT = {
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "GIT_PYTHON_REFRESH": "quiet",
}


def prepare_mlflow() -> None:
    """Set the environment of this process and of those it starts."""
    os.environ.update(_ENVIRONMENT)
