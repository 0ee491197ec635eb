"""What an MLflow store holds, as JSON: `python store_dump.py URI`.

A process of its own, because pytester forgets half of the modules that MLflow imports while a test runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any


def read_store(tracking_uri: str) -> dict[str, dict[str, list[dict[str, Any]]]]:
    """Return `runs` and `traces` of every experiment but the default one, by its name."""
    done = subprocess.run(
        [sys.executable, __file__, tracking_uri],
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=True,
    )
    content: dict[str, dict[str, list[dict[str, Any]]]] = json.loads(done.stdout.splitlines()[-1])
    return content


def _dump(tracking_uri: str) -> dict[str, Any]:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(tracking_uri=tracking_uri)
    return {
        experiment.name: {
            "runs": [run.to_dictionary() for run in client.search_runs([experiment.experiment_id])],
            "traces": [trace.to_dict() for trace in client.search_traces(locations=[experiment.experiment_id])],
        }
        for experiment in client.search_experiments()
        if experiment.name != "Default"
    }


if __name__ == "__main__":
    print(json.dumps(_dump(sys.argv[1]), default=str))
