"""The side of a session that runs tests: which case a test belongs to, its output, its run and its scores."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.pytest_plugin.options import EVAL_MARK
from technoshare_commentator.pytest_plugin.parametrize import parametrize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.dataset import Dataset, Example
    from technoshare_commentator.mlops.evaluation.engine import Engine
    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
    from technoshare_commentator.mlops.tracking import Run


@dataclass
class Case:
    """What the tests of one example share in this process.

    `task` names who provides the task: tests below different conftest.py files may mean different tasks.
    """

    key: str
    task: str
    example: Example | None = None
    dataset: Dataset[Example] | None = None
    source: str = ""
    run: Run | None = None
    sent: tuple[str, int] | None = None  # which run, in which revision
    asked_by: set[str] = field(default_factory=set)


class Cases:
    """All cases of this process."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session's configuration."""
        self._config = config
        self._cases: dict[str, Case] = {}
        self._of_item: dict[str, Case | None] = {}
        self._engines: dict[str, Engine] = {}
        self._scores: list[Score | ScorerFailure] = []
        self._run_tags: dict[str, str] = {}

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Give a test function with the mark one case for each example it selects."""
        mark = metafunc.definition.get_closest_marker(EVAL_MARK)
        if mark is None:
            return
        task = _task_of(metafunc.definition)

        def case(dataset: Dataset[Example], example: Example, path: Path) -> Case:
            key = f"{path}:{type(example).__module__}.{type(example).__qualname__}:{task}:{example.id}"
            return self._cases.setdefault(key, Case(key, task, example, dataset, str(path)))

        parametrize(metafunc, mark, case)

    def of(self, item: pytest.Item) -> Case | None:
        """The case of a test, or None where there is no eval mark or the mark selects no example."""
        if item.nodeid not in self._of_item:
            self._of_item[item.nodeid] = _case_of(item)
        return self._of_item[item.nodeid]

    def ask_for_run_tags(self) -> str:
        """Let the suite say what is true of the whole session; return what is wrong with its answer, if anything."""
        for tags in self._config.hook.pytest_eval_run_tags(config=self._config):
            if not isinstance(tags, dict):
                return f"pytest_eval_run_tags returned {tags!r}; return a dict of names and values"
            self._run_tags.update({str(name): str(value) for name, value in tags.items()})
        return ""

    def notes(self, items: Sequence[pytest.Item]) -> dict[str, dict[str, str]]:
        """What a controller wants to know of the selected tests: the case of each, and each case as a message."""
        from technoshare_commentator.mlops.evaluation.results import Message  # noqa: PLC0415 - only eval tests pay

        found = {item.nodeid: case for item in items if (case := self.of(item)) is not None}
        return {
            "scopes": {nodeid: case.key for nodeid, case in found.items()},
            "cases": {case.key: Message(_described(case)).to_json() for case in found.values()},
        }

    def example(self, request: pytest.FixtureRequest) -> Example:
        """The example that this test was parametrized with."""
        case = self._required(request, "example")
        if case.example is None:
            raise pytest.UsageError(
                "the fixtures 'example' and 'output' need a dataset: @pytest.mark.eval(dataset='path.json')"
            )
        return case.example

    def output(self, request: pytest.FixtureRequest, example: Example) -> Any:
        """The task's output for the case of this test; raises what the task raised, and tries again in a rerun."""
        __tracebackhide__ = True
        case = self._required(request, "output")
        again = request.node.nodeid in case.asked_by
        case.asked_by.add(request.node.nodeid)
        done = self._engine(request, case.task).case(case.key, example, retry=again)
        case.run = done.run
        return done.result()

    @contextmanager
    def tracked_run(self, request: pytest.FixtureRequest) -> Iterator[Run]:
        """The run of the engine where the test uses its output, else one that lasts as long as the test."""
        from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415 - only eval tests pay for it

        case = self._required(request, "tracked_run")
        uses_output = "output" in request.fixturenames
        if uses_output:
            request.getfixturevalue("output")
        if uses_output and case.run is not None:
            yield case.run
            return
        with Tracker().run("case", name=case.example.id if case.example else request.node.name) as run:
            yield run
        case.run = run

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """`check(output, *scorers)` for this test's example."""
        from technoshare_commentator.mlops.evaluation.scorer import (  # noqa: PLC0415 - as above
            CheckFailedError,
            check,
            recording,
        )

        example = self._required(request, "check").example

        def checked(output: Any, *scorers: Any) -> Any:
            __tracebackhide__ = True
            try:
                with recording(self._scores.append):  # whichever thread it is called in
                    return check(output, example, *scorers)
            except CheckFailedError as failure:
                report = str(failure).encode(errors="replace").decode()  # xdist cannot send half a character
            return pytest.fail(report, pytrace=False)  # outside the handler: one report, not two

        return checked

    @contextmanager
    def recording(self, item: pytest.Item) -> Iterator[None]:
        """A context in which scores are kept for the next message."""
        if self.of(item) is None:
            yield
            return
        from technoshare_commentator.mlops.evaluation.scorer import recording  # noqa: PLC0415 - as above

        self._scores.clear()
        # The same function for all tests: an event loop that outlives its test keeps the context it was made in.
        with recording(self._scores.append):
            yield

    def message(self, item: pytest.Item, when: str) -> str | None:
        """What this phase's report should say of the test's case, as JSON; None without a case."""
        case = self.of(item)
        if case is None:
            return None
        from technoshare_commentator.mlops.evaluation.results import Message, ScoreResult  # noqa: PLC0415 - as above

        message = Message(_described(case), [ScoreResult.of(score) for score in self._scores])
        if case.run is not None and case.sent != (state := (case.run.record.key, case.run.revision)):
            message.case.run = case.run.record
            case.sent = state
        message.run_tags, self._run_tags = self._run_tags, {}  # once is enough
        if when == "teardown":
            self._scores.clear()  # what follows is another attempt
        return message.to_json()

    def close(self) -> None:
        """Stop the engines."""
        for engine in self._engines.values():
            engine.close()

    def _required(self, request: pytest.FixtureRequest, fixture: str) -> Case:
        case = self.of(request.node)
        if case is None:
            raise pytest.UsageError(f"the fixture {fixture!r} is for tests marked with @pytest.mark.eval")
        return case

    def _engine(self, request: pytest.FixtureRequest, provider: str) -> Engine:
        if provider not in self._engines:
            from technoshare_commentator.mlops.evaluation.engine import Engine  # noqa: PLC0415 - as above
            from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415

            task = request.node.ihook.pytest_eval_task(config=self._config, variant="default")
            if not callable(task):
                given = "no task" if task is None else f"{task!r} is no task"
                raise pytest.UsageError(
                    f"{given} for {request.path.parent}: implement pytest_eval_task(config, variant) in its "
                    "conftest.py and return `async (example) -> output`"
                )
            self._engines[provider] = Engine(task, Tracker())
        return self._engines[provider]


def _case_of(item: pytest.Item) -> Case | None:
    """A test that uses the task's output shares the case of its example; one that is its own task has its own."""
    mark = item.get_closest_marker(EVAL_MARK)
    if mark is None:
        return None
    names = getattr(item, "fixturenames", ())
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    shared = parameters.get("example")
    if not isinstance(shared, Case):
        empty = "example" in parameters and mark.kwargs.get("dataset") is not None
        return None if empty else Case(item.nodeid, _task_of(item))
    if "tracked_run" in names and "output" not in names:
        return replace(shared, key=item.nodeid, asked_by=set())
    return shared


def _task_of(node: pytest.Item) -> str:
    """Who provides the task for a test: every plugin and conftest.py in reach that implements the hook."""
    implementations = node.ihook.pytest_eval_task.get_hookimpls()
    return ",".join(implementation.plugin_name for implementation in implementations)


def _described(case: Case) -> CaseResult:
    from technoshare_commentator.mlops.evaluation.results import CaseResult  # noqa: PLC0415 - as above

    return CaseResult(
        key=case.key,
        example_id=case.example.id if case.example else case.key,
        dataset=case.dataset.record(case.source) if case.dataset else None,
        tags=list(case.example.tags) if case.example else [],
    )
