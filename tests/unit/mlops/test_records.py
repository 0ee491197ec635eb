"""Records come back from JSON as they went in, whatever strangers put into them."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from technoshare_commentator.mlops.records import (
    AssessmentRecord,
    DatasetRecord,
    RunRecord,
    Shipment,
    SpanRecord,
    TraceRecord,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
any_texts = st.text(st.characters(), max_size=30)  # lone surrogates included: JSON of strangers holds them
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
spans = st.builds(
    SpanRecord,
    span_id=st.just("00f067aa0ba902b7"),
    parent_id=st.none() | st.just("53995c3f42cd8ad8"),
    name=texts,
    start_ns=st.integers(0, 2**63 - 1),
    end_ns=st.integers(0, 2**63 - 1),
    ok=st.booleans(),
    message=texts,
    attributes=st.dictionaries(texts, json_values, max_size=3),
    events=st.lists(st.dictionaries(texts, json_values, max_size=2), max_size=2),
)
assessments = st.builds(
    AssessmentRecord,
    name=texts,
    value=st.none() | st.booleans() | st.floats() | texts,
    rationale=texts,
    source_type=st.sampled_from(["CODE", "LLM_JUDGE", "HUMAN"]),
    error=texts,
    metadata=st.dictionaries(texts, texts, max_size=2),
)
traces = st.builds(
    TraceRecord,
    trace_id=st.just("4bf92f3577b34da6a3ce929d0e0e4736"),
    spans=st.lists(spans, max_size=2),
    tags=st.dictionaries(texts, texts, max_size=2),
    assessments=st.lists(assessments, max_size=2),
)
runs = st.builds(
    RunRecord,
    name=texts,
    kind=texts,
    status=st.sampled_from(["FINISHED", "FAILED", "RUNNING"]),
    tags=st.dictionaries(texts, texts, max_size=3),
    params=st.dictionaries(texts, texts, max_size=3),
    metrics=st.dictionaries(texts, st.floats(), max_size=3),
    artifacts=st.dictionaries(texts, texts, max_size=2),
    datasets=st.lists(st.builds(DatasetRecord, texts, texts, texts, texts), max_size=1),
    traces=st.lists(traces, max_size=1),
    children=st.lists(st.builds(RunRecord, name=texts, kind=texts, metrics=st.dictionaries(texts, st.floats()))),
)


def comparable(value: Any) -> Any:
    """NaN equals nothing, itself included."""
    if isinstance(value, dict):
        return {name: comparable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [comparable(inner) for inner in value]
    return "NaN" if isinstance(value, float) and math.isnan(value) else value


@given(run=runs)
@settings(max_examples=60, deadline=None)
def test_a_record_survives_the_round_trip(run: RunRecord) -> None:
    shipment = Shipment("experiment", "http://127.0.0.1:5000", run)
    again = Shipment.from_json(shipment.to_json())
    assert comparable(asdict(again)) == comparable(asdict(shipment))


@given(text=any_texts)
@example(text="\ud83d alone")
@example(text="\x00")
@settings(max_examples=60, deadline=None)
def test_text_that_utf_8_cannot_hold_becomes_question_marks_wherever_it_stands(text: str) -> None:
    run = RunRecord(name=text, kind="job", tags={text: text}, artifacts={"a.txt": text})
    run.traces.append(TraceRecord("ab" * 16, [SpanRecord("ab" * 8, None, text, 1, 2, attributes={text: [text]})]))
    again = Shipment.from_json(Shipment("e", "u", run).to_json()).run
    visible = text.encode(errors="replace").decode()
    assert (again.name, again.tags, again.artifacts["a.txt"]) == (visible, {visible: visible}, visible)
    assert again.traces[0].spans[0].attributes == {visible: [visible]}


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf, sys.float_info.max, 5e-324, -0.0])
def test_the_odd_numbers_of_floating_point_survive_in_metrics_assessments_and_spans(number: float) -> None:
    run = RunRecord(name="job", kind="job", metrics={"m": number})
    span = SpanRecord("ab" * 8, None, "root", 1, 2, attributes={"a": number, "list": [number]})
    run.traces.append(TraceRecord("ab" * 16, [span], assessments=[AssessmentRecord("score", number)]))
    again = Shipment.from_json(Shipment("e", "u", run).to_json()).run
    (trace,) = again.traces
    for found in (
        again.metrics["m"],
        trace.assessments[0].value,
        trace.spans[0].attributes["a"],
        trace.spans[0].attributes["list"][0],
    ):
        assert repr(found) == repr(number)


def test_values_keep_their_types() -> None:
    values: list[bool | float | str | None] = [True, False, 1.0, 0.0, 0.5, "1", "true", "", None]
    trace = TraceRecord("ab" * 16, [], assessments=[AssessmentRecord("score", value) for value in values])
    run = RunRecord(name="job", kind="job", traces=[trace])
    again = Shipment.from_json(Shipment("e", "u", run).to_json()).run.traces[0].assessments
    assert [(type(one.value), one.value) for one in again] == [(type(value), value) for value in values]


def test_an_attribute_of_a_type_that_json_lacks_becomes_its_text() -> None:
    class Thing:
        def __str__(self) -> str:
            return "a thing"

    span = SpanRecord("ab" * 8, None, "root", 1, 2, attributes={"bytes": b"\xff", "thing": Thing(), "tuple": (1, 2)})
    run = RunRecord(name="job", kind="job", traces=[TraceRecord("ab" * 16, [span])])
    (again,) = Shipment.from_json(Shipment("e", "u", run).to_json()).run.traces[0].spans
    assert again.attributes["thing"] == "a thing"
    assert again.attributes["tuple"] == [1, 2]
    assert isinstance(again.attributes["bytes"], str)


def test_a_record_of_some_megabytes_comes_back_whole() -> None:
    run = RunRecord(name="job", kind="job", artifacts={"page.html": '<p>ä€𝄞\\"\n' * 400_000})
    assert Shipment.from_json(Shipment("e", "u", run).to_json()).run.artifacts == run.artifacts


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b'{"experiment": "e", "tracking_uri": "u"}',
        b'{"experiment": "e", "tracking_uri": "u", "run": {"name": "n", "kind": "k", "status": "LOST"}}',
        b'{"experiment": "e", "tracking_uri": "u", "run": {"name": "n", "kind": "k", "metrics": {"m": "many"}}}',
    ],
)
def test_what_is_no_record_is_a_validation_error(content: bytes) -> None:
    with pytest.raises(ValidationError):
        Shipment.from_json(content)


def test_a_record_of_a_later_version_with_more_fields_can_still_be_read() -> None:
    content = json.loads(Shipment("e", "u", RunRecord(name="job", kind="job")).to_json())
    content["run"]["colour"] = "red"
    assert Shipment.from_json(json.dumps(content).encode()).run.name == "job"


def test_the_root_is_the_span_whose_parent_is_elsewhere() -> None:
    inner = SpanRecord("bb" * 8, "aa" * 8, "inner", 2, 3)
    root = SpanRecord("aa" * 8, "cc" * 8, "root of this process", 1, 4)
    assert TraceRecord("ab" * 16, [inner, root]).root is root
