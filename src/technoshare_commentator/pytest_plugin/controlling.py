"""The process where reports arrive, from the first case to the verdict: gathering, judging, writing, publishing."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.rows import detail_of, row_of
from technoshare_commentator.mlops.evaluation.running.journal import SessionFolder, prune, sessions_folder
from technoshare_commentator.mlops.evaluation.session_results import CaseKey, DatasetRow, SessionResults
from technoshare_commentator.mlops.evaluation.session_run import SessionRun
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.pytest_plugin import options
from technoshare_commentator.pytest_plugin.calibration import calibration_of, refuse_rules
from technoshare_commentator.pytest_plugin.files import update_baseline, write_files
from technoshare_commentator.pytest_plugin.flights import Flights
from technoshare_commentator.pytest_plugin.gathering import Gathering
from technoshare_commentator.pytest_plugin.plan import make_plan
from technoshare_commentator.pytest_plugin.publishing import Publisher
from technoshare_commentator.pytest_plugin.recording import Recordings
from technoshare_commentator.pytest_plugin.session_tags import session_tags
from technoshare_commentator.pytest_plugin.terminal.progress import make_display
from technoshare_commentator.pytest_plugin.verdict import Baseline, judged, load_gate_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.records import Status
    from technoshare_commentator.pytest_plugin.files import WrittenFile

_RAN_TO_THE_END = frozenset({pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED})
_BROKEN_OFF = frozenset({pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR})


class Controlling:
    """One session's results and what became of them."""

    def __init__(self, config: pytest.Config, folder: Path, notes_folder: Path, notes: Mapping[str, Any]) -> None:
        """Read settings, gate and baseline, and open the run; raises `ConfigurationError` where one is wrong."""
        self._config = config
        self._started_ns = time.time_ns()
        self._folder = SessionFolder(folder)
        self._known_scorers: frozenset[str] = frozenset(notes.get("scorers", ()))
        settings = load_tracking_settings()
        self._gate = load_gate_of(config)
        refuse_rules(calibration_of(config), self._gate)
        self._plan = make_plan(config)
        options.concurrency(config)  # what is wrong with it is said now
        self._baseline = Baseline(config, settings)
        self._run = self._session_run()
        self.publisher = Publisher(settings, options.experiment_name(config), self._run)
        self.recordings = Recordings(config, notes_folder, notes)
        self.gathering = Gathering(self._case_over)
        self.gathering.expect(notes.get("scopes", {}))
        self.final = SessionResults()
        self.problems: list[str] = []
        self.notices: list[str] = []
        self.files: list[WrittenFile] = []
        self._traces_before = self._folder.traces()
        self._begin_folder()
        only_cases = notes.get("tests", 0) == len(notes.get("scopes", ())) + len(notes.get("summary", ()))
        self.display = make_display(config, self.gathering, Flights(notes_folder), only_cases=only_cases)
        self._shown = False

    @property
    def session_id(self) -> str:
        """The session's name, for `--eval-resume` and `--eval-rescore`."""
        return self._folder.session_id

    @property
    def home(self) -> Path:
        """Where the project keeps results."""
        return self.publisher.settings.home

    def add(self, report: pytest.TestReport, message: str) -> None:
        """Take a test's report."""
        each = self._config.getoption("dist", "no") == "each"
        self.gathering.add(report, message, worker=report.node.gateway.id if each else "")

    def outputs(self) -> dict[CaseKey, str]:
        """What each case answered, as its audience would see it."""
        return {CaseKey(case.case_id, case.variant, case.trial): case.shown for case in self.gathering.cases}

    def results(self, exitstatus: int | None) -> SessionResults:
        """The session so far, neither compared nor judged."""
        rows = self.gathering.rows
        seconds = (time.time_ns() - self._started_ns) / 1e9
        metrics = {**metrics_of(rows), "session_seconds": seconds}
        shard = options.shard_of(self._config)
        return SessionResults(
            session_id=self.session_id,
            run_name=self._run.name,
            started_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._started_ns / 1e9)),
            seconds=seconds,
            exit_status=exitstatus,
            shard=str(shard or ""),
            trials=self._plan.trials,
            not_run=sum("budget" in case.not_run for case in self.gathering.cases),
            tags={**session_tags(self._config, exitstatus or 0), **self.gathering.run_tags},
            datasets=self._datasets(),
            variants=tuple(self._plan.variants),
            metrics=metrics,
            cases=rows,
        )

    def start_display(self) -> None:
        """Show how far the session is, from when its first tests are about to run."""
        if self.display is not None and not self._shown:
            self._shown = True
            self.display.start()

    def stop_display(self) -> None:
        """Leave the terminal to pytest."""
        if self.display is not None and self._shown:
            self.display.stop()

    def finish(self, exitstatus: int, *, stopped: bool, others_failed: bool) -> int:
        """Judge the session, write its files, publish it; return the exit status that it deserves."""
        self.gathering.close()
        found = self.results(exitstatus)
        partial = options.is_selection(self._config) or stopped or bool(found.not_run) or self._plan.named
        self.final = self._judged(found)
        if not self.problems:
            exitstatus = self._exit_status(exitstatus, stopped=stopped, others_failed=others_failed)
        elif exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            exitstatus = pytest.ExitCode.USAGE_ERROR
        tags = {**self.final.tags, "pytest.exit_status": str(int(exitstatus))}
        self.final = self.final.model_copy(update={"exit_status": int(exitstatus), "tags": tags})
        self.files = write_files(self._config, self.final, self.gathering.details(), self.home)
        if self._config.getoption("--eval-update-baseline"):
            self.files.append(update_baseline(self._baseline, self.final, keep_others=partial))
        self._end_folder()
        self._end_recordings(is_whole=not stopped and not found.not_run and exitstatus in _RAN_TO_THE_END)
        status: Status = "FAILED" if exitstatus in _BROKEN_OFF else "FINISHED"
        self.publisher.end(
            self.final, status, self._config.getoption("--eval-publish-timeout"), self._superseded(self.final)
        )
        refused = any(file.problem and file.asked_for for file in self.files)
        return int(pytest.ExitCode.USAGE_ERROR if refused else exitstatus)

    def _judged(self, found: SessionResults) -> SessionResults:
        try:
            before = self._baseline.rows()
            if before is None and self._config.getoption("--eval-update-baseline"):
                before = "the new baseline", found.cases  # else its first session could not keep to 'regressions <= 0'
            return judged(
                found,
                self._gate,
                before,
                selection=options.is_selection(self._config),
                known_scorers=self._known_scorers,
            )
        except ConfigurationError as error:
            self.problems.append(str(error))
            return found

    def _exit_status(self, exitstatus: int, *, stopped: bool, others_failed: bool) -> int:
        """The gate's where tests were run to their end, and never better than what it does not decide about."""
        gate = self.final.gate
        if gate is None or stopped or exitstatus not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}:
            return exitstatus
        passed = gate.passed and not others_failed
        return int(pytest.ExitCode.OK if passed else pytest.ExitCode.TESTS_FAILED)

    def _case_over(self, case: CaseResult) -> None:
        self.publisher.case_over(case)
        try:
            self._folder.note_case(row_of(case), detail_of(case))
        except OSError as error:
            self._warn_of_folder(error)

    def _superseded(self, results: SessionResults) -> list[str]:
        """The traces of cases that have been run again since the session that this one resumes."""
        before = ((case.trace_id, self._traces_before.get(case.key)) for case in results.cases)
        return [old for new, old in before if old is not None and old != new]

    def _datasets(self) -> tuple[DatasetRow, ...]:
        found = {(one.source, one.digest): one for case in self.gathering.cases if (one := case.dataset)}
        return tuple(DatasetRow(**vars(one)) for one in found.values())

    def _session_run(self) -> SessionRun:
        option = self._config.getoption
        shard = options.shard_of(self._config)
        name = option("--eval-run-name") or self._folder.run_name or time.strftime("eval-%Y-%m-%d-%H%M%S")
        run_id = option("--eval-run-id") or ""
        return SessionRun(self._folder.run_key, name, self._started_ns, run_id, str(shard or "") if run_id else "")

    def _begin_folder(self) -> None:
        try:
            self._folder.begin(self.results(None), self._run.key)
        except OSError as error:
            self._warn_of_folder(error)

    def _end_folder(self) -> None:
        try:
            self._folder.end(self.final, self._run.key)
            prune(sessions_folder(self.home))  # not before: the session that this one rescores may be the oldest
        except OSError as error:
            self._warn_of_folder(error)

    def _end_recordings(self, *, is_whole: bool) -> None:
        everything = is_whole and self.gathering.count == self.gathering.total
        self.recordings.finish(self.home, self.session_id, self.gathering.cases, is_whole=everything)

    def _warn_of_folder(self, error: OSError) -> None:
        problem = f"{self._folder.path} cannot be written ({error.strerror}); this session cannot be resumed"
        if problem not in self.notices:
            self.notices.append(problem)
