"""A case of the evaluation: what the tests of one example share, and what there is to say of it."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.pytest_plugin.options import EVAL_MARK

if TYPE_CHECKING:
    import pytest

    from technoshare_commentator.mlops.evaluation.dataset import Example
    from technoshare_commentator.mlops.evaluation.results import CaseResult
    from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun
    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.mlops.records import SpanRecord
    from technoshare_commentator.pytest_plugin.parametrize import Source


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


def case_of(item: pytest.Item) -> Case | None:
    """A test that uses the task's output shares the case of its example; one that is its own task has its own."""
    mark = item.get_closest_marker(EVAL_MARK)
    if mark is None:
        return None
    names = getattr(item, "fixturenames", ())
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    shared = parameters.get("example")
    if not isinstance(shared, Case):
        empty = "example" in parameters and mark.kwargs.get("dataset") is not None
        return None if empty else Case(item.nodeid, item.nodeid, task_of(item))
    if "tracked_run" in names and "output" not in names:
        return replace(shared, key=item.nodeid, case_id=_own_id(item, shared), asked_by=set(), scorer_spans=[])
    return shared


def _own_id(item: pytest.Item, case: Case) -> str:
    """The test's own id but for variant and trial, which are told apart elsewhere."""
    name = case.example.id if case.example else ""
    return item.nodeid.replace(name + case.suffix, name, 1) if case.suffix else item.nodeid


def task_of(node: pytest.Item) -> str:
    """Who provides the task for a test: every plugin and conftest.py in reach that implements the hook.

    The name of a conftest.py is its path, here from rootdir: a session may be resumed where the project has moved.
    """
    names = [implementation.plugin_name for implementation in node.ihook.pytest_eval_task.get_hookimpls()]
    root = node.config.rootpath
    return ",".join(os.path.relpath(name, root) if Path(name).is_absolute() else name for name in names)


def described(case: Case) -> CaseResult:
    """What a message says of a case, before there are scores and a run."""
    from technoshare_commentator.mlops.evaluation.results import CaseResult  # noqa: PLC0415 - only eval tests pay

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


def digest(case: Case) -> str:
    """What went into a case, but for the code of its task: the example and the variant."""
    parts = [part.model_dump_json() for part in (case.example, case.variant) if part is not None]
    return hashlib.sha256("\n".join(parts).encode(errors="replace")).hexdigest()[:32]
