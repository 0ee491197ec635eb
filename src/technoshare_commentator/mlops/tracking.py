"""The context managers that production and the pytest plugin share: they only record, in memory.

    tracker = Tracker(deliver)
    with tracker.run("job", name="job_1") as run:
        with run.stage("retrieval", span="retrieval.fetch_evidence") as stage:
            stage.metric(snippet_count=7)
            stage.artifact("evidence.json", evidence)

When the outermost run ends, `deliver` gets its record (see `mlops.delivery`). A failure of tracking itself is
logged once and never reaches the body; a failure of the body is recorded and goes on unchanged.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import RunRecord, TraceRecord

if TYPE_CHECKING:
    from technoshare_commentator.mlops.otel import SpanCollector

logger = logging.getLogger(__name__)

_current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)


class Run:
    """An open run; everything said to it is kept until the outermost run ends.

    `revision` counts what was said, so that a reader can tell whether a record has changed since it last looked;
    `span` is the run's own span, for its input and output.
    """

    def __init__(self, record: RunRecord) -> None:
        """Wrap the record that this run fills."""
        self.record = record
        self.revision = 0
        self.span = tracing.Span()
        self._artifacts: dict[str, Any] = {}

    def tag(self, tags: Mapping[str, object] | None = None, /, **more: object) -> None:
        """Set tags; None is left out."""
        self._update(self.record.tags, {**(tags or {}), **more})

    def param(self, params: Mapping[str, object] | None = None, /, **more: object) -> None:
        """Set params; None is left out."""
        self._update(self.record.params, {**(params or {}), **more})

    def metric(self, metrics: Mapping[str, float | None] | None = None, /, **more: float | None) -> None:
        """Set metrics; None (unknown) is left out."""
        values = {**(metrics or {}), **more}
        self.record.metrics.update({name: float(value) for name, value in values.items() if value is not None})
        self.revision += 1

    def artifact(self, path: str, content: Any) -> None:
        """Keep a file: text as it is, anything else as indented JSON."""
        self._artifacts[path] = content
        self.revision += 1

    @contextmanager
    def stage(
        self,
        name: str,
        *,
        span: str = "",
        span_type: tracing.SpanType = tracing.SpanType.CHAIN,
        inputs: Any = None,
        kind: str = "stage",
    ) -> Iterator[Run]:
        """Open a nested run and its span, called `span` or else like the run."""
        child = Run(RunRecord(name=name, kind=kind))
        self.record.children.append(child.record)
        with tracing.span(span or name, span_type, inputs=inputs) as child.span, _open(child):
            yield child

    def _update(self, target: dict[str, str], values: Mapping[str, object]) -> None:
        target.update({name: str(value) for name, value in values.items() if value is not None})
        self.revision += 1

    def close(self, status: str) -> None:
        """End the run: serialise its artifacts, stop its clock."""
        self.record.end_ns = time.time_ns()
        self.record.status = "FAILED" if status == "FAILED" else "FINISHED"
        self.record.metrics.setdefault("latency_seconds", self.record.latency_seconds)
        self.record.artifacts = {path: _as_text(content) for path, content in self._artifacts.items()}


class Deliver(Protocol):
    """Takes the finished record of an outermost run."""

    def __call__(self, record: RunRecord) -> None:
        """Keep it; may raise, which is logged and goes no further."""
        ...


def discard(record: RunRecord) -> None:
    """Deliver nowhere: what `MLFLOW_ENABLE_TRACKING=false` does."""
    del record


class Tracker:
    """Opens runs; one tracker serves a whole process, threads and tasks included."""

    def __init__(self, deliver: Deliver = discard, *, tracing_enabled: bool = True) -> None:
        """Take who gets finished records, and whether spans are made."""
        self._deliver = deliver
        self._collector = _collector() if tracing_enabled else None
        self._warned = False

    @contextmanager
    def run(self, kind: str, *, name: str, tags: Mapping[str, object] | None = None) -> Iterator[Run]:
        """Open a run: outermost, with a trace of its own, or nested where one is active in this context."""
        parent = _current_run.get()
        if parent is not None:
            with parent.stage(name, kind=kind) as nested:
                nested.tag(tags)
                yield nested
            return
        run = Run(RunRecord(name=name, kind=kind))
        run.tag(tags)
        try:
            with self._trace(run), _open(run):
                yield run
        finally:
            self._hand_over(run.record)

    @contextmanager
    def _trace(self, run: Run) -> Iterator[None]:
        """Open the root span; whatever goes wrong around it costs the trace, not the job."""
        collector = self._collector
        if collector is None:
            yield
            return
        token = tracing.active_tracer.set(collector.tracer)
        root = collector.start_root(run.record.name)
        trace_id = 0
        try:
            with root as span:
                trace_id = span.get_span_context().trace_id
                run.span = tracing.Span(span)
                yield
        finally:
            tracing.active_tracer.reset(token)
            if spans := collector.take(trace_id):
                run.record.traces.append(TraceRecord(trace_id=f"{trace_id:032x}", spans=spans))

    def _hand_over(self, record: RunRecord) -> None:
        try:
            self._deliver(record)
        except Exception as error:  # noqa: BLE001 - tracking must never fail the job
            if not self._warned:
                logger.warning("tracking: the record of %s could not be kept: %s", record.name, error)
            self._warned = True


def current_run() -> Run | None:
    """The innermost open run of this context, if any."""
    return _current_run.get()


def _collector() -> SpanCollector:
    from technoshare_commentator.mlops.otel import SpanCollector  # noqa: PLC0415 - paid for by whoever traces

    return SpanCollector()


@contextmanager
def _open(run: Run) -> Iterator[None]:
    token = _current_run.set(run)
    status = "FAILED"
    try:
        yield
        status = "FINISHED"
    except BaseException as raised:
        error = raised  # the name bound by `except` is gone when the lambda would run late
        _quietly(lambda: run.tag(error_type=type(error).__name__, error_message=str(error)))
        raise
    finally:
        _current_run.reset(token)
        _quietly(lambda: run.close(status))


def _quietly(action: Callable[[], None]) -> None:
    try:
        action()
    except Exception as error:  # noqa: BLE001 - an artifact that cannot be serialised must not fail the job
        logger.warning("tracking: %s: %s", type(error).__name__, error)


def _as_text(content: Any) -> str:
    return content if isinstance(content, str) else tracing.as_json(content, indent=2)
