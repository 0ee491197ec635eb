"""Which case a test belongs to, and what there is to say of it: the side of a session that runs tests."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.calibration import why_informs
from technoshare_commentator.pytest_plugin.options import EVAL_MARK
from technoshare_commentator.pytest_plugin.parametrize import Plan, Source, parametrize
from technoshare_commentator.pytest_plugin.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun
    from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.mlops.records import SpanRecord
    from technoshare_commentator.pytest_plugin.running import Running
    from technoshare_commentator.pytest_plugin.scoring import SessionSurroundings


@dataclass
class Case:
    """What the tests of one example share in this process.

    `task` names who provides the task: tests below different conftest.py files may mean different tasks.
    """

    key: str
    case_id: str
    task: str
    example: Example | None = None
    source: Source | None = None
    variant: Variant | None = None
    trial: int = 1
    suffix: str = ""  # what variant and trial add to the ids of its tests
    done: CaseRun | None = None
    sent: tuple[str, int, int] | None = None  # which run, in which revision, with how many spans of scorers
    asked_by: set[str] = field(default_factory=set)
    scorer_spans: list[SpanRecord] = field(default_factory=list)


class Cases:
    """All cases of this process."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session's configuration."""
        self._config = config
        self._cases: dict[str, Case] = {}
        self._of_item: dict[str, Case | None] = {}
        self._scores: list[Score | ScorerFailure] = []
        self._run_tags: dict[str, str] = {}
        self._plan: Plan | None = None
        self._surroundings: SessionSurroundings | None = None

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Give a test function with the mark one case for each example it selects."""
        mark = metafunc.definition.get_closest_marker(EVAL_MARK)
        if mark is None:
            return
        task = _task_of(metafunc.definition)

        def case(source: Source, example: Example, variant: Variant, trial: int, suffix: str) -> Case:
            where = os.path.relpath(source.path, self._config.rootpath)
            kind = f"{type(example).__module__}.{type(example).__qualname__}"
            key = f"{where}:{kind}:{task}:{example.id}:{variant.name}:{trial}"
            case_id = f"{source.dataset.name}/{example.id}"
            return self._cases.setdefault(key, Case(key, case_id, task, example, source, variant, trial, suffix))

        parametrize(metafunc, mark, self.plan, case)

    def plan(self) -> Plan:
        """What every example is run under; raises pytest's usage error for a variant that there is not."""
        if self._plan is None:
            try:
                self._plan = make_plan(self._config)
            except ConfigurationError as error:
                raise pytest.UsageError(str(error)) from error
        return self._plan

    def of(self, item: pytest.Item) -> Case | None:
        """The case of a test, or None where there is no eval mark or the mark selects no example."""
        if item.nodeid not in self._of_item:
            self._of_item[item.nodeid] = _case_of(item)
        return self._of_item[item.nodeid]

    def required(self, request: pytest.FixtureRequest, fixture: str) -> Case:
        """The case of a test that uses a fixture of ours."""
        case = self.of(request.node)
        if case is None:
            raise pytest.UsageError(f"the fixture {fixture!r} is for tests marked with @pytest.mark.eval")
        return case

    def example(self, request: pytest.FixtureRequest) -> Example:
        """The example that this test was parametrized with."""
        case = self.required(request, "example")
        if case.example is None:
            raise pytest.UsageError(
                "the fixtures 'example' and 'output' need a dataset: @pytest.mark.eval(dataset='path.json')"
            )
        return case.example

    def variant(self, request: pytest.FixtureRequest) -> Variant:
        """The variant that this test's case is run under."""
        from technoshare_commentator.mlops.evaluation.variants import Variant  # noqa: PLC0415 - only eval tests pay

        return self.required(request, "variant").variant or Variant()

    def ask_for_run_tags(self) -> str:
        """Let the suite say what is true of the whole session; return what is wrong with its answer, if anything."""
        for tags in self._config.hook.pytest_eval_run_tags(config=self._config):
            if not isinstance(tags, dict):
                return f"pytest_eval_run_tags returned {tags!r}; return a dict of names and values"
            self._run_tags.update({str(name): str(value) for name, value in tags.items()})
        return ""

    def notes(self, items: Sequence[pytest.Item]) -> dict[str, Any]:
        """What a controller wants to know of the selected tests: the case of each, and each case as a message."""
        from technoshare_commentator.mlops.evaluation.results import Message  # noqa: PLC0415 - only eval tests pay
        from technoshare_commentator.mlops.evaluation.scorer import scorer_names  # noqa: PLC0415 - as above

        found = {item.nodeid: case for item in items if (case := self.of(item)) is not None}
        return {
            "scopes": {nodeid: case.key for nodeid, case in found.items()},
            "cases": {case.key: Message(_described(case)).to_json() for case in found.values()},
            "scorers": sorted(scorer_names()),
            "examples": _all_examples(case.source for case in found.values() if case.source is not None),
        }

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """`check(output, *scorers)` for this test's example."""
        from technoshare_commentator.mlops.evaluation.informing import informing  # noqa: PLC0415 - as above
        from technoshare_commentator.mlops.evaluation.scorer import (  # noqa: PLC0415 - as above
            CheckFailedError,
            check,
            recording,
        )

        example = self.required(request, "check").example

        def checked(output: Any, *scorers: Any) -> Any:
            __tracebackhide__ = True
            try:
                why = why_informs(self._config)
                with recording(self._scores.append, self._surroundings), informing(why):  # whichever thread it is
                    return check(output, example, *scorers)
            except CheckFailedError as failure:
                report = str(failure).encode(errors="replace").decode()  # xdist cannot send half a character
            return pytest.fail(report, pytrace=False)  # outside the handler: one report, not two

        return checked

    @contextmanager
    def recording(self, item: pytest.Item, running: Running) -> Iterator[None]:
        """A context in which scores are kept for the next message, and model calls replayed and recorded."""
        case = self.of(item)
        if case is None and self._surroundings is None:
            yield
            return
        from technoshare_commentator.mlops.evaluation.scorer import recording  # noqa: PLC0415 - as above
        from technoshare_commentator.pytest_plugin.recording import (  # noqa: PLC0415 - as above
            ordinary_test,
            scope_of_test,
        )
        from technoshare_commentator.pytest_plugin.scoring import SessionSurroundings  # noqa: PLC0415 - as above

        if case is None:
            with ordinary_test():
                yield
            return
        self._scores.clear()
        where = self._surroundings = self._surroundings or SessionSurroundings(running)
        where.case = case
        # The same function for all tests: an event loop that outlives its test keeps the context it was made in.
        with recording(self._scores.append, where), scope_of_test(running.recorder, case, item):
            yield

    def message(self, item: pytest.Item, when: str) -> str | None:
        """What this phase's report should say of the test's case, as JSON; None without a case."""
        case = self.of(item)
        if case is None:
            return None
        from technoshare_commentator.mlops.evaluation.results import Message, ScoreResult  # noqa: PLC0415 - as above
        from technoshare_commentator.mlops.evaluation.scoring import with_scorers  # noqa: PLC0415 - as above

        why = why_informs(self._config)
        message = Message(_described(case), [ScoreResult.of(score, why) for score in self._scores])
        run, spans = case.done.run if case.done is not None else None, list(case.scorer_spans)
        state = (run.record.key, run.revision, len(spans)) if run is not None else None
        if case.done is not None and run is not None and case.sent != state:
            message.case.run = with_scorers(run.record, spans)
            message.case.shown = self._shown(item, case.done)
            case.sent = state
        message.run_tags, self._run_tags = self._run_tags, {}  # once is enough
        if when == "teardown":
            self._scores.clear()  # what follows is another attempt
        return message.to_json()

    def score_properties(self) -> list[tuple[str, str]]:
        """The scores of the test that runs, as JUnit files carry them."""
        return [(f"score.{score.name}", str(getattr(score, "value", "error"))) for score in self._scores]

    def _shown(self, item: pytest.Item, done: CaseRun) -> str:
        if done.error is not None:
            return ""
        shown: Any = None
        with suppress(Exception):  # a page that cannot be drawn is no reason to fail a case
            shown = item.ihook.pytest_eval_show_output(config=self._config, output=done.output)
        if shown is None and isinstance(done.output, str):
            shown = done.output
        return str(shown or "")


