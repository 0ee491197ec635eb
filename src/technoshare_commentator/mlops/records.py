"""What tracking remembers, as plain data: a tree of runs and their traces, whole again after a trip through JSON.

Times are nanoseconds since the epoch. A record's `key` is its identity for good: however often it is shipped,
the store ends up with one run for it. A run that lasts may be handed over as several records with one key: parts while
it goes on, then one that ends it.
"""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import TypeAdapter

JsonValue = Any
Status = Literal["FINISHED", "FAILED", "RUNNING"]


def new_key() -> str:
    """Return a fresh identity of 32 hex digits, untouched by whoever seeds `random`."""
    return secrets.token_hex(16)


@dataclass
class SpanRecord:
    """One finished span; ids are OpenTelemetry's in hex, attributes follow its GenAI conventions."""

    span_id: str
    parent_id: str | None
    name: str
    start_ns: int
    end_ns: int
    ok: bool = True
    message: str = ""
    attributes: dict[str, JsonValue] = field(default_factory=dict)
    events: list[dict[str, JsonValue]] = field(default_factory=list)


def usage_of(spans: Iterable[SpanRecord], attribute: str) -> float:
    """Sum a usage attribute (tokens, US dollars) over spans."""
    found = (span.attributes.get(attribute) for span in spans)
    return sum(float(value) for value in found if isinstance(value, int | float))


@dataclass
class AssessmentRecord:
    """What a scorer or a judge said of a trace; `error` is set when it crashed instead."""

    name: str
    value: bool | float | str | None
    rationale: str = ""
    source_type: Literal["CODE", "LLM_JUDGE", "HUMAN"] = "CODE"
    source_id: str = ""
    error: str = ""
    metadata: dict[str, str] = field(default_factory=dict)
    key: str = field(default_factory=new_key)


@dataclass
class TraceRecord:
    """The spans of one trace, root first, with what was said about it."""

    trace_id: str
    spans: list[SpanRecord]
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    assessments: list[AssessmentRecord] = field(default_factory=list)

    @property
    def root(self) -> SpanRecord:
        """The span without a parent in this trace."""
        ids = {span.span_id for span in self.spans}
        return next(span for span in self.spans if span.parent_id not in ids)

    def usage(self, attribute: str) -> float:
        """Sum a usage attribute (tokens, US dollars) over the model calls."""
        return usage_of(self.spans, attribute)


@dataclass
class DatasetRecord:
    """Which dataset a run evaluated; the digest is that of its content."""

    name: str
    version: str
    digest: str
    source: str


@dataclass
class RunRecord:
    """One run: what was recorded about it, the runs nested in it and the traces that belong to it.

    `run_id` names an existing MLflow run to write into, in place of one of its own; `shard` is `i/n` where n sessions
    share that run. `recorded_ns` says which of several records with one key is the newest. `superseded` are ids, as the
    store has them, of traces that an earlier record of the run brought and that no longer count.
    """

    name: str
    kind: str
    key: str = field(default_factory=new_key)
    start_ns: int = field(default_factory=time.time_ns)
    end_ns: int | None = None
    status: Status = "RUNNING"
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)
    datasets: list[DatasetRecord] = field(default_factory=list)
    children: list[RunRecord] = field(default_factory=list)
    traces: list[TraceRecord] = field(default_factory=list)
    run_id: str = ""
    shard: str = ""
    recorded_ns: int = field(default_factory=time.time_ns)
    superseded: list[str] = field(default_factory=list)

    @property
    def is_part(self) -> bool:
        """Whether more of the same run is to come."""
        return self.end_ns is None

    @property
    def latency_seconds(self) -> float:
        """How long the run took; 0 while it goes on."""
        return (self.end_ns - self.start_ns) / 1e9 if self.end_ns else 0.0

    def walk(self) -> list[RunRecord]:
        """This run and all below it, parents first."""
        return [self, *(record for child in self.children for record in child.walk())]


@dataclass
class Shipment:
    """A root record with the store and the experiment it is meant for."""

    experiment: str
    tracking_uri: str
    run: RunRecord

    def to_json(self) -> bytes:
        """Serialise to UTF-8 JSON; a lone surrogate, which UTF-8 cannot hold, becomes a question mark."""
        from pydantic_core import to_json  # noqa: PLC0415 - only whoever ships or spools pays for it

        try:
            return to_json(self, inf_nan_mode="constants", fallback=str)  # metrics, scores, attributes may be NaN
        except ValueError:
            return json.dumps(asdict(self), ensure_ascii=False, default=str).encode(errors="replace")

    @staticmethod
    def prepare() -> None:
        """Load the serialiser now, so that the first record does not pay for it."""
        Shipment("", "", RunRecord(name="", kind="")).to_json()

    @staticmethod
    def from_json(content: bytes) -> Shipment:
        """Read what `to_json` wrote; anything else raises pydantic's `ValidationError`."""
        return _adapter().validate_json(content)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Shipment]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only whoever ships or spools pays for it

    return TypeAdapter(Shipment)
