"""Which case a test belongs to: the side of a session that runs tests."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.pytest_plugin.case import Case, case_of, described, task_of
from technoshare_commentator.pytest_plugin.options import EVAL_MARK
from technoshare_commentator.pytest_plugin.parametrize import Plan, Source, parametrize
from technoshare_commentator.pytest_plugin.plan import make_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.variants import Variant


class Cases:
    """All cases of this process."""

    def __init__(self, config: pytest.Config) -> None:
        """Take the session's configuration."""
        self._config = config
        self._cases: dict[str, Case] = {}
        self._of_item: dict[str, Case | None] = {}
        self._run_tags: dict[str, str] = {}
        self._plan: Plan | None = None

    def parametrize(self, metafunc: pytest.Metafunc) -> None:
        """Give a test function with the mark one case for each example it selects."""
        mark = metafunc.definition.get_closest_marker(EVAL_MARK)
        if mark is None:
            return
        task = task_of(metafunc.definition)

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
            self._of_item[item.nodeid] = case_of(item)
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

    def take_run_tags(self) -> dict[str, str]:
        """Return what the suite has said; nothing when it is asked for again."""
        taken, self._run_tags = self._run_tags, {}
        return taken

    def notes(self, items: Sequence[pytest.Item]) -> dict[str, Any]:
        """What a controller wants to know of the selected tests: the case of each, and each case as a message."""
        from technoshare_commentator.mlops.evaluation.results import Message  # noqa: PLC0415 - only eval tests pay
        from technoshare_commentator.mlops.evaluation.scorer import scorer_names  # noqa: PLC0415 - as above

        found = {item.nodeid: case for item in items if (case := self.of(item)) is not None}
        return {
            "scopes": {nodeid: case.key for nodeid, case in found.items()},
            "cases": {case.key: Message(described(case)).to_json() for case in found.values()},
            "scorers": sorted(scorer_names()),
            "examples": _all_examples(case.source for case in found.values() if case.source is not None),
        }


def _all_examples(sources: Iterable[Source]) -> dict[str, list[str]]:
    """The ids in each dataset, selected or not; files that share a name are one dataset here."""
    ids: dict[str, list[str]] = {}
    for source in {source.path: source for source in sources}.values():
        ids.setdefault(source.dataset.name, []).extend(example.id for example in source.dataset.examples)
    return ids