def _all_examples(sources: Iterable[Source]) -> dict[str, list[str]]:
    """The ids in each dataset, selected or not; files that share a name are one dataset here."""
    ids: dict[str, list[str]] = {}
    for source in {source.path: source for source in sources}.values():
        ids.setdefault(source.dataset.name, []).extend(example.id for example in source.dataset.examples)
    return ids


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
        return None if empty else Case(item.nodeid, item.nodeid, _task_of(item))
    if "tracked_run" in names and "output" not in names:
        return replace(shared, key=item.nodeid, case_id=_own_id(item, shared), asked_by=set(), scorer_spans=[])
    return shared


def _own_id(item: pytest.Item, case: Case) -> str:
    """The test's own id but for variant and trial, which are told apart elsewhere."""
    name = case.example.id if case.example else ""
    return item.nodeid.replace(name + case.suffix, name, 1) if case.suffix else item.nodeid


def _task_of(node: pytest.Item) -> str:
    """Who provides the task for a test: every plugin and conftest.py in reach that implements the hook.

    The name of a conftest.py is its path, here from rootdir: a session may be resumed where the project has moved.
    """
    names = [implementation.plugin_name for implementation in node.ihook.pytest_eval_task.get_hookimpls()]
    root = node.config.rootpath
    return ",".join(os.path.relpath(name, root) if Path(name).is_absolute() else name for name in names)


def _described(case: Case) -> CaseResult:
    from technoshare_commentator.mlops.evaluation.results import CaseResult  # noqa: PLC0415 - as above

    return CaseResult(
        key=case.key,
        case_id=case.case_id,
        example_id=case.example.id if case.example else case.key,
        variant=case.variant.name if case.variant else "default",
        trial=case.trial,
        dataset=case.source.dataset.record(str(case.source.path)) if case.source else None,
        tags=list(case.example.tags) if case.example else [],
        not_run=case.done.not_run if case.done else "",
    )
