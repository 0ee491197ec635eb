"""The context managers that production and the pytest plugin share: they only record, in memory.

    tracker = Tracker(deliver)
    with tracker.run("job", name="job_1") as run:
        with run.stage("retrieval", span="retrieval.fetch_evidence") as stage:
            stage.metric(snippet_count=7)
            stage.artifact("evidence.json", evidence)

When the outermost run ends, `deliver` gets its record (see `mlops.delivery`). A failure of tracking itself is
logged and never reaches the body; a failure of the body is recorded and goes on unchanged.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager, suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.prompt_links import prompt_tags
from technoshare_commentator.mlops.records import RunRecord, TraceRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from technoshare_commentator.mlops.otel import SpanCollector

logger = logging.getLogger(__name__)

_current_run: ContextVar[Run | None] = ContextVar("current_run", default=None)

T = TypeVar("T")
V = TypeVar("V")


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

    @property
    def is_open(self) -> bool:
        """Whether the run still goes on."""
        return self.record.end_ns is None

    def tag(self, tags: Mapping[str, object] | None = None, /, **more: object) -> None:
        """Set tags; None is left out."""
        self._update(self.record.tags, {**(tags or {}), **more}, str)

    def param(self, params: Mapping[str, object] | None = None, /, **more: object) -> None:
        """Set params; None is left out."""
        self._update(self.record.params, {**(params or {}), **more}, str)

    def metric(self, metrics: Mapping[str, float | None] | None = None, /, **more: float | None) -> None:
        """Set metrics; None (unknown) is left out."""
        self._update(self.record.metrics, {**(metrics or {}), **more}, float)

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

    def close(self, *, failed: bool) -> None:
        """End the run: stop its clock, serialise its artifacts."""
        self.record.end_ns = time.time_ns()
        self.record.status = "FAILED" if failed else "FINISHED"
        self.record.metrics.setdefault("latency_seconds", self.record.latency_seconds)
        for path, content in self._artifacts.items():
            self.record.artifacts[path] = content if isinstance(content, str) else tracing.as_json(content, indent=2)
        self.revision += 1

    def _update(self, target: dict[str, V], values: Mapping[str, T | None], convert: Callable[[T], V]) -> None:
        for name, value in values.items():
            with _quietly(f"{name!r} of {self.record.name!r} is left out"):
                if value is not None:
                    target[name] = convert(value)
        self.revision += 1


def discard(record: RunRecord) -> None:
    """Deliver nowhere: what `MLFLOW_ENABLE_TRACKING=false` does."""
    del record


class Tracker:
    """Opens runs; one tracker serves a whole process, threads and tasks included."""

    def __init__(self, deliver: Callable[[RunRecord], None] = discard, *, tracing_enabled: bool = True) -> None:
        """Take who gets finished records (what it raises is logged and goes no further), and whether spans are made."""
        self._deliver = deliver
        self._collector = _collector() if tracing_enabled else None
        self._warned = False

    @contextmanager
    def run(self, kind: str, *, name: str, tags: Mapping[str, object] | None = None) -> Iterator[Run]:
        """Open a run: nested where one is open in this context, else outermost, with a trace of its own."""
        parent = _current_run.get()
        if parent is not None and parent.is_open:
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
        """Keep the root span open meanwhile, and take the trace when it ends."""
        collector = self._collector
        if collector is None:
            yield
            return
        token = tracing.active_tracer.set(collector.tracer)
        trace_id = 0
        try:
            with collector.start_root(run.record.name) as root, tracing.recording(root) as run.span:
                trace_id = root.get_span_context().trace_id
                yield
        finally:
            _reset(tracing.active_tracer, token)
            if spans := collector.take(trace_id):
                prompts = {key: label for one in run.record.walk() for key, label in prompt_tags(one.tags).items()}
                run.record.traces.append(TraceRecord(trace_id=f"{trace_id:032x}", spans=spans, tags=prompts))

    def _hand_over(self, record: RunRecord) -> None:
        try:
            for unfinished in (run for run in record.walk() if run.end_ns is None):
                unfinished.end_ns, unfinished.status = record.end_ns, "FAILED"  # nobody is going to hear its end
            self._deliver(record)
        except Exception as error:  # noqa: BLE001 - tracking must never fail the job
            if not self._warned:
                logger.warning("tracking: the record of %s could not be kept: %s", record.name, tracing.describe(error))
            self._warned = True


def current_run() -> Run | None:
    """The innermost open run of this context, if any."""
    return _current_run.get()


@contextmanager
def apart() -> Iterator[None]:
    """Let the runs that are opened in this block be outermost ones, whatever is open around it."""
    token = _current_run.set(None)
    try:
        yield
    finally:
        _reset(_current_run, token)


def _collector() -> SpanCollector:
    from technoshare_commentator.mlops.otel import SpanCollector  # noqa: PLC0415 - paid for by whoever traces

    return SpanCollector()


@contextmanager
def _open(run: Run) -> Iterator[None]:
    token = _current_run.set(run)
    failed = True
    try:
        yield
        failed = False
    except BaseException as error:
        run.tag(error_type=type(error).__name__, error_message=tracing.text_of(error))
        raise
    finally:
        _reset(_current_run, token)
        with _quietly(f"the end of {run.record.name!r} is not recorded"):
            run.close(failed=failed)


def _reset(variable: ContextVar[T], token: Token[T]) -> None:
    with suppress(ValueError):  # a generator that is closed from another context: that one never saw our value
        variable.reset(token)


@contextmanager
def _quietly(loss: str) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001 - what cannot be recorded must not fail the job
        logger.warning("tracking: %s: %s", loss, tracing.describe(error))
