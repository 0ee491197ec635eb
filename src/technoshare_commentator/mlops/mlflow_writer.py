"""Turns a record into MLflow runs, artifacts and traces, once: what is there already is completed, not repeated.

Every run carries its record's key as a tag from the very call that creates it, so a writer that was killed between
two calls finds its runs again. Metrics carry the record's own time, traces and assessments ids made from the
record: sending them twice changes nothing.
"""

from __future__ import annotations

import json
import logging
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, LifecycleStage, Metric, Param, RunTag
from mlflow.exceptions import MlflowException
from mlflow.tracing.client import TracingClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.mlflow_repair import MAX_DIGEST_LENGTH, MAX_NAME_LENGTH, repaired
from technoshare_commentator.mlops.mlflow_traces import mlflow_spans, mlflow_trace_info
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.spool import Receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mlflow.entities import Experiment, Run, Trace
    from mlflow.store.entities import PagedList

    from technoshare_commentator.mlops.records import DatasetRecord, RunRecord, Shipment, TraceRecord

logger = logging.getLogger(__name__)

RECORD_KEY = "record.key"
ROOT_KEY = "record.root_key"
RUN_KIND = "record.kind"
_TAGS_PER_CALL = 90
_METRICS_PER_CALL = 800  # MLflow takes 1,000 values a call in all
_TRACES_PER_CALL = 50
_PAGE = 500

T = TypeVar("T")


class MlflowWriter:
    """Writes to one MLflow store."""

    def __init__(self, tracking_uri: str) -> None:
        """Open the store; a new SQLite file is migrated here, which takes some seconds."""
        self._name = without_password(tracking_uri)
        self._client = MlflowClient(tracking_uri=tracking_uri)
        self._traces = TracingClient(tracking_uri=tracking_uri)

    def check(self) -> None:
        """Ask the store for anything at all; raises what MLflow raises when it cannot be reached."""
        self._client.search_experiments(max_results=1)

    def write(self, shipment: Shipment) -> Receipt:
        """Write the whole tree; raises `ConfigurationError` or what MLflow raises."""
        experiment_id = self._experiment(shipment.experiment)
        root = shipment.run
        tree = _Tree(self._client, self._traces, experiment_id, root.key)
        root_id = tree.write(root)
        tree.remove_twins()
        return Receipt(
            key=root.key,
            name=root.name,
            experiment_id=experiment_id,
            run_id=root_id,
            tracking_uri=self._name,
            trace_count=self._count_traces(experiment_id, root_id) if root.traces else None,
        )

    def _count_traces(self, experiment_id: str, run_id: str) -> int:
        def page(token: str | None) -> PagedList[Trace]:
            found: PagedList[Trace] = self._client.search_traces(
                locations=[experiment_id], run_id=run_id, max_results=_PAGE, page_token=token, include_spans=False
            )
            return found

        return sum(1 for _ in _all_pages(page))

    def _experiment(self, name: str) -> str:
        found = self._client.get_experiment_by_name(name) or self._new_experiment(name)
        if found.lifecycle_stage == LifecycleStage.DELETED:
            raise ConfigurationError(
                f"the experiment {name!r} is deleted in {self._name}; restore it with "
                f"'mlflow experiments restore --experiment-id {found.experiment_id}' or name another one"
            )
        return str(found.experiment_id)

    def _new_experiment(self, name: str) -> Experiment:
        try:
            return self._client.get_experiment(self._client.create_experiment(name))
        except MlflowException as error:
            made_by_another = self._client.get_experiment_by_name(name)
            if made_by_another is None:
                raise
            logger.debug("the experiment %r was made meanwhile: %s", name, error)
            return made_by_another


