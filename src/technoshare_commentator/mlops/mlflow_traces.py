"""Trace records in MLflow's terms: its span attributes, its trace info, its assessments."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any

from mlflow.entities import (
    Assessment,
    AssessmentError,
    AssessmentSource,
    Feedback,
    Span,
    TraceInfo,
    TraceLocation,
    TraceState,
)
from mlflow.tracing.constant import (
    AssessmentMetadataKey,
    SpanAttributeKey,
    TraceMetadataKey,
    TraceTagKey,
)
from mlflow.tracing.utils import generate_mlflow_trace_id_from_otel_trace_id

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.prompt_links import links

if TYPE_CHECKING:
    from collections.abc import Mapping

    from technoshare_commentator.mlops.records import AssessmentRecord, SpanRecord, TraceRecord

PREVIEW_LENGTH = 1000
_INT64 = 2**63
_CARRIED_OVER = {tracing.INPUT, tracing.OUTPUT, tracing.SPAN_TYPE, tracing.COST_USD}


def mlflow_trace_id(trace: TraceRecord) -> str:
    """MLflow's name of a trace: always the same for the same record."""
    return str(generate_mlflow_trace_id_from_otel_trace_id(int(trace.trace_id, 16)))


def mlflow_spans(trace: TraceRecord) -> list[Span]:
    """Every span of the trace as MLflow stores it."""
    root_id = trace.root.span_id
    known = {span.span_id for span in trace.spans}

    def parent_of(span: SpanRecord) -> str:
        """Its parent, or the root for one whose parent never ended."""
        if span.span_id == root_id:
            return ""
        return span.parent_id if span.parent_id in known else root_id

    return [_span(trace, span, parent_of(span)) for span in trace.spans]


def mlflow_trace_info(
    trace: TraceRecord, experiment_id: str, run_id: str, metadata: Mapping[str, str] | None = None
) -> TraceInfo:
    """The trace's header, tied to its run, with its assessments inside (stored in the same call)."""
    root = trace.root
    began, ended = root.start_ns // 1_000_000, root.end_ns // 1_000_000
    return TraceInfo(
        trace_id=mlflow_trace_id(trace),
        trace_location=TraceLocation.from_experiment_id(experiment_id),
        request_time=began,
        execution_duration=ended - began,  # of rounded times, as MLflow computes it from spans
        state=TraceState.OK if root.ok else TraceState.ERROR,
        request_preview=_preview(root, tracing.INPUT),
        response_preview=_preview(root, tracing.OUTPUT),
        trace_metadata={**trace.metadata, **(metadata or {}), TraceMetadataKey.SOURCE_RUN: run_id},
        tags={TraceTagKey.TRACE_NAME: root.name, **trace.tags, **links(trace.tags)},
        assessments=[_assessment(record, trace, run_id) for record in trace.assessments],
    )


def _span(trace: TraceRecord, record: SpanRecord, parent_id: str) -> Span:
    return Span.from_dict(
        {
            "trace_id": _base64(trace.trace_id),
            "span_id": _base64(record.span_id),
            "parent_span_id": _base64(parent_id),
            "name": record.name,
            "start_time_unix_nano": record.start_ns,
            "end_time_unix_nano": record.end_ns,
            "status": {"code": "OK" if record.ok else "ERROR", "message": record.message},
            "attributes": {
                SpanAttributeKey.REQUEST_ID: json.dumps(mlflow_trace_id(trace)),
                **{name: json.dumps(value) for name, value in _attributes(record).items()},
            },
            "events": [
                {
                    "name": event["name"],
                    "time_unix_nano": event["time_ns"],
                    "attributes": _storable(event["attributes"]),
                }
                for event in record.events
            ],
        }
    )


def _base64(hexadecimal: str) -> str:
    return base64.b64encode(bytes.fromhex(hexadecimal)).decode()


def _attributes(record: SpanRecord) -> dict[str, Any]:
    given = record.attributes
    result = {name: _storable(value) for name, value in given.items() if name not in _CARRIED_OVER}
    result[SpanAttributeKey.SPAN_TYPE] = given.get(tracing.SPAN_TYPE, tracing.SpanType.CHAIN.value)
    for ours, theirs in ((tracing.INPUT, SpanAttributeKey.INPUTS), (tracing.OUTPUT, SpanAttributeKey.OUTPUTS)):
        if ours in given:
            result[theirs] = _storable(_parsed(given[ours]))
    if result[SpanAttributeKey.SPAN_TYPE] == tracing.SpanType.CHAT_MODEL:
        result[SpanAttributeKey.MESSAGE_FORMAT] = "openai"  # the UI shows the conversation as one
    if tracing.INPUT_TOKENS in given:
        result[SpanAttributeKey.CHAT_USAGE] = _tokens(record)
        result[SpanAttributeKey.MODEL] = given.get(tracing.REQUEST_MODEL, "")
    if tracing.COST_USD in given:
        result[SpanAttributeKey.LLM_COST] = {"total_cost": given[tracing.COST_USD]}
    return result


def _tokens(record: SpanRecord) -> dict[str, int]:
    used = int(record.attributes[tracing.INPUT_TOKENS])
    written = int(record.attributes.get(tracing.OUTPUT_TOKENS, 0))
    return {"input_tokens": used, "output_tokens": written, "total_tokens": used + written}


def _parsed(value: Any) -> Any:
    """What JSON says, or the text itself: other instrumentation writes plain text to the same attribute."""
    try:
        return json.loads(value)
    except (TypeError, ValueError, RecursionError):
        return value


def _storable(value: Any) -> Any:
    """Numbers that neither protobuf nor browsers can hold become text; a NaN would make the whole trace unreadable."""
    if isinstance(value, dict):
        return {name: _storable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_storable(inner) for inner in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return str(value) if isinstance(value, int) and not -_INT64 <= value < _INT64 else value


def _preview(span: SpanRecord, attribute: str) -> str | None:
    value = span.attributes.get(attribute)
    return None if value is None else str(value)[:PREVIEW_LENGTH]


def _assessment(record: AssessmentRecord, trace: TraceRecord, run_id: str) -> Assessment:
    feedback = Feedback(
        name=record.name,
        value=_storable(record.value),
        error=AssessmentError("SCORER_FAILED", record.error) if record.error else None,
        rationale=record.rationale or None,
        source=AssessmentSource(source_type=record.source_type, source_id=record.source_id or record.name),
        trace_id=mlflow_trace_id(trace),
        metadata={**record.metadata, AssessmentMetadataKey.SOURCE_RUN_ID: run_id},
        span_id=trace.root.span_id,
        create_time_ms=trace.root.end_ns // 1_000_000,
        last_update_time_ms=trace.root.end_ns // 1_000_000,
    )
    feedback.assessment_id = f"a-{record.key}"  # fixed, so that shipping again overwrites instead of adding
    return feedback
