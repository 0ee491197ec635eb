"""The one object behind the plugin: it runs cases where tests run, and gathers and judges them where reports arrive."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin import options
from technoshare_commentator.pytest_plugin.cases import Cases
from technoshare_commentator.pytest_plugin.running import Running
from technoshare_commentator.pytest_plugin.scoring import Scoring
from technoshare_commentator.pytest_plugin.sharding import keep_shard
from technoshare_commentator.pytest_plugin.summary_tests import SummaryTests
from technoshare_commentator.pytest_plugin.wire import MESSAGE, NOTES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.session_results import SessionResults
    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.mlops.tracking import Run
    from technoshare_commentator.pytest_plugin.controlling import Controlling

KEY: pytest.StashKey[EvalSession] = pytest.StashKey()


def session_of(config: pytest.Config) -> EvalSession:
    """The session object of this pytest process."""
    return config.stash[KEY]


class EvalSession:
    """What the hooks and fixtures delegate to."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the configuration; nothing is made before an eval mark is seen."""
        self._config = config
        self._worker_input: dict[str, str] = getattr(config, "workerinput", {})  # set by xdist on workers
        self._cases = Cases(config)
        self._running = Running(config, self._cases, self.notes_folder)
        self._scoring = Scoring(config, self._cases, self._running)
        self._controlling: Controlling | None = None
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self.summary_tests = SummaryTests(config, distributed=self._is_distributed)

    @property
    def is_worker(self) -> bool:
        """Whether this is an xdist worker: it runs tests, and somebody else gathers."""
        return bool(self._worker_input)

    @property
    def _is_distributed(self) -> bool:
        return self.is_worker or getattr(self._config.option, "dist", "no") != "no"

    # Where tests run

    def check_variants(self) -> None:
        """Raise pytest's usage error for a variant that there is not."""
        self._cases.plan()

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Turn the examples of a dataset into cases."""
        self._cases.parametrize(metafunc)

    def select(self, items: list[pytest.Item]) -> None:
        """Leave what belongs to this shard; move the tests of the whole session to its end, or out of it."""
        shard = options.shard_of(self._config)
        if shard is not None:
            self.summary_tests.leave_out(items)  # nobody here has all results
            keep_shard(self._config, items, shard, self._cases.of)
        self.summary_tests.select(items)

    def collected(self, items: Sequence[pytest.Item]) -> None:
        """Find out what is set up wrongly before a case has cost money; on a worker, tell the controller of cases."""
        if not any(self._cases.of(item) for item in items) or self._config.option.collectonly:
            return
        notes = {
            "problem": self._cases.ask_for_run_tags(),
            "summary": self.summary_tests.nodeids,
            "tests": len(items),
            **self._cases.notes(items),
        }
        if not self.is_worker:
            self.begin(notes)
        else:
            draft = self.notes_folder() / f"{self._worker_input['workerid']}.draft"
            with suppress(OSError):  # a remote worker without our disk: the cases are dealt out like any test
                draft.write_text(json.dumps(notes), encoding="utf-8")
                draft.rename(draft.with_suffix(".json"))  # whole, whenever the controller looks

    def example(self, request: pytest.FixtureRequest) -> Example:
        """The fixture `example`."""
        return self._cases.example(request)

    def variant(self, request: pytest.FixtureRequest) -> Variant:
        """The fixture `variant`."""
        return self._cases.variant(request)

    def output(self, request: pytest.FixtureRequest, example: Example) -> Any:
        """The fixture `output`."""
        __tracebackhide__ = True
        return self._running.output(request, example)

    def tracked_run(self, request: pytest.FixtureRequest) -> AbstractContextManager[Run]:
        """The fixture `tracked_run`."""
        return self._running.tracked_run(request)

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """The fixture `check`."""
        return self._scoring.checker(request)

    def recording(self, item: pytest.Item, following: pytest.Item | None) -> AbstractContextManager[object]:
        """A context that keeps the scores of a test; the cases of those that follow start meanwhile."""
        if self._cases.of(item) is not None:
            self._running.look_ahead(item, following)
        return self._scoring.recording(item)

    def attach(self, item: pytest.Item, report: pytest.TestReport) -> None:
        """Put what is new about the test's case on its report."""
        if report.when == "teardown":
            report.user_properties += self._scoring.score_properties()
        message = self._scoring.message(item, report.when)
        if message is not None:
            setattr(report, MESSAGE, message)

    # Where reports arrive

    def notes_folder(self) -> Path:
        """A folder that the session's processes on this machine share while it lasts."""
        if NOTES_FOLDER in self._worker_input:
            return Path(self._worker_input[NOTES_FOLDER])
        if self._temporary is None:
            self._temporary = tempfile.TemporaryDirectory(prefix="eval-notes-")
        return Path(self._temporary.name)

    def begin(self, notes: Mapping[str, Any]) -> None:
        """Begin to gather, now that there are cases; stop the session where its results could not be kept or judged."""
        if self._controlling is not None:
            return
        from technoshare_commentator.pytest_plugin.controlling import Controlling  # noqa: PLC0415 - eval only
        from technoshare_commentator.pytest_plugin.folders import choose_folders, tell  # noqa: PLC0415 - eval only

        if problem := notes.get("problem"):
            raise pytest.UsageError(problem)
        try:
            folders = choose_folders(self._config)
            self._controlling = Controlling(self._config, folders.session, self.notes_folder(), notes)
            tell(self.notes_folder(), folders)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from error

    def receive(self, report: pytest.TestReport) -> None:
        """Gather the report of an eval test, and remember whether any other failed."""
        message = getattr(report, MESSAGE, None)
        if self.is_worker:
            return
        if message is None:
            self.summary_tests.note_ordinary(report)
            return
        self.begin({})
        if self._controlling is not None:
            self._controlling.add(report, message)

    def results(self) -> SessionResults:
        """All results so far."""
        if self._controlling is None:
            raise pytest.UsageError("the fixture 'eval_results' is for sessions with tests marked @pytest.mark.eval")
        return self._controlling.results(0)

    def status(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """No letter for a test whose end the live line shows."""
        display = self._controlling.display if self._controlling is not None else None
        if display is None or not display.quiet_reports or not hasattr(report, MESSAGE) or not report.passed:
            return None
        return ("passed" if report.when == "call" else "", "", "")

    def tests_begin(self) -> None:
        """Show how far the session is, if there are cases in it."""
        if self._controlling is not None:
            self._controlling.start_display()

    def tests_over(self) -> None:
        """Leave the terminal to what others have to say at the end."""
        if self._controlling is not None:
            self._controlling.stop_display()

    def interrupt(self) -> None:
        """Cancel what is in flight."""
        self._running.close()

    def finish(self, session: pytest.Session, exitstatus: int) -> None:
        """Judge and publish; with a gate, the exit status is the gate's as far as evals go."""
        self._running.close()
        if self._controlling is not None:
            stopped = bool(session.shouldfail or session.shouldstop)
            session.exitstatus = self._controlling.finish(
                int(exitstatus), stopped=stopped, others_failed=self.summary_tests.others_failed
            )

    def print_summary(self, terminal: pytest.TerminalReporter) -> None:
        """Print the summary of the evaluation, if there was one."""
        if self._controlling is not None:
            from technoshare_commentator.pytest_plugin.terminal.summary import print_summary  # noqa: PLC0415 - eval only

            print_summary(terminal, self._controlling)

    def stop(self) -> None:
        """Stop engines and remove what was temporary."""
        self._running.close()
        if self._temporary is not None:
            self._temporary.cleanup()
