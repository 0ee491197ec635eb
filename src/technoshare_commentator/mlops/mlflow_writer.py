"""Turns records into MLflow runs, artifacts and traces, once: what is there already is completed, not repeated.

Every run carries its record's key as a tag from the very call that creates it, so a writer that was killed between
two calls finds its runs again. Metrics carry the record's own time, traces and assessments ids made from the
record: sending them twice changes nothing.

A run that is handed over in parts is created by whichever comes first and ended by its last record. A tag says when the
newest of them was recorded; one that arrives after a newer one only adds the traces on which it has the last word.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from mlflow import MlflowClient
from mlflow.entities import LifecycleStage, RunStatus
from mlflow.exceptions import MlflowException
from mlflow.tracing.client import TracingClient
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.mlflow_repair import repaired
from technoshare_commentator.mlops.mlflow_runs import all_pages, log_artifacts, log_datasets, log_values
from technoshare_commentator.mlops.mlflow_shards import Shard
from technoshare_commentator.mlops.mlflow_trace_writer import ROOT_KEY, TraceWriter
from technoshare_commentator.mlops.prompt_links import links
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.spool import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlflow.entities import Experiment, Run
    from mlflow.store.entities import PagedList

    from technoshare_commentator.mlops.records import RunRecord, Shipment

logger = logging.getLogger(__name__)

RECORD_KEY = "record.key"
RUN_KIND = "record.kind"
NEWEST = "record.newest_ns"
_PAGE = 500
_GONE = frozenset({"RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"})


class MlflowWriter:
    """Writes to one MLflow store."""

    def __init__(self, tracking_uri: str) -> None:
        """Open the store; a new SQLite file is migrated here, which takes some seconds."""
        self._name = without_password(tracking_uri)
        self._client = MlflowClient(tracking_uri=tracking_uri)
        self._tracing = TracingClient(tracking_uri=tracking_uri)

    def check(self) -> None:
        """Ask the store for anything at all; raises what MLflow raises when it cannot be reached."""
        self._client.search_experiments(max_results=1)

    def write(self, shipment: Shipment) -> Receipt:
        """Write the whole tree, or the part; raises `ConfigurationError` or what MLflow raises."""
        root = shipment.run
        shared = self._shared_run(root) if root.run_id else None
        experiment_id = str(shared.info.experiment_id) if shared else self._experiment(shipment.experiment)
        traces = TraceWriter(self._client, self._tracing, experiment_id, root)
        tree = _Tree(self._client, traces, experiment_id, root, shared)
        had_parts = tree.is_known
        run_id = tree.write()
        had_traces = bool(root.traces) or had_parts
        return Receipt(
            key=root.key,
            name=root.name,
            experiment_id=experiment_id,
            run_id=run_id,
            tracking_uri=self._name,
            trace_count=traces.count(run_id) if had_traces and not root.is_part else None,
            end_ns=root.end_ns,
        )

    def _shared_run(self, record: RunRecord) -> Run:
        """The run that the record is to be written into."""
        Shard.of(record)  # a shard that is none is better known before anything is written
        try:
            run = self._client.get_run(record.run_id)
        except MlflowException as error:
            if error.error_code not in _GONE:
                raise
            raise ConfigurationError(
                f"there is no run {record.run_id!r} in {self._name}; open one with "
                "'technoshare evals open-run' and give its id to every shard"
            ) from error
        if run.info.lifecycle_stage == LifecycleStage.DELETED:
            raise ConfigurationError(
                f"the run {record.run_id!r} is deleted in {self._name}; restore it with "
                f"'mlflow runs restore --run-id {record.run_id}' or open another one"
            )
        return run

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

    def __init__(
        self, client: MlflowClient, traces: TraceWriter, experiment_id: str, root: RunRecord, shared: Run | None
    ) -> None:
        """Look up which of its runs are there already."""
        self._client = client
        self._traces = traces
        self._experiment_id = experiment_id
        self._root = root
        self._shared = shared
        self._newest = f"{NEWEST}.{root.key}" if shared else NEWEST
        self._known: dict[str, Run] = {}
        for run in self._stored_runs():
            key = run.data.tags[RECORD_KEY]
            if key not in self._known or self._newest in run.data.tags:  # the one that was written to, not its twin
                self._known[key] = run
        if shared:
            self._known[root.key] = shared
        self._written: dict[str, str] = {}

    @property
    def is_known(self) -> bool:
        """Whether the root's run was there before."""
        return self._root.key in self._known

    def write(self) -> str:
        """Write what the store lacks of the tree and return the id of the root's run."""
        root, run = self._root, self._known.get(self._root.key)
        newest = max(root.recorded_ns, int(run.data.tags.get(self._newest, 0)) if run else 0)
        if run and root.recorded_ns < newest:
            root = replace(root, traces=self._traces.outdated(run.info.run_id, root.traces))
            if root.is_part or RunStatus.is_terminated(RunStatus.from_string(run.info.status)):
                return self._add_traces(root, run.info.run_id)
        root = replace(root, tags={**root.tags, self._newest: str(newest)})
        shard = Shard.of(root)
        run_id = self._write(self._as_guest(root, shard) if self._shared else root)
        self._remove_twins()
        if shard and not root.is_part:
            shard.end_run_when_complete(self._client, run_id)
        return run_id

    def _add_traces(self, record: RunRecord, run_id: str) -> str:
        """Write the traces of a record whose other values are older than those that are there."""
        only = repaired(replace(record, tags={}, params={}, artifacts={}))
        self._traces.write(run_id, only.traces)
        log_artifacts(self._client, run_id, only.artifacts)  # what was cut from the traces
        return run_id

    def _as_guest(self, root: RunRecord, shard: Shard | None) -> RunRecord:
        """The record for a run that others write into as well: a param that is set stays as it is."""
        given = self._shared.data.params if self._shared else {}
        root = replace(root, params={name: value for name, value in root.params.items() if name not in given})
        return shard.share_of(root) if shard else root

    def _write(self, raw: RunRecord, parent_id: str | None = None) -> str:
        """Write a run and those nested in it, and return its id; it is finished only when all below it is there."""
        record = repaired(replace(raw, tags={**raw.tags, **links(raw.tags)}))
        known = self._known.get(record.key)
        run_id = str(known.info.run_id) if known else self._create_run(record, parent_id)
        self._written[record.key] = run_id
        log_values(self._client, run_id, record)
        log_datasets(self._client, run_id, record.datasets)
        self._traces.write(run_id, record.traces)
        self._traces.remove(run_id, record.superseded)
        for child in record.children:
            self._write(child, run_id)
        log_artifacts(self._client, run_id, record.artifacts)
        if record.end_ns is not None:
            self._client.set_terminated(run_id, record.status, end_time=record.end_ns // 1_000_000)
        return run_id

    def _remove_twins(self) -> None:
        """Delete the runs that a request made which was given up or whose sender was killed, and done all the same."""
        for run in self._stored_runs():
            if self._written.get(run.data.tags[RECORD_KEY], run.info.run_id) != run.info.run_id:
                logger.warning("run %s of %s was made twice; deleted", run.info.run_id, run.info.run_name)
                self._client.delete_run(run.info.run_id)

    def _create_run(self, record: RunRecord, parent_id: str | None) -> str:
        tags = {RECORD_KEY: record.key, ROOT_KEY: self._root.key, RUN_KIND: record.kind}
        if parent_id:
            tags[MLFLOW_PARENT_RUN_ID] = parent_id
        run = self._client.create_run(
            self._experiment_id, start_time=record.start_ns // 1_000_000, tags=tags, run_name=record.name
        )
        return str(run.info.run_id)

    def _stored_runs(self) -> Iterator[Run]:
        """The runs that this record made, or its parts did; none has to be looked for in a run of somebody else."""
        if self._shared and not self._root.children:
            return iter(())

        def page(token: str | None) -> PagedList[Run]:
            mine = f"tags.`{ROOT_KEY}` = '{self._root.key}'"
            return self._client.search_runs([self._experiment_id], mine, max_results=_PAGE, page_token=token)

        return all_pages(page)
