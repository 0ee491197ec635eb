"""Where scorers run, and what their own model calls used: surroundings that a session sets up, and a script has not."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import RunRecord, SpanRecord, usage_of
from technoshare_commentator.mlops.tracking import Tracker, apart

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence
    from contextlib import AbstractContextManager

# MLflow's names for what a judge used (mlflow.tracing.constant.AssessmentMetadataKey).
_JUDGE_COST = "mlflow.assessment.judgeCost"
_JUDGE_INPUT_TOKENS = "mlflow.assessment.judgeInputTokens"
_JUDGE_OUTPUT_TOKENS = "mlflow.assessment.judgeOutputTokens"


@dataclass
class ScorerTrace:
    """What a scorer did beside computing: its spans, root first, once it has ended; none where it opened none."""

    spans: list[SpanRecord] = field(default_factory=list)

    @property
    def metadata(self) -> dict[str, str]:
        """What its model calls used, for the score's metadata; nothing where it asked no model, no cost if unknown."""
        asked = [span for span in self.spans if tracing.INPUT_TOKENS in span.attributes]
        if not asked:
            return {}
        used = {
            _JUDGE_INPUT_TOKENS: f"{usage_of(asked, tracing.INPUT_TOKENS):.0f}",
            _JUDGE_OUTPUT_TOKENS: f"{usage_of(asked, tracing.OUTPUT_TOKENS):.0f}",
        }
        if all(tracing.COST_USD in span.attributes for span in asked):
            used[_JUDGE_COST] = f"{usage_of(asked, tracing.COST_USD):.10g}"
        return used


class Surroundings:
    """What a script has: nobody keeps what scorers use, and async ones run on a loop of their own."""

    def scorer(self, name: str) -> AbstractContextManager[ScorerTrace]:
        """Let a scorer run in this block, alone or beside others; its trace is there when the block has ended."""
        del name
        return nullcontext(ScorerTrace())

    def together(self, coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
        """Run coroutines at the same time, in the caller's context; return what each returned or raised."""
        return run_together(coroutines)


current: ContextVar[Surroundings | None] = ContextVar("scorer_surroundings", default=None)


def surroundings() -> Surroundings:
    """Those of this context."""
    return current.get() or Surroundings()


def run_together(coroutines: Sequence[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Run coroutines on the event loop of scripts, which has a thread of its own: the caller may be in another loop.

    All calls share that loop, since the connections of a client only serve the loop that opened them.
    """

    async def gather() -> list[Any]:
        return await asyncio.gather(*coroutines, return_exceptions=True)

    loop, thread = _loop_of_scripts()
    if threading.current_thread() is not thread:
        running = asyncio.run_coroutine_threadsafe(gather(), loop)
        try:
            return running.result()
        finally:
            running.cancel()  # whatever it was that did not let the caller wait
    with ThreadPoolExecutor(1) as apart_from_it:  # an async scorer that calls another plainly would wait for itself
        return apart_from_it.submit(copy_context().run, asyncio.run, gather()).result()


def _loop_of_scripts() -> tuple[asyncio.AbstractEventLoop, threading.Thread]:
    """The one event loop and its thread, which end with the process."""
    with _starting:
        if not _started:
            loop = asyncio.new_event_loop()
            thread = threading.Thread(target=loop.run_forever, name="scorers", daemon=True)
            thread.start()
            _started.append((loop, thread))
        return _started[0]


_starting = threading.Lock()
_started: list[tuple[asyncio.AbstractEventLoop, threading.Thread]] = []


class ScorerTracer:
    """Gives scorers traces of their own: when they run, the trace of their case has mostly ended."""

    def __init__(self) -> None:
        """Set up where spans are collected."""
        self._tracker = Tracker()

    @contextmanager
    def trace(self, name: str) -> Iterator[ScorerTrace]:
        """Collect the spans of a block; a scorer that opens none has no trace."""
        trace = ScorerTrace()
        run = None
        try:
            with apart(), self._tracker.run("scorer", name=name) as run:
                yield trace
        finally:
            spans = run.record.traces[0].spans if run is not None and run.record.traces else []
            if len(spans) > 1:  # more than the root
                trace.spans = [_marked(span, name) for span in spans]


def with_scorers(record: RunRecord, spans: Sequence[SpanRecord]) -> RunRecord:
    """Return the run of a case with the spans of its scorers hung under the root of its trace, if it has one."""
    if not spans or not record.traces:
        return record
    trace, root = record.traces[0], record.traces[0].root.span_id
    hung = [span if span.parent_id is not None else replace(span, parent_id=root) for span in spans]
    return replace(record, traces=[replace(trace, spans=[*trace.spans, *hung]), *record.traces[1:]])


def _marked(span: SpanRecord, scorer: str) -> SpanRecord:
    """The scorer's own, so that what judging cost can be told from what the task cost."""
    kind = {tracing.SPAN_TYPE: tracing.SpanType.EVALUATOR.value} if span.parent_id is None else {}
    return replace(span, attributes={**span.attributes, tracing.SCORER: scorer, **kind})
