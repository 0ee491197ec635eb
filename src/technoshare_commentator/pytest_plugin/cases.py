"""The side of a session that runs tests: which case a test belongs to, its output, its run and its scores."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError, DatasetError
from technoshare_commentator.pytest_plugin.options import EVAL_MARK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from technoshare_commentator.mlops.evaluation.dataset import Dataset, Example
    from technoshare_commentator.mlops.evaluation.engine import Engine
    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
    from technoshare_commentator.mlops.tracking import Run

_MARK_KEYWORDS = frozenset({"dataset", "schema", "where"})


@dataclass
class Case:
    """What the tests of one example share in this process."""

    key: str
    example: Example | None
    dataset: Dataset[Example] | None
    source: str
    run: Run | None = None
    sent_revision: int = -1
    scores: list[Score | ScorerFailure] = field(default_factory=list)


class Cases:
    """All cases of this process."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session's configuration."""
        self._config = config
        self._cases: dict[str, Case] = {}
        self._of_item: dict[str, Case] = {}
        self._engines: dict[Path, Engine] = {}
        self._run_tags: dict[str, str] | None = None

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Give a test function with the mark one case for each example it selects."""
        mark = metafunc.definition.get_closest_marker(EVAL_MARK)
        if mark is None:
            return
        _check_mark(metafunc, mark)
        if "dataset" not in mark.kwargs or "example" not in metafunc.fixturenames:
            return
        dataset, path = _load(metafunc, mark)
        wanted = mark.kwargs.get("where") or (lambda _: True)
        chosen = [example for example in dataset.examples if wanted(example)]
        for tag in sorted({tag for example in chosen for tag in example.tags}):
            self._config.addinivalue_line("markers", f"{tag}: eval examples with this tag")
        parameters = [
            pytest.param(self._case(dataset, example, path), id=example.id, marks=[_tag(tag) for tag in example.tags])
            for example in chosen
        ]
        metafunc.parametrize("example", parameters, indirect=True)

    def _case(self, dataset: Dataset[Example], example: Example, path: Path) -> Case:
        key = f"{dataset.name}:{example.id}"
        return self._cases.setdefault(key, Case(key, example, dataset, str(path)))

    def of(self, item: pytest.Item) -> Case | None:
        """The case of a test, or None where there is no eval mark."""
        if item.nodeid not in self._of_item and item.get_closest_marker(EVAL_MARK) is not None:
            callspec = getattr(item, "callspec", None)
            case = callspec.params.get("example") if callspec else None
            self._of_item[item.nodeid] = case if isinstance(case, Case) else Case(item.nodeid, None, None, "")
        return self._of_item.get(item.nodeid)

    def example(self, request: pytest.FixtureRequest) -> Example:
        """The example that this test was parametrized with."""
        case = self._required(request, "example")
        if case.example is None:
            raise pytest.UsageError(
                "the fixtures 'example' and 'output' need a dataset: @pytest.mark.eval(dataset='path.json')"
            )
        return case.example

    def output(self, request: pytest.FixtureRequest, example: Example) -> Any:
        """The task's output for the case of this test; raises what the task raised."""
        case = self._required(request, "output")
        done = self._engine(request).case(case.key, example)
        case.run = done.run
        if done.error is not None:
            raise done.error
        return done.output

    @contextmanager
    def tracked_run(self, request: pytest.FixtureRequest) -> Iterator[Run]:
        """The run of the engine where the test uses its output, else one that lasts as long as the test."""
        from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415 - only eval tests pay for it

        case = self._required(request, "tracked_run")
        if "output" in request.fixturenames:
            request.getfixturevalue("output")
        if case.run is not None:
            yield case.run
            return
        with Tracker().run("case", name=case.example.id if case.example else request.node.name) as run:
            yield run
        case.run = run

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """`check(output, *scorers)` for this test's example."""
        from technoshare_commentator.mlops.evaluation.scorer import CheckFailedError, check  # noqa: PLC0415 - as above

        example = self._required(request, "check").example

        def checked(output: Any, *scorers: Any) -> Any:
            __tracebackhide__ = True
            try:
                return check(output, example, *scorers)
            except CheckFailedError as failure:
                report = str(failure)
            return pytest.fail(report, pytrace=False)  # outside the handler: one report, not two

        return checked

    def recording(self, item: pytest.Item) -> AbstractContextManager[object]:
        """A context in which scores are kept with the item's case."""
        case = self.of(item)
        if case is None:
            return nullcontext()
        from technoshare_commentator.mlops.evaluation.scorer import recording  # noqa: PLC0415 - as above

        return recording(case.scores.append)

    def message(self, item: pytest.Item) -> str | None:
        """What is new about the item's case since the last message, as JSON; None when there is nothing."""
        case = self.of(item)
        if case is None:
            return None
        from technoshare_commentator.mlops.evaluation.results import Message  # noqa: PLC0415 - as above

        message = Message(_news(case))
        if self._run_tags is None:
            answers = item.ihook.pytest_eval_run_tags(config=self._config)
            self._run_tags = message.run_tags = {name: str(tags[name]) for tags in answers for name in tags}
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

    def _engine(self, request: pytest.FixtureRequest) -> Engine:
        folder = request.path.parent
        if folder not in self._engines:
            from technoshare_commentator.mlops.evaluation.engine import Engine  # noqa: PLC0415 - as above
            from technoshare_commentator.mlops.tracking import Tracker  # noqa: PLC0415

            task = request.node.ihook.pytest_eval_task(config=self._config, variant="default")
            if task is None:
                raise pytest.UsageError(
                    f"no task for {folder}: implement pytest_eval_task(config, variant) in its conftest.py and "
                    "return `async (example) -> output`"
                )
            self._engines[folder] = Engine(task, Tracker())
        return self._engines[folder]