class _Tree:
    """One record with all below it, on its way into one experiment."""

    def __init__(self, client: MlflowClient, traces: TracingClient, experiment_id: str, root_key: str) -> None:
        """Look up which of its runs are there already."""
        self._client = client
        self._traces = traces
        self._experiment_id = experiment_id
        self._root_key = root_key
        self._known = {run.data.tags[RECORD_KEY]: run.info.run_id for run in self._stored_runs()}
        self._written: set[str] = set()

    def write(self, raw: RunRecord, parent_id: str | None = None) -> str:
        """Write a run and those nested in it, and return its id; it is finished only when all below it is there."""
        record = repaired(raw)
        run_id = self._known.get(record.key) or self._create_run(record, parent_id)
        self._written.add(run_id)
        self._log_values(run_id, record)
        self._log_artifacts(run_id, record.artifacts)
        if record.datasets:
            self._client.log_inputs(run_id, datasets=[_dataset(dataset) for dataset in record.datasets])
        self._log_traces(run_id, [trace for trace in record.traces if trace.spans])
        for child in record.children:
            self.write(child, run_id)
        if record.end_ns is not None:
            self._client.set_terminated(run_id, record.status, end_time=record.end_ns // 1_000_000)
        return run_id

    def remove_twins(self) -> None:
        """Delete the runs that a request made which was given up or whose sender was killed, and done all the same."""
        for run in self._stored_runs():
            if run.info.run_id not in self._written:
                logger.warning("run %s of %s was made twice; deleted", run.info.run_id, run.info.run_name)
                self._client.delete_run(run.info.run_id)

    def _create_run(self, record: RunRecord, parent_id: str | None) -> str:
        tags = {RECORD_KEY: record.key, ROOT_KEY: self._root_key, RUN_KIND: record.kind}
        if parent_id:
            tags[MLFLOW_PARENT_RUN_ID] = parent_id
        run = self._client.create_run(
            self._experiment_id, start_time=record.start_ns // 1_000_000, tags=tags, run_name=record.name
        )
        return str(run.info.run_id)

    def _log_values(self, run_id: str, record: RunRecord) -> None:
        moment = (record.end_ns or record.start_ns) // 1_000_000
        tags = [RunTag(name, value) for name, value in record.tags.items()]
        params = [Param(name, value) for name, value in record.params.items()]
        metrics = [Metric(name, value, moment, 0) for name, value in record.metrics.items()]
        for few_metrics, few_params, few_tags in zip_longest(
            _batches(metrics, _METRICS_PER_CALL),
            _batches(params, _TAGS_PER_CALL),
            _batches(tags, _TAGS_PER_CALL),
            fillvalue=(),
        ):
            self._client.log_batch(run_id, few_metrics, few_params, few_tags)

    def _log_artifacts(self, run_id: str, artifacts: dict[str, str]) -> None:
        if not artifacts:
            return
        with tempfile.TemporaryDirectory() as folder:
            for path, content in artifacts.items():
                target = Path(folder, path)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.encode(errors="replace"))
            self._client.log_artifacts(run_id, folder)

    def _log_traces(self, run_id: str, traces: list[TraceRecord]) -> None:
        for few in _batches(traces, _TRACES_PER_CALL):
            self._traces.log_spans(self._experiment_id, [span for trace in few for span in mlflow_spans(trace)])
        for trace in traces:
            self._traces.start_trace(mlflow_trace_info(trace, self._experiment_id, run_id))

    def _stored_runs(self) -> Iterator[Run]:
        def page(token: str | None) -> PagedList[Run]:
            mine = f"tags.`{ROOT_KEY}` = '{self._root_key}'"
            return self._client.search_runs([self._experiment_id], mine, max_results=_PAGE, page_token=token)

        return _all_pages(page)


def _dataset(record: DatasetRecord) -> DatasetInput:
    source = json.dumps({"path": record.source, "version": record.version})
    return DatasetInput(Dataset(record.name[:MAX_NAME_LENGTH], record.digest[:MAX_DIGEST_LENGTH], "local", source))


def _all_pages(ask: Callable[[str | None], PagedList[T]]) -> Iterator[T]:
    token = None
    while True:
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(items), size):
        yield list(items[start : start + size])
