"""The one object behind the plugin: it runs cases where tests run, and gathers and publishes where reports arrive."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.cases import Cases
from technoshare_commentator.pytest_plugin.wire import MESSAGE, NOTES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.tracking import Run
    from technoshare_commentator.pytest_plugin.publishing import Gathering

_key: pytest.StashKey[EvalSession] = pytest.StashKey()


def start_session(config: pytest.Config) -> None:
    """Make the session object and register what needs to know it."""
    session = config.stash[_key] = EvalSession(config)
    config.pluginmanager.register(ReportHook(session), "technoshare_eval_reports")
    distributed = getattr(config.option, "dist", "no") != "no"
    if distributed and not session.is_worker:
        from technoshare_commentator.pytest_plugin.scheduling import XdistHooks  # noqa: PLC0415 - xdist is optional

        config.pluginmanager.register(XdistHooks(session), "technoshare_eval_xdist")


def session_of(config: pytest.Config) -> EvalSession:
    """The session object of this pytest process."""
    return config.stash[_key]


class EvalSession:
    """What the hooks and fixtures delegate to."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the configuration; nothing is made before an eval mark is seen."""
        self._config = config
        self._cases = Cases(config)
        self._gathering: Gathering | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._started = time.time_ns()
        self._worker_input: dict[str, str] = getattr(config, "workerinput", {})  # set by xdist on workers

    @property
    def is_worker(self) -> bool:
        """Whether this is an xdist worker: it runs tests, and somebody else gathers."""
        return bool(self._worker_input)

    # Where tests run

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Turn the examples of a dataset into cases."""
        self._cases.parametrize(metafunc)

    def collected(self, items: Sequence[pytest.Item]) -> None:
        """Find out what is set up wrongly before a case has cost money; on a worker, tell the controller of cases."""
        if not any(self._cases.of(item) for item in items) or self._config.option.collectonly:
            return
        problem = self._cases.ask_for_run_tags()
        if not self.is_worker:
            self.check(problem)
        elif folder := self._worker_input.get(NOTES_FOLDER):
            notes = {"problem": problem, **self._cases.notes(items)}
            draft = Path(folder, f"{self._worker_input['workerid']}.draft")
            with suppress(OSError):  # a remote worker without our disk: the cases are dealt out like any test
                draft.write_text(json.dumps(notes), encoding="utf-8")
                draft.rename(draft.with_suffix(".json"))  # whole, whenever the controller looks

    def example(self, request: pytest.FixtureRequest) -> Example:
        """The fixture `example`."""
        return self._cases.example(request)

    def output(self, request: pytest.FixtureRequest, example: Example) -> Any:
        """The fixture `output`."""
        __tracebackhide__ = True
        return self._cases.output(request, example)

    def tracked_run(self, request: pytest.FixtureRequest) -> AbstractContextManager[Run]:
        """The fixture `tracked_run`."""
        return self._cases.tracked_run(request)

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """The fixture `check`."""
        return self._cases.checker(request)

    def recording(self, item: pytest.Item) -> AbstractContextManager[object]:
        """A context that keeps the scores of a test."""
        return self._cases.recording(item)

    def attach(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Put what is new about the test's case on its report."""
        message = self._cases.message(item, report.when)
        if message is not None:
            setattr(report, MESSAGE, message)

    # Where reports arrive

    def check(self, problem: str) -> None:
        """Stop the session now if there is a problem or its results could not be published at its end."""
        from technoshare_commentator.mlops.settings import load_tracking_settings  # noqa: PLC0415 - eval only

        try:
            load_tracking_settings()
        except ConfigurationError as error:
            problem = problem or str(error)
        if problem:
            raise pytest.UsageError(problem)

    def notes_folder(self) -> Path:
        """A folder for the notes of this machine's workers."""
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="eval-notes-")
        return Path(self._temporary.name)

    def receive(self, report: pytest.TestReport) -> None:
        """Gather the report of an eval test."""
        message = getattr(report, MESSAGE, None)
        if message is None or self.is_worker:
            return
        if self._gathering is None:
            from technoshare_commentator.pytest_plugin.publishing import Gathering  # noqa: PLC0415 - eval only

            self._gathering = Gathering(self._config, self._started)
        self._gathering.add(report, message)

    def finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Publish; a results file that was asked for and cannot be written makes the session a usage error."""
        if self._gathering is None:
            return
        self._gathering.publish(int(exitstatus))
        if self._gathering.results_problem and self._config.getoption("--eval-results"):
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    def print_summary(self, terminal: pytest.TerminalReporter) -> None:
        """Print the summary of the evaluation, if there was one."""
        if self._gathering is not None:
            from technoshare_commentator.pytest_plugin.terminal import print_summary  # noqa: PLC0415 - eval only

            print_summary(terminal, self._gathering)

    def stop(self) -> None:
        """Stop engines and remove what was temporary."""
        self._cases.close()
        if self._temporary is not None:
            self._temporary.cleanup()


class ReportHook:
    """Hands reports to the session: pytest passes no configuration to this hook."""

    def __init__(self, session: EvalSession) -> None:
        """Take who receives them."""
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Receive a report, from this process or from a worker."""
        self._session.receive(report)
