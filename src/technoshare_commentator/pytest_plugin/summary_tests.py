"""Tests of the whole session: marked `eval_summary`, they run once, after all cases, with everybody's results.

On workers they are left out; the controller, where all results are, collects and runs them when the others are done.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from technoshare_commentator.pytest_plugin.options import SUMMARY_MARK

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pytest


class SummaryTests:
    """Which they are, and whether anything failed that no gate decides about."""

    def __init__(self, config: pytest.Config, *, distributed: bool) -> None:
        """Take the configuration and whether tests run elsewhere than results are gathered."""
        self._config = config
        self._distributed = distributed
        self.nodeids: list[str] = []
        self.others_failed = False

    def leave_out(self, items: list[pytest.Item]) -> None:
        """Deselect them."""
        marked = [item for item in items if item.get_closest_marker(SUMMARY_MARK)]
        if marked:
            self._config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in marked]

    def select(self, items: list[pytest.Item]) -> None:
        """Move them to the end, or out of a worker's sight."""
        marked = [item for item in items if item.get_closest_marker(SUMMARY_MARK)]
        if marked:
            self.nodeids = [item.nodeid for item in marked]
            rest = [item for item in items if not item.get_closest_marker(SUMMARY_MARK)]
            items[:] = rest if self._distributed else [*rest, *marked]

    def run_here(self, session: pytest.Session, nodeids: Sequence[str]) -> None:
        """Collect and run them in this process, whose own collection was left to the workers."""
        if not nodeids or session.shouldfail or session.shouldstop:
            return
        with _without_telling_others(self._config):
            items = list(session.perform_collect(list(nodeids)))
        for position, item in enumerate(items):
            following = items[position + 1] if position + 1 < len(items) else None
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def note_ordinary(self, report: pytest.TestReport) -> None:
        """Remember a failure of a test that is no eval: no gate makes that good."""
        self.others_failed |= report.failed


@contextmanager
def _without_telling_others(config: pytest.Config) -> Iterator[None]:
    """Collect in silence: all plugins have heard of this session's collection, which these tests were part of."""
    hooks = {name: getattr(config.hook, name) for name in ("pytest_collection_modifyitems", "pytest_collection_finish")}
    for name, hook in hooks.items():
        setattr(config.hook, name, _Muted(hook))
    try:
        yield
    finally:
        for name, hook in hooks.items():
            setattr(config.hook, name, hook)


class _Muted:
    """A hook that calls nobody."""

    def __init__(self, hook: Any) -> None:
        self._hook = hook

    def __call__(self, **_: object) -> None:
        """Do nothing."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._hook, name)
