from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.llm.endpoint import PARAMETERS, Endpoint

SCHEMA = {"type": "object", "properties": {}}
SETTINGS = {"temperature": 0.2, "max_output_tokens": 50, "reasoning_effort": "low"}
TOOLS = [{"type": "function", "function": {"name": "fetch_page"}}]
MESSAGES = [{"role": "user", "content": "Say it."}]


class RefusalError(Exception):
    def __init__(self, text: str, param: str | None = None) -> None:
        super().__init__(text)
        self.param = param


def request(endpoint: Endpoint) -> dict[str, Any]:
    return endpoint.request(MESSAGES, SCHEMA, SETTINGS, TOOLS)


def test_everything_is_sent_until_something_is_refused() -> None:
    assert request(Endpoint("http://x/v1", "m")) == {
        "model": "m",
        "messages": MESSAGES,
        "temperature": 0.2,
        "max_completion_tokens": 50,
        "reasoning_effort": "low",
        "tools": TOOLS,
        "response_format": {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": SCHEMA}},
    }


def test_what_the_error_names_as_its_parameter_goes() -> None:
    endpoint = Endpoint("http://x/v1", "m")
    assert endpoint.learn(RefusalError("not with this model", param="reasoning_effort"), request(endpoint))
    assert "reasoning_effort" not in request(endpoint)
    assert request(endpoint)["temperature"] == 0.2


def test_a_schema_is_given_up_in_steps() -> None:
    endpoint = Endpoint("http://x/v1", "m")
    assert endpoint.learn(RefusalError("response_format is unsupported"), request(endpoint))
    assert request(endpoint)["response_format"] == {"type": "json_object"}
    assert request(endpoint)["messages"][0]["content"].startswith("Say it.\n\nThe answer is one JSON object")
    assert endpoint.learn(RefusalError("response_format is unsupported"), request(endpoint))
    assert "response_format" not in request(endpoint)
    assert not endpoint.learn(RefusalError("response_format is unsupported"), request(endpoint))
    assert MESSAGES == [{"role": "user", "content": "Say it."}]


def test_what_several_requests_find_out_at_once_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    endpoint = Endpoint("http://x/v1", "m")
    for asked in [request(endpoint) for _ in range(3)]:
        assert endpoint.learn(RefusalError("temperature is fixed"), asked)
    assert caplog.text.count("refuses temperature") == 1


def test_what_was_not_sent_cannot_be_what_is_refused() -> None:
    endpoint = Endpoint("http://x/v1", "m")
    asked = endpoint.request(MESSAGES, SCHEMA, {}, [])
    assert not endpoint.learn(RefusalError("temperature is too high, and no tools either"), asked)


@given(st.lists(st.sampled_from([*PARAMETERS.values(), "tools", "response_format", "schema", "nothing of it"])))
def test_learning_comes_to_an_end_and_leaves_a_request(refusals: list[str]) -> None:
    endpoint = Endpoint("http://x/v1", "m")
    learned = sum(endpoint.learn(RefusalError(text), request(endpoint)) for text in refusals * 3)
    assert learned <= len(PARAMETERS) + 4
    assert request(endpoint)["model"] == "m"


@pytest.mark.parametrize("text", ["", "no", "The prompt is unsafe."])
def test_an_error_that_speaks_of_no_part_teaches_nothing(text: str) -> None:
    endpoint = Endpoint("http://x/v1", "m")
    assert not endpoint.learn(RefusalError(text), request(endpoint))
