"""Spans: OpenTelemetry's, under whatever run is active, and silent where none is.

`span` may be called anywhere below a `Tracker.run`; whoever calls it needs neither the run nor the tracker.
Attribute names follow OpenTelemetry's GenAI semantic conventions where these have one.
"""

from __future__ import annotations

import json
import traceback
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.trace import Span as OtelSpan
    from opentelemetry.trace import Tracer

INPUT = "input.value"
OUTPUT = "output.value"
SPAN_TYPE = "span.type"
COST_USD = "gen_ai.usage.cost_usd"
INPUT_TOKENS = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS = "gen_ai.usage.output_tokens"
REQUEST_MODEL = "gen_ai.request.model"
REPLAYED = "eval.replayed"  # whether a model call was answered from a recording
SCORER = "eval.scorer"  # whose spans these are, where they are not the task's

active_tracer: ContextVar[Tracer | None] = ContextVar("active_tracer", default=None)


class SpanType(StrEnum):
    """What a span stands for, in the words of MLflow's UI."""

    CHAIN = "CHAIN"
    LLM = "LLM"
    CHAT_MODEL = "CHAT_MODEL"
    RETRIEVER = "RETRIEVER"
    TOOL = "TOOL"
    EVALUATOR = "EVALUATOR"
    TASK = "TASK"


class Span:
    """An open span to write to; without an active tracer it forgets what it is told."""

    def __init__(self, span: OtelSpan | None = None) -> None:
        """Wrap an OpenTelemetry span, or nothing."""
        self._span = span

    def set(self, **attributes: str | float | bool) -> None:
        """Set attributes, two underscores in a name standing for a dot."""
        if self._span is not None:
            for name, value in attributes.items():
                self._span.set_attribute(name.replace("__", "."), value)

    def input(self, value: Any) -> None:
        """Record what went in: JSON, a pydantic value, or anything with a `str`."""
        self._record(INPUT, value)

    def output(self, value: Any) -> None:
        """Record what came out, likewise."""
        self._record(OUTPUT, value)

    def usage(self, *, model: str, input_tokens: int, output_tokens: int, cost_usd: float | None) -> None:
        """Record what a model call used; a cost of None (price unknown) leaves no cost."""
        if self._span is None:
            return
        self._span.set_attributes({REQUEST_MODEL: model, INPUT_TOKENS: input_tokens, OUTPUT_TOKENS: output_tokens})
        if cost_usd is not None:
            self._span.set_attribute(COST_USD, cost_usd)

    def fail(self, error: BaseException) -> None:
        """Record what ended the span's body."""
        if self._span is None:
            return
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - whoever has a span has it loaded

        event = {
            "exception.type": type(error).__qualname__,
            "exception.message": text_of(error),
            "exception.stacktrace": "".join(traceback.format_exception(error)),
        }
        self._span.add_event("exception", event)
        self._span.set_status(Status(StatusCode.ERROR, describe(error)))

    def _record(self, attribute: str, value: Any) -> None:
        if self._span is not None:
            self._span.set_attribute(attribute, as_json(value))


@contextmanager
def span(name: str, span_type: SpanType = SpanType.CHAIN, *, inputs: Any = None) -> Iterator[Span]:
    """Open a span below the current one; an exception of the body is recorded on it and goes on."""
    tracer = active_tracer.get()
    if tracer is None:
        yield Span()
        return
    attributes = {SPAN_TYPE: span_type.value}
    with (
        tracer.start_as_current_span(
            name, attributes=attributes, record_exception=False, set_status_on_exception=False
        ) as opened,
        recording(opened) as handle,
    ):
        if inputs is not None:
            handle.input(inputs)
        yield handle


def mark_replayed(*, replayed: bool) -> None:
    """Say on the current span whether a recording answered its request; of several, one that was sent decides."""
    if active_tracer.get() is None:
        return
    from opentelemetry.trace import get_current_span  # noqa: PLC0415 - whoever has a tracer has it loaded

    span = get_current_span()
    known = getattr(span, "attributes", None) or {}
    span.set_attribute(REPLAYED, replayed and known.get(REPLAYED, True))


@contextmanager
def recording(opened: OtelSpan) -> Iterator[Span]:
    """Write to an open span for the length of the body; whatever ends the body early is recorded and goes on.

    OpenTelemetry would do that too, but calls `str` on the exception; where that fails, the body's own is hidden.
    """
    handle = Span(opened)
    try:
        yield handle
    except BaseException as error:
        with suppress(Exception):  # an exception can be so odd that even its traceback cannot be printed
            handle.fail(error)
        raise


def as_json(value: Any, indent: int | None = None) -> str:
    """Serialise for people and MLflow: pydantic values by their own rules, unknown objects by `str`.

    What JSON cannot say (a value inside itself, keys that are no text) becomes a JSON text that says so.
    """
    try:
        return _as_json(value, indent)
    except Exception as error:  # noqa: BLE001 - foreign `str` and `model_dump` can raise anything
        return json.dumps(f"a {type(value).__name__} that is not JSON ({describe(error)})", ensure_ascii=False)


def _as_json(value: Any, indent: int | None) -> str:
    from pydantic_core import to_json  # noqa: PLC0415 - paid for by whoever records

    try:  # an order of magnitude faster than the standard library, which the job would feel
        return to_json(value, indent=indent, fallback=str, inf_nan_mode="constants").decode()
    except ValueError:  # such as a lone surrogate
        return json.dumps(value, default=_plain, ensure_ascii=False, indent=indent)


def describe(error: BaseException) -> str:
    """Name an exception and what it says."""
    return f"{type(error).__name__}: {text_of(error)}"


def text_of(error: BaseException) -> str:
    """What an exception says, also when saying it fails."""
    try:
        return str(error)
    except Exception as second:  # noqa: BLE001 - a foreign `__str__` can raise anything
        return f"(its text cannot be had: {type(second).__name__})"


def _plain(value: Any) -> Any:
    dump = getattr(value, "model_dump", None)
    return dump(mode="json") if dump is not None else str(value)
