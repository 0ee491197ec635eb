"""Turns a record into MLflow runs, artifacts and traces, once: what is there already is completed, not repeated.

Every run carries its record's key as a tag from the very call that creates it, so a writer that was killed between
two calls finds its runs again. Metrics carry the record's own time, traces and assessments ids made from the
record: sending them twice changes nothing.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, LifecycleStage, Metric, Param, RunTag
from mlflow.tracing.client import TracingClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.mlflow_repair import repaired
from technoshare_commentator.mlops.mlflow_traces import mlflow_spans, mlflow_trace_info
from technoshare_commentator.mlops.records import DatasetRecord, RunRecord, Shipment, TraceRecord
from technoshare_commentator.mlops.spool import Receipt

RECORD_KEY = "record.key"
ROOT_KEY = "record.root_key"
RUN_KIND = "record.kind"
_TAGS_PER_CALL = 90
_METRICS_PER_CALL = 900
_TRACES_PER_CALL = 50
_PAGE = 500

T = TypeVar("T")


class MlflowWriter:
    """Writes to one MLflow store."""

    def __init__(self, tracking_uri: str) -> None:
        """Open the store; a new SQLite file is migrated here, which takes some seconds."""
        self._uri = tracking_uri
        self._client = MlflowClient(tracking_uri=tracking_uri)
        self._traces = TracingClient(tracking_uri=tracking_uri)
        self._experiments: dict[str, str] = {}

    def check(self) -> None:
        """Ask the store for anything at all; raises what MLflow raises when it cannot be reached."""
        self._client.search_experiments(max_results=1)

    def write(self, shipment: Shipment) -> Receipt:
        """Write the whole tree; raises `ConfigurationError` or what MLflow raises."""
        experiment_id = self._experiment(shipment.experiment)
        root = shipment.run
        known = self._known_runs(experiment_id, root.key)
        root_id = self._write_run(experiment_id, root, root.key, None, known)
        for child in root.children:
            self._write_below(experiment_id, child, root.key, root_id, known)
        return Receipt(
            key=root.key,
            name=root.name,
            experiment_id=experiment_id,
            run_id=root_id,
            tracking_uri=self._uri,
            trace_count=self._count_traces(experiment_id, root_id) if root.traces else None,
        )

    def _write_below(
        self, experiment_id: str, record: RunRecord, root_key: str, parent_id: str, known: dict[str, str]
    ) -> None:
        run_id = self._write_run(experiment_id, record, root_key, parent_id, known)
        for child in record.children:
            self._write_below(experiment_id, child, root_key, run_id, known)

    def _write_run(
        self, experiment_id: str, raw: RunRecord, root_key: str, parent_id: str | None, known: dict[str, str]
    ) -> str:
        record = repaired(raw)
        run_id = known.get(record.key) or self._create_run(experiment_id, record, root_key, parent_id)
        self._log_values(run_id, record)
        self._log_artifacts(run_id, record.artifacts)
        if record.datasets:
            self._client.log_inputs(run_id, datasets=[_dataset(dataset) for dataset in record.datasets])
        self._log_traces(experiment_id, run_id, record.traces)
        if record.end_ns is not None:
            self._client.set_terminated(run_id, record.status, end_time=record.end_ns // 1_000_000)
        return run_id

    def _create_run(self, experiment_id: str, record: RunRecord, root_key: str, parent_id: str | None) -> str:
        tags = {RECORD_KEY: record.key, ROOT_KEY: root_key, RUN_KIND: record.kind}
        if parent_id:
            tags[MLFLOW_PARENT_RUN_ID] = parent_id
        run = self._client.create_run(
            experiment_id, start_time=record.start_ns // 1_000_000, tags=tags, run_name=record.name
        )
        return str(run.info.run_id)

    def _log_values(self, run_id: str, record: RunRecord) -> None:
        moment = (record.end_ns or record.start_ns) // 1_000_000
        tags = [RunTag(name, value) for name, value in record.tags.items()]
        params = [Param(name, value) for name, value in record.params.items()]
        metrics = [Metric(name, value, moment, 0) for name, value in record.metrics.items()]
        for few in _batches(metrics, _METRICS_PER_CALL):
            self._client.log_batch(run_id, metrics=few)
        for some in _batches(params, _TAGS_PER_CALL):
            self._client.log_batch(run_id, params=some)
        for more in _batches(tags, _TAGS_PER_CALL):
            self._client.log_batch(run_id, tags=more)

    def _log_artifacts(self, run_id: str, artifacts: dict[str, str]) -> None:
        if not artifacts:
            return
        with tempfile.TemporaryDirectory() as folder:
            for path, content in artifacts.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, encoding="utf-8")
            self._client.log_artifacts(run_id, folder)

    def _log_traces(self, experiment_id: str, run_id: str, traces: list[TraceRecord]) -> None:
        for few in _batches(traces, _TRACES_PER_CALL):
            self._traces.log_spans(experiment_id, [span for trace in few for span in mlflow_spans(trace)])
        for trace in traces:
            self._traces.start_trace(mlflow_trace_info(trace, experiment_id, run_id))

    def _known_runs(self, experiment_id: str, root_key: str) -> dict[str, str]:
        found = self._client.search_runs(
            [experiment_id], filter_string=f"tags.`{ROOT_KEY}` = '{root_key}'", max_results=_PAGE
        )
        return {run.data.tags[RECORD_KEY]: run.info.run_id for run in found}

    def _count_traces(self, experiment_id: str, run_id: str) -> int:
        count, token = 0, None
        while True:
            page = self._client.search_traces(
                locations=[experiment_id], run_id=run_id, max_results=_PAGE, page_token=token, include_spans=False
            )
            count += len(page)
            token = page.token
            if not token:
                return count

    def _experiment(self, name: str) -> str:
        if name not in self._experiments:
            found = self._client.get_experiment_by_name(name)
            if found is not None and found.lifecycle_stage == LifecycleStage.DELETED:
                raise ConfigurationError(
                    f"the experiment {name!r} is deleted in {self._uri}; restore it with "
                    f"'mlflow experiments restore --experiment-id {found.experiment_id}' or name another one"
                )
            self._experiments[name] = found.experiment_id if found else self._client.create_experiment(name)
        return self._experiments[name]


def _dataset(record: DatasetRecord) -> DatasetInput:
    source = json.dumps({"path": record.source, "version": record.version})
    return DatasetInput(Dataset(record.name, record.digest[:36], "local", source))


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
