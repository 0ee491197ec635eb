"""Attempts of a test: plugins that run failed tests again report every attempt, and only the last counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


class Attempts:
    """Tells reports of a test's last attempt from those of earlier ones."""

    def __init__(self) -> None:
        """Begin with no report heard."""
        self._to_repeat: set[str] = set()

    def is_last(self, report: pytest.TestReport) -> bool:
        """Whether no further attempt has been announced; asked once for each report, in their order.

        The report that announces one is neither passed, nor failed, nor skipped, and the teardown of the same attempt
        may follow it.
        """
        if report.when == "setup":  # each attempt begins with one
            self._to_repeat.discard(report.nodeid)
        if not (report.passed or report.failed or report.skipped):
            self._to_repeat.add(report.nodeid)
        return report.nodeid not in self._to_repeat
