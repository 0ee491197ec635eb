"""Jobs that were tracked, read back from MLflow: what a run was, what it was given, the files of its stages."""

from __future__ import annotations

import difflib
import re
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.session_run import RUN_TYPE_TAG
from technoshare_commentator.mlops.mlflow_client import open_existing_store, store_errors
from technoshare_commentator.mlops.records import Shipment
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlflow.entities import Experiment, Run
    from mlflow.store.entities import PagedList

    from technoshare_commentator.mlops.settings import TrackingSettings

_RUN_ID = re.compile(r"[0-9a-f]{32}")
_PARENT = "mlflow.parentRunId"
_KIND = "record.kind"  # a tag of `mlflow_writer`, which takes seconds to import
_JOB = "job"
_PAGE = 100
_RECENT = 200
_EVER = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True)
class TrackedJob:
    """The run of a job: its id and name in MLflow, when it began (UTC), its tags."""

    run_id: str
    name: str
    started_at: datetime
    tags: Mapping[str, str]

    @property
    def job_id(self) -> str:
        """What the application calls the job."""
        return self.tags.get("job_id", "")

    @property
    def outcome(self) -> str:
        """How it ended, as the application says."""
        return self.tags.get("outcome", "")


class JobReader:
    """Reads the jobs of one experiment; everything it cannot do is a `ConfigurationError` in one line."""

    def __init__(self, settings: TrackingSettings) -> None:
        """Open the store, which takes seconds; one that cannot be reached is known at once."""
        self._uri = settings.uri
        self._store = without_password(settings.uri)
        self._spool = Spool(settings.spool_directory)
        try:
            # A shipper may be making the store just now: two that migrate a SQLite file at once leave it unopenable.
            with (
                store_errors(self._uri),
                self._spool.store_lock(self._uri) if self._uri.startswith("sqlite:") else nullcontext(),
            ):
                self._client = open_existing_store(self._uri)
        except ConfigurationError as error:
            spool = self.about_the_spool()
            raise ConfigurationError(f"{error}{f'; {spool}' if spool else ''}") from error
        self._experiment = self._find_experiment(settings.experiment)

    def about_the_spool(self) -> str:
        """Say how many records have not been shipped yet, and how to ship them; empty when all have."""
        count = len(self._spool.pending())
        records = "1 record waits" if count == 1 else f"{count} records wait"
        return f"{records} in the spool, ship with 'technoshare spool ship'" if count else ""

    def since(self, moment: datetime) -> Iterator[TrackedJob]:
        """The jobs that began at this moment or later, the newest first."""
        first_ms = max(0, int(moment.timestamp() * 1000))
        wanted = f"tags.`{_KIND}` = '{_JOB}' and attributes.start_time >= {first_ms}"

        def page(token: str | None) -> PagedList[Run]:
            with store_errors(self._uri):
                return self._client.search_runs(
                    [self._experiment.experiment_id],
                    wanted,
                    max_results=_PAGE,
                    order_by=["attributes.start_time DESC"],
                    page_token=token,
                )

        from technoshare_commentator.mlops.mlflow_runs import all_pages  # noqa: PLC0415 - imports MLflow

        return (_job(run) for run in all_pages(page) if _PARENT not in run.data.tags)

    def job(self, run_id: str) -> TrackedJob:
        """The job with this run; whatever else the id is raises `ConfigurationError` saying what to ask for instead."""
        run = self._run(run_id)
        tags, what = run.data.tags, f"the run {run.info.run_name!r} ({run_id})"
        if run.info.lifecycle_stage == "deleted":
            raise ConfigurationError(
                f"{what} is deleted in {self._store}; restore it with 'mlflow runs restore --run-id {run_id}'"
            )
        if _PARENT in tags:
            raise ConfigurationError(f"{what} is a stage of a job and not the job; that is the run {tags[_PARENT]}")
        if RUN_TYPE_TAG in tags:
            raise ConfigurationError(
                f"{what} is a session of the evaluation and no job: what it ran is in a dataset already"
            )
        if run.info.experiment_id != self._experiment.experiment_id:
            raise ConfigurationError(
                f"{what} belongs to the experiment {self._name_of(run)!r} and not to {self._experiment.name!r}; "
                "set MLFLOW_EXPERIMENT_NAME to it if its runs are jobs of this project"
            )
        if tags.get(_KIND) != _JOB:
            raise ConfigurationError(f"{what} is no job: this project did not track it; see {_list_command()}")
        if run.info.status == "RUNNING":
            raise ConfigurationError(f"{what} is being written just now; try again in a moment")
        return _job(run)

    def artifact(self, job: TrackedJob, stage: str, path: str) -> str | None:
        """The text of a file that a stage of the job left; None when there was no such stage, or it left none.

        Of several runs of a stage it is the last one that counts.
        """
        with store_errors(self._uri):
            runs = self._client.search_runs(
                [self._experiment.experiment_id],
                f"tags.`{_PARENT}` = '{job.run_id}' and attributes.run_name = '{stage}'",
                max_results=1,
                order_by=["attributes.start_time DESC"],
            )
            if not runs or path not in {found.path for found in self._client.list_artifacts(runs[0].info.run_id)}:
                return None
            with tempfile.TemporaryDirectory() as folder:
                file = self._client.download_artifacts(runs[0].info.run_id, path, folder)
                return Path(file).read_text(encoding="utf-8")

    def inputs(self, job: TrackedJob) -> Any:
        """What the job was given, as its trace has it; None where there is no trace."""
        with store_errors(self._uri):
            experiment = [self._experiment.experiment_id]
            traces = self._client.search_traces(locations=experiment, run_id=job.run_id, max_results=1)
            roots = [span for trace in traces for span in trace.data.spans if span.parent_id is None]
            return roots[0].inputs if roots else None

    def _find_experiment(self, name: str) -> Experiment:
        with store_errors(self._uri):
            found = self._client.get_experiment_by_name(name)
        if found is None:
            raise ConfigurationError(
                f"there is no experiment {name!r} in {self._store}: no job was shipped there; "
                f"{self.about_the_spool() or 'check MLFLOW_TRACKING_URI and MLFLOW_EXPERIMENT_NAME'}"
            )
        if found.lifecycle_stage == "deleted":
            raise ConfigurationError(
                f"the experiment {name!r} is deleted in {self._store}; restore it with "
                f"'mlflow experiments restore --experiment-id {found.experiment_id}'"
            )
        return found

    def _run(self, run_id: str) -> Run:
        if not _RUN_ID.fullmatch(run_id):
            raise self._unknown(run_id)
        from mlflow.exceptions import MlflowException  # noqa: PLC0415 - takes seconds

        with store_errors(self._uri):
            try:
                return self._client.get_run(run_id)
            except MlflowException as error:
                if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                    raise
        raise self._unknown(run_id)

    def _unknown(self, asked: str) -> ConfigurationError:
        """Say what may have been meant: a job that has not been shipped, or one of the newest."""
        if asked in self._waiting_names():
            return ConfigurationError(f"the job {asked!r} is not in {self._store} yet; {self.about_the_spool()}")
        near = _nearest(asked, list(islice(self.since(_EVER), _RECENT)))
        hint = f"did you mean {near.run_id} ({near.name}, {near.outcome})? " if near else ""
        spool = self.about_the_spool()
        return ConfigurationError(
            f"there is no run {asked!r} in {self._store}; {hint}{_list_command()} lists the newest jobs"
            f"{f'; {spool}' if spool else ''}"
        )

    def _waiting_names(self) -> set[str]:
        names: set[str] = set()
        for path in self._spool.pending():
            try:
                run = Shipment.from_json(path.read_bytes()).run
            except (OSError, ValueError):  # shipped meanwhile, or no record: which a shipper will say
                continue
            names |= {run.name, run.key, run.tags.get("job_id", run.name)}
        return names

    def _name_of(self, run: Run) -> str:
        with store_errors(self._uri):
            return str(self._client.get_experiment(run.info.experiment_id).name)


def _job(run: Run) -> TrackedJob:
    started_at = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
    return TrackedJob(str(run.info.run_id), str(run.info.run_name), started_at, dict(run.data.tags))


def _nearest(asked: str, jobs: list[TrackedJob]) -> TrackedJob | None:
    """The newest job that is called so, or whose run's id begins so, or is nearly so."""
    named = [(name, job) for job in jobs for name in (job.run_id, job.name, job.job_id) if name]
    close = difflib.get_close_matches(asked, [name for name, _ in named], 1)
    wanted = (lambda name: name == asked, lambda name: asked and name.startswith(asked), lambda name: name in close)
    return next((job for is_meant in wanted for name, job in named if is_meant(name)), None)


def _list_command() -> str:
    return "'technoshare evals add --from all --dry-run'"