def _news(case: Case) -> CaseResult:
    from technoshare_commentator.mlops.evaluation.results import CaseResult, assessment  # noqa: PLC0415 - as above
    from technoshare_commentator.mlops.evaluation.scorer import Score  # noqa: PLC0415

    news = CaseResult(
        key=case.key,
        example_id=case.example.id if case.example else case.key,
        dataset=case.dataset.record(case.source) if case.dataset else None,
        tags=list(case.example.tags) if case.example else [],
        scores=[assessment(score) for score in case.scores],
        passed_scores=[isinstance(score, Score) and score.passed for score in case.scores],
    )
    case.scores.clear()
    if case.run is not None and case.run.revision != case.sent_revision:
        news.run = case.run.record
        case.sent_revision = case.run.revision
    return news


def _load(metafunc: pytest.Metafunc, mark: pytest.Mark) -> tuple[Dataset[Example], Path]:
    from technoshare_commentator.mlops.evaluation.dataset import AnyExample, load_dataset  # noqa: PLC0415 - as above

    path = Path(metafunc.definition.path.parent, mark.kwargs["dataset"])
    try:
        return load_dataset(path, mark.kwargs.get("schema") or AnyExample), path
    except (DatasetError, ConfigurationError) as error:
        raise pytest.UsageError(str(error)) from error


def _check_mark(metafunc: pytest.Metafunc, mark: pytest.Mark) -> None:
    unknown = sorted(set(mark.kwargs) - _MARK_KEYWORDS)
    if unknown or mark.args:
        raise pytest.UsageError(
            f"{metafunc.definition.nodeid}: @pytest.mark.eval takes the keywords {sorted(_MARK_KEYWORDS)}, "
            f"not {unknown or list(mark.args)}; see 'pytest --markers'"
        )


def _tag(name: str) -> pytest.MarkDecorator:
    mark = getattr(pytest.mark, name)
    if not isinstance(mark, pytest.MarkDecorator):
        raise pytest.UsageError(f"tag {name!r} cannot be a pytest mark")
    return mark
