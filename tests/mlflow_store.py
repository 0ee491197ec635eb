"""What an MLflow store holds, as plain data that can be compared: runs by the key of their record."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Assessment, Run, Trace

_OF_THIS_STORE = ("mlflow.artifactLocation", "mlflow.trace.spansLocation")  # tags that differ from store to store

_MANY = 100


def contents(client: MlflowClient, experiment: str) -> dict[str, Any]:
    """Everything in an experiment, without what differs from store to store (ids, places); nothing is merged away."""
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return {"runs": [], "traces": []}
    runs = client.search_runs([found.experiment_id], max_results=1000)
    keys = {run.info.run_id: run.data.tags.get("record.key", run.info.run_id) for run in runs}
    traces = client.search_traces(locations=[found.experiment_id], max_results=500)
    return {
        "runs": sorted((_run(client, run, keys) for run in runs), key=lambda run: (run["name"], run["key"])),
        "traces": sorted((_trace(trace, keys) for trace in traces), key=lambda trace: str(trace["id"])),
    }


def names(found: dict[str, Any]) -> Counter[str]:
    """How often each run's name occurs."""
    return Counter(run["name"] for run in found["runs"])


def _run(client: MlflowClient, run: Run, keys: dict[str, str]) -> dict[str, Any]:
    tags = dict(run.data.tags)
    tags.pop("record.key", None)
    parent = tags.pop("mlflow.parentRunId", None)
    inputs = run.inputs.dataset_inputs if run.inputs else []
    return {
        "key": keys[run.info.run_id],
        "parent": parent and keys[parent],
        "name": run.info.run_name,
        "status": run.info.status,
        "times": [run.info.start_time, run.info.end_time],
        "tags": tags,
        "params": run.data.params,
        "metrics": _metrics(client, run),
        "artifacts": _artifacts(client, run.info.run_id),
        "datasets": [[one.dataset.name, one.dataset.digest, one.dataset.source] for one in inputs],
    }


def _metrics(client: MlflowClient, run: Run) -> dict[str, list[list[Any]]]:
    """Every point of every metric; of very many metrics, each costing a request, only the last value."""
    if len(run.data.metrics) > _MANY:
        return {name: [[repr(value)]] for name, value in run.data.metrics.items()}
    points = {name: client.get_metric_history(run.info.run_id, name) for name in run.data.metrics}
    return {name: [[repr(one.value), one.timestamp, one.step] for one in given] for name, given in points.items()}


def _artifacts(client: MlflowClient, run_id: str) -> dict[str, str]:
    if not client.list_artifacts(run_id):
        return {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(client.download_artifacts(run_id, "", folder))
        files = (path for path in root.rglob("*") if path.is_file())
        return {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in files}


def _trace(trace: Trace, keys: dict[str, str]) -> dict[str, Any]:
    info = trace.info
    metadata = dict(info.trace_metadata)
    names = {span.span_id: span.name for span in trace.data.spans}
    return {
        "id": info.trace_id,
        "run": keys.get(metadata.pop("mlflow.sourceRun", ""), ""),
        "state": str(info.state),
        "times": [info.request_time, info.execution_duration],
        "previews": [info.request_preview, info.response_preview],
        "tags": {name: value for name, value in info.tags.items() if name not in _OF_THIS_STORE},
        "metadata": metadata,
        "usage": [info.token_usage, info.cost],
        "spans": [
            {
                "name": span.name,
                "parent": names.get(span.parent_id or "", span.parent_id),
                "type": span.span_type,
                "status": [str(span.status.status_code), span.status.description],
                "times": [span.start_time_ns, span.end_time_ns],
                "attributes": dict(span.attributes),
                "events": [[event.name, event.attributes] for event in span.events],
            }
            for span in sorted(trace.data.spans, key=lambda span: (span.start_time_ns, span.span_id))
        ],
        "assessments": sorted(
            (_assessment(one, keys) for one in info.assessments),
            key=lambda one: str(one["assessment_name"]),
        ),
    }


def _assessment(assessment: Assessment, keys: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = assessment.to_dictionary()  # type: ignore[no-untyped-call]  # MLflow types most, not this
    metadata = dict(found.get("metadata", {}))
    run = metadata.pop("mlflow.assessment.sourceRunId", "")
    return {**found, "metadata": metadata, "run": keys.get(run, run)}
