"""Where scorers run in a session: beside its cases, recorded like them, and with what they cost counted."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.evaluation.running.case_run import spent_usd
from technoshare_commentator.mlops.evaluation.scoring import ScorerTrace, ScorerTracer, Surroundings
from technoshare_commentator.pytest_plugin.recording import place_of

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from technoshare_commentator.pytest_plugin.case import Case
    from technoshare_commentator.pytest_plugin.running import Running


class SessionSurroundings(Surroundings):
    """The same object for all tests: an event loop that outlives its test keeps the context it was made in."""

    def __init__(self, running: Running) -> None:
        """Take who runs cases."""
        self._running = running
        self._tracer = ScorerTracer()
        self.case: Case | None = None

    @contextmanager
    def scorer(self, name: str) -> Iterator[ScorerTrace]:
        """Record a scorer's model calls with the case of the test that runs; its spans are for the case's trace."""
        case, limits, recorder = self.case, self._running.limits, self._running.recorder
        if case is None:
            yield ScorerTrace()
            return
        place = place_of(case)
        trace = ScorerTrace()
        try:
            with (
                self._tracer.trace(name) as trace,
                limits.case(is_paid=False, replays=recorder.replays(place, name)),
                recorder.scope(place, name),
            ):
                yield trace
        finally:
            case.scorer_spans.extend(trace.spans)
            limits.spend(spent_usd(trace.spans))

    def together(self, coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        """Run them on the engine's loop, where the cases run."""
        return self._running.engine.together(coroutines)
