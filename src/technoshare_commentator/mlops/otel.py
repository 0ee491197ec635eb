"""The OpenTelemetry side of tracing: a provider of our own whose finished spans become records."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import IdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import SpanRecord

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from opentelemetry.sdk.trace import Span as SdkSpan
    from opentelemetry.trace import Span


class SystemIds(IdGenerator):
    """Ids from the operating system: a test suite that reseeds `random` would otherwise repeat them."""

    def generate_span_id(self) -> int:
        """Return 64 random bits, never all zero."""
        return secrets.randbits(64) or 1

    def generate_trace_id(self) -> int:
        """Return 128 random bits, never all zero."""
        return secrets.randbits(128) or 1


class SpanCollector(SpanProcessor):
    """Keeps finished spans by trace until their run takes them."""

    def __init__(self) -> None:
        """Set up a provider beside the process-wide one, which stays whatever the user made it."""
        self._finished: dict[int, list[ReadableSpan]] = {}
        provider = TracerProvider(
            sampler=ALWAYS_ON, resource=Resource.get_empty(), id_generator=SystemIds(), shutdown_on_exit=False
        )
        provider.add_span_processor(self)
        self.tracer = provider.get_tracer("technoshare_commentator")

    def start_root(self, name: str) -> AbstractContextManager[Span]:
        """Open the first span of a new trace, whatever trace the caller is in."""
        attributes = {tracing.SPAN_TYPE: tracing.SpanType.CHAIN.value}
        return self.tracer.start_as_current_span(
            name, context=Context(), attributes=attributes, record_exception=False, set_status_on_exception=False
        )

    def on_start(self, span: SdkSpan, parent_context: Context | None = None) -> None:
        """Begin to keep a trace with its first span."""
        del parent_context
        if span.parent is None:
            self._finished[span.context.trace_id] = []

    def on_end(self, span: ReadableSpan) -> None:
        """Keep the span, if its trace has not been taken yet."""
        context = span.get_span_context()
        if context is not None and (trace := self._finished.get(context.trace_id)) is not None:
            trace.append(span)

    def take(self, trace_id: int) -> list[SpanRecord]:
        """Return the finished spans of a trace in the order of their start, and forget them."""
        return sorted((_record(span) for span in self._finished.pop(trace_id, [])), key=_by_start)


def _by_start(record: SpanRecord) -> tuple[int, int]:
    return record.start_ns, -record.end_ns


def _record(span: ReadableSpan) -> SpanRecord:
    context = span.get_span_context()
    return SpanRecord(
        span_id=f"{context.span_id if context else 0:016x}",
        parent_id=f"{span.parent.span_id:016x}" if span.parent else None,
        name=span.name,
        start_ns=span.start_time or 0,
        end_ns=span.end_time or 0,
        ok=span.status.is_ok,
        message=span.status.description or "",
        attributes=dict(span.attributes or {}),
        events=[
            {"name": event.name, "time_ns": event.timestamp, "attributes": dict(event.attributes or {})}
            for event in span.events
        ],
    )
