"""What tracking shows of a job that models write."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from model_job import COMMENTARY, FACTS, OTHER_PAGE, ModelJob
from model_server import KEY, MODEL, calls, model_server, refuses, says
from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.mlflow_traces import mlflow_spans
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.tracing import as_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_server import ModelServer
    from technoshare_commentator.mlops.records import SpanRecord, TraceRecord


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def trace_of(job: ModelJob) -> TraceRecord:
    job.run()
    (trace,) = job.records[0].traces
    return trace


def below(trace: TraceRecord, name: str) -> list[SpanRecord]:
    parent = next(span for span in trace.spans if span.name == name)
    return [span for span in trace.spans if span.parent_id == parent.span_id]


def test_calls_of_models_and_tools_stand_below_their_stage(server: ModelServer) -> None:
    server.script = [calls(("fetch_page", json.dumps({"url": OTHER_PAGE}))), says(FACTS), *[says(COMMENTARY)] * 2]
    trace = trace_of(ModelJob(server.base_url))
    assert [span.name for span in below(trace, "stage_a.run")] == [
        f"chat {MODEL}",
        "execute_tool fetch_page",
        f"chat {MODEL}",
    ]
    assert [span.name for span in below(trace, "stage_b.run")] == [f"chat {MODEL}"]
    assert [span.name for span in below(trace, "stage_b.revise")] == [f"chat {MODEL}"]
    assert trace.usage(tracing.INPUT_TOKENS) == 44
    assert trace.usage(tracing.COST_USD) == 0


def test_a_call_carries_messages_settings_tokens_and_how_it_ended(server: ModelServer) -> None:
    server.script = [refuses(500, "oops", headers=(("Retry-After", "0.01"),)), says(FACTS), *[says(COMMENTARY)] * 2]
    trace = trace_of(ModelJob(server.base_url))
    (call,) = below(trace, "stage_a.run")
    asked = json.loads(call.attributes[tracing.INPUT])
    assert asked["messages"][0]["content"].count("[s1] One thing is known.") == 1
    assert (asked["temperature"], asked["max_completion_tokens"]) == (0, 4000)
    assert call.attributes["retries"] == 1
    assert call.attributes["gen_ai.response.finish_reason"] == "stop"
    assert call.attributes["gen_ai.response.model"] == MODEL
    answer = json.loads(call.attributes[tracing.OUTPUT])
    assert json.loads(answer["choices"][0]["message"]["content"]) == FACTS


def test_a_refused_call_is_a_span_of_its_own_that_failed(server: ModelServer) -> None:
    server.script = [refuses(400, "Unsupported parameter: 'temperature'"), says(FACTS), *[says(COMMENTARY)] * 2]
    first, second = below(trace_of(ModelJob(server.base_url)), "stage_a.run")
    assert (first.ok, second.ok) == (False, True)


def test_mlflow_shows_a_call_as_a_conversation(server: ModelServer) -> None:
    server.script = [says(FACTS), *[says(COMMENTARY)] * 2]
    spans = {span.name: span for span in mlflow_spans(trace_of(ModelJob(server.base_url)))}
    call = spans[f"chat {MODEL}"]
    assert call.span_type == "CHAT_MODEL"
    assert call.attributes["mlflow.message.format"] == "openai"
    assert call.attributes["mlflow.chat.tokenUsage"] == {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}


def test_a_key_that_a_page_or_a_server_repeats_is_blotted_out(server: ModelServer) -> None:
    server.script = [says({**FACTS, "unknowns": [f"the key is {KEY}"]}), *[says(COMMENTARY)] * 2]
    job = ModelJob(server.base_url)
    job.run()
    content = as_json(vars(job.records[0])).encode()
    assert KEY.encode() in content
    assert KEY.encode() not in Redactor([KEY])(content)
