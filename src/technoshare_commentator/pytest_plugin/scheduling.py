"""pytest-xdist: all tests of one case on one worker, so that they share its output."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScheduling, LoadScopeScheduling

from technoshare_commentator.pytest_plugin.attempts import Attempts
from technoshare_commentator.pytest_plugin.flights import DEATHS_TO_RUN_ALONE, Flights
from technoshare_commentator.pytest_plugin.wire import MESSAGE, NOTES_FOLDER, STOPPED

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from collections.abc import Set as AbstractSet

    from xdist.remote import Producer
    from xdist.workermanage import WorkerController

    from technoshare_commentator.pytest_plugin.session import EvalSession


class XdistHooks:
    """Hooks that only the controller implements, and only where xdist is installed."""

    def __init__(self, config: pytest.Config, session: EvalSession) -> None:
        """Take the session, for whose sake workers leave word of their cases."""
        self._config = config
        self._session = session
        self._attempts = Attempts()
        self._over: set[str] = set()

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember tests that are counted (their worker may die before it says that it goes on), and pass on `-x`."""
        if self._attempts.is_last(report) and (report.when != "setup" or not report.passed):
            self._over.add(report.nodeid)
        if getattr(self._config.pluginmanager.get_plugin("dsession"), "shouldstop", False):
            with suppress(OSError):  # xdist would let each worker run all that it was dealt
                (self._session.notes_folder() / STOPPED).touch()

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
        flights = Flights(self._session.notes_folder())

        def by_case() -> CaseScheduling | None:
            self._session.tests_begin()
            scopes = self._notes().get("scopes")
            return CaseScheduling(config, log, scopes, flights, self._over) if scopes else None

        return CaseAwareScheduling(config, log, by_case)

    @pytest.hookimpl
    def pytest_xdist_node_collection_finished(self) -> None:
        """Begin as soon as it is known that there are cases."""
        if notes := self._notes():
            self._session.begin(notes)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Run the tests of the whole session here, where all results are, after the workers' last."""
        outcome = yield
        self._session.summary_tests.run_here(session, self._notes().get("summary", []))
        return outcome

    @pytest.hookimpl
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Say in its place which case a worker died in."""
        notes = self._notes()
        if notes and (key := notes["scopes"].get(crashitem)) is not None:
            setattr(report, MESSAGE, notes["cases"][key])

    def _notes(self) -> dict[str, Any]:
        """What a worker wrote down: `problem`, `scopes` and `cases`; all of them collect the same tests."""
        written = sorted(self._session.notes_folder().glob("gw*.json"))
        return dict(json.loads(written[0].read_text(encoding="utf-8"))) if written else {}


class CaseAwareScheduling:
    """xdist's own load scheduling until an eval case turns up in the collection, then scheduling by case."""

    def __init__(self, config: pytest.Config, log: Producer, by_case: Callable[[], CaseScheduling | None]) -> None:
        """Start with what xdist would do; `by_case` knows, once workers have collected, whether there are cases."""
        self._by_case = by_case
        self._decided = False
        self._scheduling: Any = LoadScheduling(config, log)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scheduling, name)

    def schedule(self) -> None:
        """Decide once, when every worker has collected; then schedule."""
        if not self._decided:
            self._decided = True
            if scheduling := self._by_case():
                self._hand_over(scheduling)
        self._scheduling.schedule()

    def _hand_over(self, scheduling: CaseScheduling) -> None:
        for node in self._scheduling.nodes:
            scheduling.add_node(node)
        for node, collection in self._scheduling.node2collection.items():
            scheduling.add_node_collection(node, collection)
        self._scheduling = scheduling


class CaseScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """A scope is a case; each worker gets its share of all cases at once, every other test when a worker has time.

    xdist's scheduling by scope hands out one scope at a time, looks through all finished work after each test, and
    gives a test that killed its worker to the next worker, and the next. Here cases can start together, finished tests
    are forgotten, and one that killed a worker is finished.
    """

    def __init__(
        self, config: pytest.Config, log: Producer, scopes: dict[str, str], flights: Flights, over: AbstractSet[str]
    ) -> None:
        """Take the case of each eval test by its node id, who knows which cases are in flight, and finished tests."""
        super().__init__(config, log)
        self._scopes = scopes
        self._cases = frozenset(scopes.values())
        self._flights = flights
        self._over = over
        self._sent: dict[WorkerController, dict[str, None]] = {}
        self._present_at_deaths: Counter[str] = Counter()

    @cached_property
    def _positions(self) -> dict[str, int]:
        """Where each test stands in the collection, which is the same for all workers."""
        return {nodeid: position for position, nodeid in enumerate(self.collection)}

    def mark_test_complete(self, node: WorkerController, item_index: int, duration: float = 0) -> None:
        """Forget a finished test, and find its worker more to do."""
        del duration
        self._forget(node, self.registered_collections[node][item_index])
        self._reschedule(node)

    def mark_test_pending(self, item: str) -> None:
        """Put a test back that killed its worker: a neighbour wants to see it run again."""
        self.workqueue.setdefault(self._split_scope(item), {})[item] = False
        for node in self.assigned_work:
            self._reschedule(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """Take a worker out and return the test that killed it, if one did; all else it had goes to others."""
        for reported in [nodeid for nodeid in self._sent.get(node, {}) if nodeid in self._over]:
            self._forget(node, reported)
        running = next(iter(self._sent.pop(node, {})), None)
        if running is not None and self._is_to_blame(node, running):
            self._drop(node, running)
        else:
            running = None
        self.workqueue.update(self.assigned_work.pop(node))
        for other in self.assigned_work:
            self._reschedule(other)
        return running

    def _is_to_blame(self, node: WorkerController, running: str) -> bool:
        """Whether a test has killed its worker.

        While cases of other tests were in flight there, it may have been one of those. Whatever is in flight at two
        deaths runs alone from then on, so at a third it was not them.
        """
        others = self._flights.crashed(node.gateway.id) - {self._split_scope(running)}
        self._present_at_deaths[running] += 1
        return not others or self._present_at_deaths[running] > DEATHS_TO_RUN_ALONE

    def _forget(self, node: WorkerController, nodeid: str) -> None:
        self._sent[node].pop(nodeid, None)
        self._drop(node, nodeid)

    def _drop(self, node: WorkerController, nodeid: str) -> None:
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
        chosen = self._share() or [next(iter(self.workqueue))]
        units = {scope: self.workqueue.pop(scope) for scope in chosen}
        self.assigned_work[node].update(units)
        nodeids = sorted((nodeid for unit in units.values() for nodeid in unit), key=self._positions.__getitem__)
        self._sent.setdefault(node, {}).update(dict.fromkeys(nodeids))
        node.send_runtest_some([self._positions[nodeid] for nodeid in nodeids])

    def _share(self) -> list[str]:
        """Every n-th case that waits, where n workers have nothing to do."""
        waiting = [scope for scope in self.workqueue if scope in self._cases]
        idle = sum(not work for work in self.assigned_work.values())
        return waiting[:: max(idle, 1)]

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes.get(nodeid, nodeid)
