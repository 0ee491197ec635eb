"""The side of a session where reports arrive: results of all workers, case by case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.results import CaseResult, Message, TestResult
from technoshare_commentator.mlops.evaluation.rows import detail_of, outcome_of, row_of
from technoshare_commentator.mlops.evaluation.running.case_run import spent_usd
from technoshare_commentator.pytest_plugin.attempts import Attempts

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from technoshare_commentator.mlops.evaluation.results import ScoreResult
    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey, CaseRow, TestOutcome

_CRASHED = "???"  # the phase that xdist names in the report of a worker's death


class Gathering:
    """Cases as they become known; `case_over` hears of each when its last test has reported."""

    def __init__(self, case_over: Callable[[CaseResult], None]) -> None:
        """Take who wants to know of cases whose tests are over."""
        self._case_over = case_over
        self._attempts = Attempts()
        self._cases: dict[str, CaseResult] = {}
        self._case_of: dict[str, str] = {}
        self._awaited: dict[str, set[str]] = {}
        self._over: set[str] = set()
        self.failed_count = 0
        self.cost_usd = 0.0
        self.run_tags: dict[str, str] = {}

    def expect(self, case_of: Mapping[str, str]) -> None:
        """Take the case of each selected test, by node id."""
        self._case_of.update(case_of)
        for nodeid, key in case_of.items():
            self._awaited.setdefault(key, set()).add(nodeid)

    def add(self, report: pytest.TestReport, content: str, *, worker: str = "") -> None:
        """Take a test's report and what its worker said of the case; `worker` where each of them runs every case."""
        message = Message.from_json(content)
        self.run_tags.update(message.run_tags)
        if worker:
            message.case.key = f"{worker} {message.case.key}"
        case = self._cases.setdefault(message.case.key, message.case)
        if case is not message.case:
            case.merge(message.case)
        _note_test(case, report, message.scores)
        last = self._attempts.is_last(report)
        if last and report.when in {"teardown", _CRASHED} and not worker:
            self._test_over(case, report.nodeid)

    def close(self) -> None:
        """Let the cases be over whose tests were not all run, such as those of a session that was broken off."""
        for case in self._cases.values():
            self._end(case)

    @property
    def total(self) -> int:
        """How many cases there are going to be, as far as is known."""
        return max(len(self._awaited), len(self._cases))

    @property
    def count(self) -> int:
        """How many cases are over."""
        return len(self._over)

    @property
    def rows(self) -> tuple[CaseRow, ...]:
        """All cases that were begun."""
        return tuple(row_of(case) for case in self.cases)

    @property
    def cases(self) -> list[CaseResult]:
        """All cases that were begun, in the order of the collection: which worker was the faster is of no interest."""
        known = [self._cases[key] for key in self._awaited if key in self._cases]
        return known + [case for key, case in self._cases.items() if key not in self._awaited]

    def details(self) -> dict[CaseKey, CaseDetail]:
        """What a report shows of each case beside its row."""
        return {row_of(case).key: detail_of(case) for case in self.cases}

    def _test_over(self, case: CaseResult, nodeid: str) -> None:
        awaited = self._awaited.get(case.key)
        if awaited is not None:
            awaited.discard(nodeid)
            if not awaited:
                self._end(case)

    def _end(self, case: CaseResult) -> None:
        if case.key not in self._over:
            self._over.add(case.key)
            self.failed_count += outcome_of(case) in {"failed", "error"}
            self.cost_usd += spent_usd(case.trace.spans) if case.trace else 0.0
            self._case_over(case)


def _note_test(case: CaseResult, report: pytest.TestReport, scores: list[ScoreResult]) -> None:
    """Keep the last word on a test; a passing setup or teardown says nothing but which scores there were."""
    if report.when != "call" and report.passed:
        if report.when == "teardown" and report.nodeid in case.tests:
            case.tests[report.nodeid].scores = scores
        return
    outcome: TestOutcome = report.outcome
    if report.failed and report.when != "call":
        outcome = "error"
    message = "" if outcome in {"passed", "skipped"} else _reason(report)
    case.tests[report.nodeid] = TestResult(report.nodeid, outcome, report.duration, message, scores)


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, str):  # what xdist says of a worker that died
        return report.longrepr
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else report.longreprtext).strip()
