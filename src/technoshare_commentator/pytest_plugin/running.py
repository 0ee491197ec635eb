"""Running cases: tasks, their engine, and which cases this process is going to need next."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from _pytest.skipping import evaluate_skip_marks

from technoshare_commentator.mlops.evaluation.recording.failures import RecordingError
from technoshare_commentator.pytest_plugin import options
from technoshare_commentator.pytest_plugin.case import digest
from technoshare_commentator.pytest_plugin.upcoming import Upcoming
from technoshare_commentator.pytest_plugin.wire import STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.recording.scope import Recorder
    from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun, Task, Work
    from technoshare_commentator.mlops.evaluation.running.engine import Engine
    from technoshare_commentator.mlops.evaluation.running.limits import Limits
    from technoshare_commentator.mlops.evaluation.running.memory import OutputJournal
    from technoshare_commentator.mlops.tracking import Run
    from technoshare_commentator.pytest_plugin.case import Case
    from technoshare_commentator.pytest_plugin.cases import Cases

_GLANCE_SECONDS = 0.05  # between looks at what else has been dealt to this worker, while a test waits


class Running:
    """Gives tests their outputs; the cases that will be needed run ahead of the tests."""

    def __init__(self, config: pytest.Config, cases: Cases, notes_folder: Callable[[], Path]) -> None:
        """Take the session's configuration, its cases, and the folder that it shares with other processes."""
        self._config = config
        self._cases = cases
        self._notes_folder = notes_folder
        self._tasks: dict[tuple[str, str], Task] = {}
        self._engine: Engine | None = None
        self._limits: Limits | None = None
        self._recorder: Recorder | None = None
        self._memory: OutputJournal | None = None
        self._upcoming = Upcoming(config)
        self._suspects: set[str] = set()
        self._last_death_ns = 0

    def output(self, request: pytest.FixtureRequest, example: Example) -> Any:
        """The task's output for the case of this test; raises what the task raised, and tries again in a rerun."""
        __tracebackhide__ = True
        case = self._cases.required(request, "output")
        again = request.node.nodeid in case.asked_by
        case.asked_by.add(request.node.nodeid)
        case.done = self._run(request.node, case, example, again=again)
        if case.done.not_run:
            pytest.skip(f"not run: {case.done.not_run}")
        if isinstance(case.done.error, RecordingError):
            _fail(case.done.error)
        return case.done.result()

    @contextmanager
    def tracked_run(self, request: pytest.FixtureRequest) -> Iterator[Run]:
        """The run of the engine where the test uses its output, else one that lasts as long as the test."""
        from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun  # noqa: PLC0415 - only eval tests pay
        from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415 - as above

        case = self._cases.required(request, "tracked_run")
        uses_output = "output" in request.fixturenames
        if uses_output:
            request.getfixturevalue("output")
        if uses_output and case.done is not None and case.done.run is not None:
            yield case.done.run
            return
        with Tracker().run("case", name=case.example.id if case.example else request.node.name) as run:
            yield run
        case.done = CaseRun(run)

    def look_ahead(self, item: pytest.Item, following: pytest.Item | None) -> None:
        """Start the cases of this test and of those that come after it here."""
        self._stop_with_the_others(item.session)
        soon = [item, following] if following is not None else [item]
        self._announce([*soon, *self._upcoming.items(item.session)])

    def close(self) -> None:
        """Stop what still runs."""
        if self._engine is not None:
            self._engine.close()
        if self._recorder is not None:
            from technoshare_commentator.pytest_plugin.recording import end_recording  # noqa: PLC0415 - as below

            end_recording(self._recorder)

    def _run(self, item: pytest.Item, case: Case, example: Example, *, again: bool) -> CaseRun:
        __tracebackhide__ = True
        from concurrent.futures import wait  # noqa: PLC0415 - only eval tests pay for it

        work = self._work(item, case, example)
        pending = self.engine.start(work, retry=again)
        while not wait([pending], _GLANCE_SECONDS if self._upcoming.may_grow else None).done:
            self._stop_with_the_others(item.session)
            self._announce(self._upcoming.items(item.session))
        return pending.result()

    def _stop_with_the_others(self, session: pytest.Session) -> None:
        """Let this be the last test of a worker whose controller wants no more."""
        if self._is_stopped() and not session.shouldstop:
            session.shouldstop = "the session was stopped"

    def _is_stopped(self) -> bool:
        return self._upcoming.may_grow and (self._notes_folder() / STOPPED).exists()

    def _announce(self, items: Sequence[pytest.Item]) -> None:
        if not items:
            return
        self._learn_of_deaths()
        works = [work for item in items if (work := self._expected(item)) is not None and not work.alone]
        if works:
            self.engine.expect(works)

    def _expected(self, item: pytest.Item) -> Work | None:
        """The work that a test will ask for, unless it is going to be skipped or its task cannot be had."""
        case = self._cases.of(item)
        if case is None or case.example is None or "output" not in getattr(item, "fixturenames", ()):
            return None
        with suppress(Exception, pytest.skip.Exception, pytest.fail.Exception):  # the test itself will say it
            skipped = next(item.iter_markers("skip"), None) or next(item.iter_markers("skipif"), None)
            if skipped is None or evaluate_skip_marks(item) is None:
                return self._work(item, case, case.example)
        return None

    def _work(self, item: pytest.Item, case: Case, example: Example) -> Work:
        from technoshare_commentator.mlops.evaluation.running.case_run import Work  # noqa: PLC0415 - as above
        from technoshare_commentator.pytest_plugin.recording import place_of  # noqa: PLC0415 - as above

        alone = case.key in self._suspects
        return Work(case.key, example, self._task(item, case), digest(case), alone=alone, place=place_of(case))

    def _task(self, item: pytest.Item, case: Case) -> Task:
        from technoshare_commentator.mlops.evaluation.variants import Variant  # noqa: PLC0415 - as above

        variant = case.variant or Variant()
        key = (case.task, variant.name)
        if key not in self._tasks:
            task = item.ihook.pytest_eval_task(config=self._config, variant=variant)
            if not callable(task):
                given = "no task" if task is None else f"{task!r} is no task"
                raise pytest.UsageError(
                    f"{given} for {item.path.parent}: implement pytest_eval_task(config, variant) in its "
                    "conftest.py and return `async (example) -> output`"
                )
            self._tasks[key] = task
        return self._tasks[key]

    @property
    def engine(self) -> Engine:
        """What runs cases, made when it is first needed."""
        if self._engine is None:
            from technoshare_commentator.mlops.evaluation.running.engine import (  # noqa: PLC0415 - as above
                DEFAULT_CONCURRENCY,
                Engine,
            )
            from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415 - as above
            from technoshare_commentator.pytest_plugin.flights import FlightLog  # noqa: PLC0415 - as above

            self._engine = Engine(
                Tracker(),
                concurrency=options.concurrency(self._config) or DEFAULT_CONCURRENCY,
                limits=self.limits,
                memory=self.memory,
                recorder=self.recorder,
                watcher=FlightLog(self._notes_folder(), _worker_name()),
                is_stopped=self._is_stopped,
            )
        return self._engine

    def _learn_of_deaths(self) -> None:
        """What has just been dealt to this process may have been in another one that died, finished or in flight."""
        from technoshare_commentator.pytest_plugin.flights import last_death_ns, must_fly_alone  # noqa: PLC0415 - as above

        last = last_death_ns(self._notes_folder())
        if last != self._last_death_ns:
            self._last_death_ns = last
            self._suspects = must_fly_alone(self._notes_folder())
            self.memory.refresh()

    @property
    def limits(self) -> Limits:
        """What all processes of the session keep to."""
        if self._limits is None:
            from technoshare_commentator.mlops.evaluation.running.limits import Limits  # noqa: PLC0415 - as above
            from technoshare_commentator.pytest_plugin.verdict import load_gate_of  # noqa: PLC0415 - as above

            gate = load_gate_of(self._config)
            self._limits = Limits(
                self._notes_folder() if self._upcoming.may_grow else None,  # alone there is nobody to share them with
                per_minute=self._config.getoption("--eval-rate"),
                max_cost_usd=gate.max_cost_usd if gate else None,
            )
        return self._limits

    @property
    def recorder(self) -> Recorder:
        """What replays and records model calls."""
        if self._recorder is None:
            from technoshare_commentator.pytest_plugin.recording import make_recorder  # noqa: PLC0415 - as above

            self._recorder = make_recorder(self._config, self._notes_folder(), _worker_name())
        return self._recorder

    @property
    def memory(self) -> OutputJournal:
        """What is remembered of finished cases."""
        if self._memory is None:
            self._memory = self._make_memory()
        return self._memory

    def _make_memory(self) -> OutputJournal:
        from technoshare_commentator.mlops.evaluation.running.journal import SessionFolder  # noqa: PLC0415 - as above
        from technoshare_commentator.mlops.evaluation.running.memory import OutputJournal  # noqa: PLC0415 - as above
        from technoshare_commentator.pytest_plugin.folders import told  # noqa: PLC0415 - as above

        folders = told(self._notes_folder())
        if folders is None:
            return OutputJournal(None)
        rescoring = self._config.getoption("--eval-rescore") is not None
        file = SessionFolder(folders.session).output_file(_worker_name())
        recalled = SessionFolder(folders.recalled)
        return OutputJournal(file, recalled.outputs, only_recall=_NOT_THERE if rescoring else "")


_NOT_THERE = "the session that is rescored has no output of it"


def _fail(error: RecordingError) -> NoReturn:
    """Fail with the error's own words: it has no frames of the user's (and pytest wants one that is not hidden)."""
    pytest.fail(str(error), pytrace=False)


def _worker_name() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")
