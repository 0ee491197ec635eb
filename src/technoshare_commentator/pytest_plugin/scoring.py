"""What is said of cases where tests run: the scores of each test, and a message with each of its reports."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.pytest_plugin.calibration import why_informs
from technoshare_commentator.pytest_plugin.case import described

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from technoshare_commentator.mlops.evaluation.running.case_run import CaseRun
    from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
    from technoshare_commentator.pytest_plugin.cases import Cases
    from technoshare_commentator.pytest_plugin.running import Running
    from technoshare_commentator.pytest_plugin.surroundings import SessionSurroundings


class Scoring:
    """Keeps the scores of the test that runs, and says with its reports what is new about its case."""

    def __init__(self, config: pytest.Config, cases: Cases, running: Running) -> None:
        """Take the session's configuration, its cases, and who runs them."""
        self._config = config
        self._cases = cases
        self._running = running
        self._scores: list[Score | ScorerFailure] = []
        self._surroundings: SessionSurroundings | None = None

    def checker(self, request: pytest.FixtureRequest) -> Callable[..., Any]:
        """`check(output, *scorers)` for this test's example."""
        from technoshare_commentator.mlops.evaluation.informing import informing  # noqa: PLC0415 - only eval tests pay
        from technoshare_commentator.mlops.evaluation.scorer import (  # noqa: PLC0415 - as above
            CheckFailedError,
            check,
            recording,
        )

        example = self._cases.required(request, "check").example

        def checked(output: Any, *scorers: Any) -> Any:
            __tracebackhide__ = True
            try:
                why = why_informs(self._config)
                with recording(self._scores.append, self._surroundings), informing(why):  # whichever thread it is
                    return check(output, example, *scorers)
            except CheckFailedError as failure:
                report = str(failure).encode(errors="replace").decode()  # xdist cannot send half a character
            return pytest.fail(report, pytrace=False)  # outside the handler: one report, not two

        return checked

    @contextmanager
    def recording(self, item: pytest.Item) -> Iterator[None]:
        """A context in which scores are kept for the next message, and model calls replayed and recorded."""
        case = self._cases.of(item)
        if case is None and self._surroundings is None:
            yield
            return
        from technoshare_commentator.mlops.evaluation.scorer import recording  # noqa: PLC0415 - as above
        from technoshare_commentator.pytest_plugin.recording import (  # noqa: PLC0415 - as above
            ordinary_test,
            scope_of_test,
        )
        from technoshare_commentator.pytest_plugin.surroundings import SessionSurroundings  # noqa: PLC0415 - as above

        if case is None:
            with ordinary_test():
                yield
            return
        self._scores.clear()
        where = self._surroundings = self._surroundings or SessionSurroundings(self._running)
        where.case = case
        # The same function for all tests: an event loop that outlives its test keeps the context it was made in.
        with recording(self._scores.append, where), scope_of_test(self._running.recorder, case, item):
            yield

    def message(self, item: pytest.Item, when: str) -> str | None:
        """What this phase's report should say of the test's case, as JSON; None without a case."""
        case = self._cases.of(item)
        if case is None:
            return None
        from technoshare_commentator.mlops.evaluation.results import Message, ScoreResult  # noqa: PLC0415 - as above
        from technoshare_commentator.mlops.evaluation.scoring import with_scorers  # noqa: PLC0415 - as above

        why = why_informs(self._config)
        message = Message(described(case), [ScoreResult.of(score, why) for score in self._scores])
        run, spans = case.done.run if case.done is not None else None, list(case.scorer_spans)
        state = (run.record.key, run.revision, len(spans)) if run is not None else None
        if case.done is not None and run is not None and case.sent != state:
            message.case.run = with_scorers(run.record, spans)
            message.case.shown = self._shown(item, case.done)
            case.sent = state
        message.run_tags = self._cases.take_run_tags()
        if when == "teardown":
            self._scores.clear()  # what follows is another attempt
        return message.to_json()

    def score_properties(self) -> list[tuple[str, str]]:
        """The scores of the test that runs, as JUnit files carry them."""
        return [(f"score.{score.name}", str(getattr(score, "value", "error"))) for score in self._scores]

    def _shown(self, item: pytest.Item, done: CaseRun) -> str:
        if done.error is not None:
            return ""
        shown: Any = None
        with suppress(Exception):  # a page that cannot be drawn is no reason to fail a case
            shown = item.ihook.pytest_eval_show_output(config=self._config, output=done.output)
        if shown is None and isinstance(done.output, str):
            shown = done.output
        return str(shown or "")
