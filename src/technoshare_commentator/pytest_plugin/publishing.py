"""The side of a session that gathers: results of all workers, published once as one MLflow run."""

from __future__ import annotations

import getpass
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops.delivery import ShipperProcess, spool_record, unreachable
from technoshare_commentator.mlops.evaluation.report import RESULTS_FILE, SessionReport
from technoshare_commentator.mlops.evaluation.results import CaseResult, Message, TestResult
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.mlops.spool import Receipt, Spool
from technoshare_commentator.pytest_plugin.options import experiment_name

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.results import ScoreResult, TestOutcome
    from technoshare_commentator.mlops.records import RunRecord, Status

_BROKEN_OFF = frozenset({pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR})


class Gathering:
    """Results as they come in, and what became of them."""

    def __init__(self, config: pytest.Config, started_ns: int) -> None:
        """Read the settings and let a shipper open the store while the cases run."""
        self._config = config
        self._started_ns = started_ns
        self._cases: dict[str, CaseResult] = {}
        self._run_tags: dict[str, str] = {}
        self.settings = load_tracking_settings()
        self.experiment = experiment_name(config)
        self.report = SessionReport((), 0.0)
        self.receipt: Receipt | None = None
        self.problem = ""
        self.results_problem = ""
        self.kept = True
        self.trace_count = 0
        self._spool = Spool(self.settings.spool_directory)
        self._shipper = self._start_shipper()

    @property
    def results_path(self) -> Path:
        """Where `eval_results.json` is written."""
        given = self._config.getoption("--eval-results")
        return Path(given) if given else self.settings.home / "evals" / RESULTS_FILE

    def add(self, report: pytest.TestReport, content: str) -> None:
        """Take a test's report and what its worker said of the case."""
        message = Message.from_json(content)
        self._run_tags.update(message.run_tags)
        if self._config.getoption("dist", "no") == "each":  # every worker runs every case
            message.case.key = f"{report.node.gateway.id} {message.case.key}"
        case = self._cases.setdefault(message.case.key, message.case)
        if case is not message.case:
            case.merge(message.case)
        _note_test(case, report, message.scores)

    def publish(self, exitstatus: int) -> None:
        """Write the results file, then hand the run to the shipper and wait for it, within limits."""
        ended = time.time_ns()
        self.report = SessionReport(list(self._cases.values()), (ended - self._started_ns) / 1e9)
        tags = {**self._session_tags(exitstatus), **self._run_tags}
        self._write_results(tags)
        if not self.settings.tracking:
            return
        name = self._config.getoption("--eval-run-name") or time.strftime("eval-%Y-%m-%d-%H%M%S")
        status: Status = "FAILED" if exitstatus in _BROKEN_OFF else "FINISHED"
        run = self.report.as_run(name, self._started_ns, ended, tags, status)
        if not self.settings.tracing:
            run.traces = []
        self.trace_count = len(run.traces)
        try:
            self._ship(run)
        except OSError as error:  # no disk takes it, not even the one for temporary files
            self.problem, self.kept = f"the run could not be kept: {error}", False
        except KeyboardInterrupt:
            self.problem = "interrupted while MLflow was taking the run; it goes on in the background"

    def _ship(self, run: RunRecord) -> None:
        spool = spool_record(run, self.settings, self.experiment, Redactor())
        if self._shipper is None or spool.directory != self._spool.directory:
            self._shipper = None if self.problem else ShipperProcess(spool, self.settings.uri)
        self._await_receipt(spool, run.key)

    def _start_shipper(self) -> ShipperProcess | None:
        if not self.settings.tracking:
            return None
        self.problem = unreachable(self.settings.uri)
        try:
            return None if self.problem else ShipperProcess(self._spool, self.settings.uri, warm_up=True)
        except OSError:  # a read-only disk; the record finds another place, and so does the shipper then
            return None

    def _await_receipt(self, spool: Spool, key: str) -> None:
        if self._shipper is None:
            return
        self._shipper.release()
        if not self._shipper.wait(self._config.getoption("--eval-publish-timeout")):
            self.problem = "MLflow is still taking the run; it goes on in the background"
        self.receipt = spool.receipt(key)
        if self.receipt is None and not self.problem:
            self.problem = spool.status().last_error or f"the run was not shipped; see {spool.directory}/shipper.log"

    def _write_results(self, tags: dict[str, str]) -> None:
        content = json.dumps(self.report.as_json(tags), indent=2, ensure_ascii=False)
        try:
            self.results_path.parent.mkdir(parents=True, exist_ok=True)
            self.results_path.write_bytes(Redactor()(content.encode(errors="replace")))
        except OSError as error:
            self.results_problem = f"cannot be written: {error}"

    def _session_tags(self, exitstatus: int) -> dict[str, str]:
        arguments = " ".join(str(argument) for argument in self._config.invocation_params.args)
        tags = {
            "mlflow.user": _user(),
            "mlflow.source.name": "pytest",
            "pytest.command": f"pytest {arguments}".strip(),
            "pytest.exit_status": str(exitstatus),
            "python.version": sys.version.split()[0],
        }
        commit = _git(self._config.rootpath, "rev-parse", "HEAD")
        if commit:
            tags["mlflow.source.git.commit"] = commit
            tags["git.dirty"] = str(bool(_git(self._config.rootpath, "status", "--porcelain"))).lower()
        return tags


def _note_test(case: CaseResult, report: pytest.TestReport, scores: list[ScoreResult]) -> None:
    """Keep the last word on a test; a passing setup or teardown says nothing but which scores there were."""
    if report.when != "call" and report.passed:
        if report.when == "teardown" and report.nodeid in case.tests:
            case.tests[report.nodeid].scores = scores
        return
    outcome: TestOutcome = report.outcome
    if report.failed and report.when != "call":
        outcome = "error"
    message = "" if outcome in {"passed", "skipped"} else _reason(report)
    case.tests[report.nodeid] = TestResult(report.nodeid, outcome, report.duration, message, scores)


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, str):  # what xdist says of a worker that died
        return report.longrepr
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longreprtext).strip()


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            ["git", "-C", str(folder), *arguments],  # noqa: S607 - whichever git the user has
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
