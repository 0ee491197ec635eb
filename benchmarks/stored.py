"""Count what an MLflow store holds; prints one JSON object."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING

from mlflow import MlflowClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow.entities import Trace


def traces(client: MlflowClient, experiment: str) -> Iterator[Trace]:
    """All traces of an experiment, with their spans."""
    token: str | None = None
    while True:
        page = client.search_traces(locations=[experiment], max_results=100, page_token=token)
        yield from page
        token = page.token
        if not token:
            return


def counted(uri: str) -> Counter[str]:
    client = MlflowClient(tracking_uri=uri)
    count: Counter[str] = Counter(runs=0, traces=0, assessments=0, spans=0)
    for experiment in client.search_experiments():
        count["runs"] += len(client.search_runs([experiment.experiment_id], max_results=5000))
        for trace in traces(client, experiment.experiment_id):
            count.update(traces=1, assessments=len(trace.info.assessments), spans=len(trace.data.spans))
    return count


if __name__ == "__main__":
    print(json.dumps(counted(sys.argv[1])))
