"""Endpoints that are compatible in their own way: what they send is read, or is an error with a name."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from model_job import COMMENTARY, FACTS, ModelJob
from model_server import MODEL, ModelServer, Reply, model_server, says
from technoshare_commentator.domain import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = json.dumps(FACTS)
CALL = {
    "id": "call_0",
    "type": "function",
    "function": {"name": "fetch_page", "arguments": {"url": "https://a.example"}},
}


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        server.usual = lambda asked: says(FACTS if "BEGIN EVIDENCE" in asked["messages"][0]["content"] else COMMENTARY)
        yield server


def answers(message: Any, **more: Any) -> Reply:
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    return Reply(body=json.dumps({"id": "1", "model": MODEL, "choices": [choice], **more}).encode())


@pytest.mark.parametrize(
    "reply",
    [
        answers({"content": TEXT}),
        answers({"content": TEXT}, usage=None),
        answers({"content": TEXT}, usage={}),
        answers({"content": TEXT}, usage="none"),
        answers({"content": TEXT}, usage=[]),
        answers({"content": TEXT}, usage={"prompt_tokens": "many", "completion_tokens": 1.5}),
        answers({"content": TEXT, "tool_calls": ["fetch_page"]}),
        answers({"content": TEXT, "tool_calls": {"fetch_page": {}}}),
        answers({"content": [{"type": "thinking", "thinking": []}, {"type": "text", "text": TEXT}]}),
        answers({"content": TEXT, "reasoning_content": "Hm."}, service_tier="on_demand"),
    ],
)
def test_what_can_be_read_is_read(server: ModelServer, reply: Reply) -> None:
    server.script = [reply]
    result = ModelJob(server.base_url).run()
    assert result.outcome is Outcome.GATE_FAILED
    assert result.facts is not None
    assert [fact.text for fact in result.facts.facts] == ["One thing is known."]
    assert len(server.requests) == 3
    assert result.usage.model_call_count == 3


def test_arguments_that_are_no_text_are_no_reason_to_end(server: ModelServer) -> None:
    server.script = [answers({"content": None, "tool_calls": [CALL]})]
    assert ModelJob(server.base_url).run().outcome is Outcome.GATE_FAILED
    assert server.requests[1]["messages"][-1]["role"] == "tool"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ({"message": "Provider returned error", "code": 429}, "rate_limited"),
        ({"message": "Provider returned error", "code": 502}, "server_error"),
        ({"message": "Insufficient credits", "code": "402"}, "out_of_quota"),
        ({"message": "Unexpected endpoint or method", "code": None}, "no_completion"),
        ({"message": "Unexpected endpoint or method", "code": 200}, "no_completion"),
        ({"message": "Unexpected endpoint or method", "code": 10**9}, "no_completion"),
        ("Unexpected endpoint or method", "no_completion"),
    ],
)
def test_an_error_inside_an_answer_of_status_200_has_its_name_and_its_words(
    server: ModelServer, error: Any, reason: str
) -> None:
    server.usual = lambda _: Reply(body=json.dumps({"error": error}).encode())
    result = ModelJob(server.base_url).run()
    assert (result.outcome, result.error_reason) == (Outcome.ERROR, reason)
    assert (error if isinstance(error, str) else error["message"]) in result.error


@pytest.mark.parametrize("message", ["hello", [], None, {"content": 5}, {"content": ["hello"]}])
def test_a_message_that_is_none_is_an_error_with_a_name(server: ModelServer, message: Any) -> None:
    server.usual = lambda _: answers(message)
    assert ModelJob(server.base_url).run().error_reason == "no_completion"
