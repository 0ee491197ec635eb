"""Starting a session: its one object, and the hooks that need to know it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.pytest_plugin.session import KEY, EvalSession

if TYPE_CHECKING:
    from collections.abc import Generator


def start_session(config: pytest.Config) -> None:
    """Make the session object and register what needs to know it; stop here where the flags ask for nonsense."""
    session = config.stash[KEY] = EvalSession(config)
    if config.option.eval_variant or config.option.eval_model:
        session.check_variants()
    config.pluginmanager.register(ReportHook(session), "technoshare_eval_reports")
    distributed = getattr(config.option, "dist", "no") != "no"
    if distributed and not session.is_worker:
        from technoshare_commentator.pytest_plugin.scheduling import XdistHooks  # noqa: PLC0415 - xdist is optional

        config.pluginmanager.register(XdistHooks(config, session), "technoshare_eval_xdist")


class ReportHook:
    """Hands reports to the session: pytest passes no configuration to this hook."""

    def __init__(self, session: EvalSession) -> None:
        """Take who receives them."""
        self._session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Receive a report, from this process or from a worker."""
        self._session.receive(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Keep the terminal clear for the live line."""
        return self._session.status(report)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtestloop(self) -> Generator[None, object, object]:
        """Show progress from the first test on (workers' first tests are still far away), and stop with the last."""
        self._session.tests_begin()
        try:
            return (yield)
        finally:
            self._session.tests_over()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Remember that something could not be collected: no gate makes that good."""
        self._session.summary_tests.others_failed |= report.failed

    def pytest_keyboard_interrupt(self) -> None:
        """Cancel what is in flight."""
        self._session.interrupt()
