"""The session's MLflow run: shipped in parts while the session goes on, and ended with what it came to."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.delivery import ShipperProcess, spool_record, unreachable
from technoshare_commentator.mlops.evaluation.session_run import SessionRun, assessed_traces, case_artifacts
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.evaluation.session_results import SessionResults
    from technoshare_commentator.mlops.records import RunRecord, Status
    from technoshare_commentator.mlops.settings import TrackingSettings

_CASES_IN_A_PART = 50
_SECONDS_BETWEEN_PARTS = 2.0


class Publisher:
    """Hands cases to a shipper process as their tests end; nobody waits for it before the end of the session."""

    def __init__(self, settings: TrackingSettings, experiment: str, run: SessionRun) -> None:
        """Open the run and let a shipper open the store while the cases run."""
        self.settings = settings
        self.experiment = experiment
        self.receipt: Receipt | None = None
        self.problem = ""
        self.kept = True
        self.trace_count = 0
        self._run = run
        self._redact = Redactor()
        self._over: list[CaseResult] = []
        self._last_part = time.monotonic()
        self._spool = Spool(settings.spool_directory)
        self._shipper = self._start_shipper()
        if settings.tracking:
            self._spool_record(run.part([]))

    def case_over(self, case: CaseResult) -> None:
        """Take a case whose tests are over; every so often a few of them go to the shipper together."""
        self._over.append(case)
        due = time.monotonic() - self._last_part > _SECONDS_BETWEEN_PARTS
        if self.settings.tracking and (due or len(self._over) >= _CASES_IN_A_PART):
            self._spool_record(self._take_part())
            self._last_part = time.monotonic()

    def end(
        self, results: SessionResults, status: Status, timeout_seconds: float, superseded: Sequence[str] = ()
    ) -> None:
        """End the run, and wait until MLflow has it or the time is over; `superseded` are traces to be removed."""
        if not self.settings.tracking:
            return
        record = self._run.end(results, self._take_part(), time.time_ns(), status)
        record.superseded = list(superseded)
        self._spool_record(record)
        try:
            self._await_receipt(record, timeout_seconds)
        except KeyboardInterrupt:
            self.problem = "interrupted while MLflow was taking the run; it goes on in the background"

    def _take_part(self) -> RunRecord:
        """What has come since the last part."""
        traces = assessed_traces(self._over) if self.settings.tracing else []
        part = self._run.part(traces, case_artifacts(self._over))
        self._over = []
        self.trace_count += len(traces)
        return part

    def _spool_record(self, record: RunRecord) -> None:
        try:
            spool = spool_record(record, self.settings, self.experiment, self._redact)
        except OSError as error:  # no disk takes it, not even the one for temporary files
            self.problem, self.kept = f"the run could not be kept: {error}", False
            return
        if spool.directory != self._spool.directory or (self._shipper is None and not self.problem):
            self._spool = spool
            self._shipper = None if self.problem else ShipperProcess(spool, self.settings.uri)

    def _start_shipper(self) -> ShipperProcess | None:
        if not self.settings.tracking:
            return None
        self.problem = unreachable(self.settings.uri)
        try:
            return None if self.problem else ShipperProcess(self._spool, self.settings.uri, warm_up=True)
        except OSError:  # a read-only disk; the record finds another place, and so does the shipper then
            return None

    def _await_receipt(self, record: RunRecord, timeout_seconds: float) -> None:
        if self._shipper is None:
            return
        self._shipper.release()
        if not self._shipper.wait(timeout_seconds):
            self.problem = "MLflow is still taking the run; it goes on in the background"
        self.receipt = self._spool.receipt(record.key, end_ns=record.end_ns)
        if self.receipt is None and not self.problem:
            status = self._spool.status()
            self.problem = status.last_error or f"the run was not shipped; see {status.directory}/shipper.log"
