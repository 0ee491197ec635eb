"""pytest-xdist: all tests of one case on one worker, so that they share its output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadScheduling, LoadScopeScheduling

from technoshare_commentator.pytest_plugin.session import SCOPES_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from xdist.remote import Producer
    from xdist.workermanage import WorkerController


class XdistHooks:
    """Hooks that only the controller implements, and only where xdist is installed."""

    def __init__(self, scopes_folder: Callable[[], str]) -> None:
        """Take where workers leave word of their cases."""
        self._scopes_folder = scopes_folder

    @pytest.hookimpl
    def pytest_configure_node(self, node: WorkerController) -> None:
        """Tell a new worker where to leave word."""
        node.workerinput[SCOPES_FOLDER] = self._scopes_folder()

    @pytest.hookimpl
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Producer) -> Any:
        """Schedule by case, unless the user named another way to distribute."""
        chosen = any(argument.startswith("--dist") for argument in config.invocation_params.args)
        if chosen or config.getvalue("dist") != "load":
            return None
        return CaseAwareScheduling(config, log, Path(self._scopes_folder()))


class CaseAwareScheduling:
    """xdist's own load scheduling until an eval case turns up in the collection, then scheduling by case."""

    def __init__(self, config: pytest.Config, log: Producer, scopes_folder: Path) -> None:
        """Start with what xdist would do."""
        self._config = config
        self._log = log
        self._scopes_folder = scopes_folder
        self._decided = False
        self._scheduling: Any = LoadScheduling(config, log)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scheduling, name)

    def schedule(self) -> None:
        """Decide once, when every worker has collected; then schedule."""
        if not self._decided:
            self._decided = True
            if scopes := self._read_scopes():
                self._scheduling = self._by_case(scopes)
        self._scheduling.schedule()

    def _read_scopes(self) -> dict[str, str]:
        notes = sorted(self._scopes_folder.glob("*.json"))
        return dict(json.loads(notes[0].read_text(encoding="utf-8"))) if notes else {}

    def _by_case(self, scopes: dict[str, str]) -> CaseScheduling:
        scheduling = CaseScheduling(self._config, self._log, scopes)
        for node in self._scheduling.nodes:
            scheduling.add_node(node)
        for node, collection in self._scheduling.node2collection.items():
            scheduling.add_node_collection(node, collection)
        return scheduling


class CaseScheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """A scope is a case; every other test is a scope of its own."""

    def __init__(self, config: pytest.Config, log: Producer, scopes: dict[str, str]) -> None:
        """Take the case of each eval test by its node id."""
        super().__init__(config, log)
        self._scopes = scopes

    def _split_scope(self, nodeid: str) -> str:
        return self._scopes.get(nodeid, nodeid)
