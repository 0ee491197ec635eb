"""pytest-xdist: all tests of one case on one worker, so that they share its output."""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScheduling, LoadScopeScheduling

from technoshare_commentator.pytest_plugin.wire import MESSAGE, NOTES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from technoshare_commentator.pytest_plugin.session import EvalSession


class XdistHooks:
    """Hooks that only the controller implements, and only where xdist is installed."""

    def __init__(self, session: EvalSession) -> None:
        """Take the session, for whose sake workers leave word of their cases."""
        self._session = session

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Tell a new worker where to leave word."""
        node.workerinput[NOTES_FOLDER] = str(self._session.notes_folder())

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Producer) -> Any:
        """Schedule by case, unless the user named another way to distribute."""
        chosen = any(str(argument).startswith("--dist") for argument in config.invocation_params.args)
        if chosen or config.getvalue("dist") != "load":
            return None
        return CaseAwareScheduling(config, log, lambda: self._notes().get("scopes", {}))

    @pytest.hookimpl
    def pytest_xdist_node_collection_finished(self) -> None:
        """Find out what is set up wrongly as soon as it is known that there are cases."""
        if notes := self._notes():
            self._session.check(notes["problem"])

    @pytest.hookimpl
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Say in its place which case a worker died in."""
        notes = self._notes()
        if notes and (key := notes["scopes"].get(crashitem)) is not None:
            setattr(report, MESSAGE, notes["cases"][key])

    def _notes(self) -> dict[str, Any]:
        """What a worker wrote down: `problem`, `scopes` and `cases`; all of them collect the same tests."""
        written = sorted(self._session.notes_folder().glob("*.json"))
        return dict(json.loads(written[0].read_text(encoding="utf-8"))) if written else {}


class CaseAwareScheduling:
    """xdist's own load scheduling until an eval case turns up in the collection, then scheduling by case."""

    def __init__(self, config: pytest.Config, log: Producer, scopes: Callable[[], dict[str, str]]) -> None:
        """Start with what xdist would do; `scopes` gives the case of each eval test once workers have collected."""
        self._config = config
        self._log = log
        self._scopes = scopes
        self._decided = False
        self._scheduling: Any = LoadScheduling(config, log)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scheduling, name)

    def schedule(self) -> None:
        """Decide once, when every worker has collected; then schedule."""
        if not self._decided:
            self._decided = True
            if scopes := self._scopes():
                self._scheduling = self._by_case(scopes)
        self._scheduling.schedule()

    def _by_case(self, scopes: dict[str, str]) -> CaseScheduling:
        scheduling = CaseScheduling(self._config, self._log, scopes)
        for node in self._scheduling.nodes:
            scheduling.add_node(node)
        for node, collection in self._scheduling.node2collection.items():
            scheduling.add_node_collection(node, collection)
        return scheduling


class CaseScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """A scope is a case; every other test is a scope of its own.

    xdist's scheduling by scope looks through all finished work after each test, and hands a test that killed its worker
    to the next worker, and the next. Here finished tests are forgotten, and one that killed a worker is finished.
    """

    def __init__(self, config: pytest.Config, log: Producer, scopes: dict[str, str]) -> None:
        """Take the case of each eval test by its node id."""
        super().__init__(config, log)
        self._scopes = scopes

    @cached_property
    def _positions(self) -> dict[str, int]:
        """Where each test stands in the collection, which is the same for all workers."""
        return {nodeid: position for position, nodeid in enumerate(self.collection)}

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget a finished test, and find its worker more to do."""
        del duration
        self._forget(node, self.registered_collections[node][item_index])
        self._reschedule(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker out and return the test it died in, if it did; what else it had goes to others."""
        work = self.assigned_work[node].values()
        died_in: str | None = next((nodeid for unit in work for nodeid in unit), None)
        if died_in is not None:
            self._forget(node, died_in)
        super().remove_node(node)
        return died_in

    def _forget(self, node: WorkerController, nodeid: str) -> None:
        scope = self._split_scope(nodeid)
        unit = self.assigned_work[node][scope]
        del unit[nodeid]
        if not unit:
            del self.assigned_work[node][scope]

    def _reschedule(self, node: WorkerController) -> None:
        """Give a worker units until it has enough: one that holds a single test waits for the next before it starts."""
        waiting = -1
        while waiting != len(self.workqueue):
            waiting = len(self.workqueue)
            super()._reschedule(node)

    def _assign_work_unit(self, node: WorkerController) -> None:
        scope, unit = self.workqueue.popitem(last=False)
        self.assigned_work[node][scope] = unit
        node.send_runtest_some([self._positions[nodeid] for nodeid in unit])

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes.get(nodeid, nodeid)
