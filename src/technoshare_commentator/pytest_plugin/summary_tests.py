"""Tests of the whole session: marked `eval_summary`, they run once, after all cases, with everybody's results.

On workers they are left out; the controller, where all results are, collects and runs them when the others are done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.pytest_plugin.options import SUMMARY_MARK

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pytest


class SummaryTests:
    """Which they are, and whether anything failed that no gate decides about."""

    def __init__(self, config: pytest.Config, *, distributed: bool) -> None:
        """Take the configuration and whether tests run elsewhere than results are gathered."""
        self._config = config
        self._distributed = distributed
        self.nodeids: list[str] = []
        self.others_failed = False

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
        found = session.perform_collect(
            list(nodeids), genitems=False
        )  # nobody is told: workers have collected long ago
        items = [item for node in found for item in session.genitems(node)]
        for position, item in enumerate(items):
            following = items[position + 1] if position + 1 < len(items) else None
            self._config.hook.pytest_runtest_protocol(item=item, nextitem=following)

    def note_ordinary(self, report: pytest.TestReport) -> None:
        """Remember a failure of a test that is no eval: no gate makes that good."""
        self.others_failed |= report.failed
