"""Every way in which a model fails: its name in the job's tags, what is tried again, and nothing posted."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from mlflow_server import free_port
from model_job import COMMENTARY, FACTS, OTHER_PAGE, ModelJob
from model_server import KEY, Reply, calls, completion, model_server, refuses, says
from technoshare_commentator.domain import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_server import ModelServer

AGAIN = (("Retry-After", "0.01"),)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def fails(server: ModelServer, reason: str, **settings: Any) -> ModelJob:
    """Run a job that must end as an error for this reason, with nothing posted."""
    job = ModelJob(server.base_url, **settings)
    result = job.run()
    assert (result.outcome, result.error_reason) == (Outcome.ERROR, reason), result.error
    (record,) = job.records
    assert record.tags["outcome"] == "error"
    assert record.tags["error_reason"] == reason
    assert record.tags["error_message"] == result.error
    assert job.poster.posted == []
    assert KEY not in json.dumps(record.tags)
    return job


RIGHT = [says(FACTS), says(COMMENTARY)]


@pytest.mark.parametrize(
    ("hindrance", "seconds"),
    [
        (refuses(429, "slow down", headers=(("Retry-After", "1"),)), 1.0),
        (refuses(429, "slow down", headers=(("retry-after-ms", "20"),)), 0.02),
        (refuses(429, "slow down"), 0.3),  # the SDK's own back-off, from half a second with jitter
        (refuses(500, "oops", headers=AGAIN), 0.0),
        (refuses(503, "overloaded", headers=AGAIN), 0.0),
        (refuses(408, "too slow", headers=AGAIN), 0.0),
        (Reply(status=502, body=b"<html>Bad Gateway</html>", content_type="text/html", headers=AGAIN), 0.0),
        (Reply(drop=True), 0.0),
        (Reply(body=says(FACTS).body, cut=True), 0.0),
    ],
    ids=["429-retry-after", "429-ms", "429", "500", "503", "408", "502-html", "dropped", "cut-in-the-middle"],
)
def test_what_passes_is_tried_again(server: ModelServer, hindrance: Reply, seconds: float) -> None:
    server.script = [hindrance, *RIGHT]
    server.usual = lambda _: says(COMMENTARY)
    result = ModelJob(server.base_url).run()
    assert result.outcome is Outcome.GATE_FAILED  # a commentary of one sentence; the model itself was heard out
    assert server.times[1] - server.times[0] >= seconds
    assert server.requests[0] == server.requests[1]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refuses(429, "slow down", headers=AGAIN), "rate_limited"),
        (refuses(429, "you exceeded your current quota", code="insufficient_quota", headers=AGAIN), "out_of_quota"),
        (refuses(500, "oops", headers=AGAIN), "server_error"),
        (refuses(529, "overloaded", headers=AGAIN), "server_error"),
        (refuses(408, "too slow", headers=AGAIN), "server_error"),
        (refuses(409, "locked", headers=AGAIN), "server_error"),
        (Reply(drop=True), "connection"),
        (Reply(body=says(FACTS).body, cut=True), "connection"),
    ],
)
def test_what_does_not_pass_ends_the_job(server: ModelServer, reply: Reply, reason: str) -> None:
    server.usual = lambda _: reply
    fails(server, reason, model_max_retries=1)
    assert len(server.requests) == 2


def test_a_retry_after_that_is_too_long_is_not_waited_for(server: ModelServer) -> None:
    server.usual = lambda _: refuses(429, "come back tomorrow", headers=(("Retry-After", "86400"),))
    fails(server, "rate_limited")
    assert len(server.requests) == 1


@pytest.mark.parametrize(("status", "reason"), [(429, "rate_limited"), (503, "server_error")])
def test_a_pause_that_outlasts_the_time_for_a_call_has_the_name_of_its_cause(
    server: ModelServer, status: int, reason: str
) -> None:
    server.usual = lambda _: refuses(status, "in a minute", headers=(("Retry-After", "60"),))
    job = fails(server, reason, model_timeout_seconds=0.3)
    assert "raise MODEL_TIMEOUT_SECONDS" in job.records[0].tags["error_message"]
    assert len(server.requests) == 1


def test_a_time_out_after_a_second_attempt_is_one(server: ModelServer) -> None:
    server.script = [refuses(429, "slow down", headers=AGAIN), Reply(silent=True)]
    fails(server, "timeout", model_timeout_seconds=0.5)


def test_a_model_that_does_not_answer_in_time_is_a_time_out(server: ModelServer) -> None:
    server.usual = lambda _: Reply(silent=True)
    job = fails(server, "timeout", model_timeout_seconds=0.3)
    assert "raise MODEL_TIMEOUT_SECONDS" in job.records[0].tags["error_message"]
    assert job.records[0].metrics["latency_seconds"] < 5


def test_nobody_at_the_address_is_a_connection_error() -> None:
    job = ModelJob(f"http://127.0.0.1:{free_port()}/v1", model_max_retries=0)
    result = job.run()
    assert (result.outcome, result.error_reason) == (Outcome.ERROR, "connection")
    assert "technoshare doctor" in result.error


def test_a_wrong_key_is_named_without_being_shown(server: ModelServer) -> None:
    wrong = "sk-wrong-9876543210fedcba"
    job = fails(server, "wrong_key", openai_api_key=wrong)
    assert wrong not in json.dumps([job.records[0].tags, *(child.tags for child in job.records[0].children)])
    assert server.requests == []


def test_a_wrong_model_is_named(server: ModelServer) -> None:
    server.usual = lambda _: refuses(404, "The model `scripted-1` does not exist", code="model_not_found")
    job = fails(server, "wrong_model")
    assert "'scripted-1'" in job.records[0].tags["error_message"]
    assert "MODEL_STAGE_A" in job.records[0].tags["error_message"]


def test_an_address_without_the_api_is_not_only_said_to_lack_the_model(server: ModelServer) -> None:
    server.usual = lambda _: Reply(status=404, body=b"404 page not found", content_type="text/plain")
    job = fails(server, "wrong_model")
    assert "OPENAI_BASE_URL" in job.records[0].tags["error_message"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (refuses(402, "Insufficient Balance"), "out_of_quota"),
        (Reply(status=413, body=b"<html>Request Entity Too Large</html>", content_type="text/html"), "context_length"),
        (refuses(400, "The prompt triggers the content management policy.", code="content_filter"), "content_filter"),
    ],
)
def test_what_is_not_tried_again_has_its_name_too(server: ModelServer, reply: Reply, reason: str) -> None:
    server.usual = lambda _: reply
    fails(server, reason)
    assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{"detail": "top_k: not known"}, {"errors": ["top_k: not known"]}])
def test_what_a_server_says_is_shown_wherever_it_says_it(server: ModelServer, body: dict[str, Any]) -> None:
    server.usual = lambda _: Reply(status=400, body=json.dumps(body).encode())
    job = fails(server, "bad_request")
    assert "top_k: not known" in job.records[0].tags["error_message"]


def test_a_page_that_is_too_long_for_the_model_says_which_setting_helps(server: ModelServer) -> None:
    server.usual = lambda _: refuses(400, "request (20031 tokens) exceeds the available context size (8192 tokens)")
    job = fails(server, "context_length")
    assert "MODEL_EVIDENCE_CHARACTERS" in job.records[0].tags["error_message"]


@pytest.mark.parametrize(
    "message",
    [
        "maximum context length is 9 tokens: 7 in the messages, 2 in the response_format schemas, 1 in the tools",
        "prompt is too long: 214315 tokens > 200000 maximum",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ],
)
def test_one_page_that_is_too_long_takes_nothing_from_the_pages_after_it(server: ModelServer, message: str) -> None:
    server.usual = lambda _: refuses(400, message)
    fails(server, "context_length")
    assert len(server.requests) == 1


def test_a_limit_that_leaves_no_room_for_the_page_is_left_out(server: ModelServer) -> None:
    message = "'max_tokens' or 'max_completion_tokens' is too large: 4000. This model's maximum context length is 4096"
    server.script = [refuses(400, message), refuses(400, message), *RIGHT, says(COMMENTARY)]
    assert ModelJob(server.base_url).run().outcome is Outcome.GATE_FAILED
    assert not {"max_tokens", "max_completion_tokens"} & server.requests[2].keys()


def test_a_request_that_is_refused_for_another_reason_is_not_tried_again(server: ModelServer) -> None:
    server.usual = lambda _: refuses(400, "no")
    fails(server, "bad_request")
    assert len(server.requests) == 1


def test_a_refusal_is_one(server: ModelServer) -> None:
    server.script = [says(None, refusal="I cannot help with that.")]
    job = fails(server, "refusal")
    assert "I cannot help with that." in job.records[0].tags["error_message"]


def test_a_content_filter_is_one(server: ModelServer) -> None:
    server.script = [says("", finish="content_filter")]
    fails(server, "content_filter")


def test_a_length_stop_is_one_and_its_tokens_count(server: ModelServer) -> None:
    server.script = [says('{"facts": [{"text": "On', finish="length")]
    job = fails(server, "length")
    assert "max_output_tokens 4000" in job.records[0].tags["error_message"]
    assert job.records[0].metrics["total_tokens"] == 18


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("These are the facts: one.", "invalid_json"),
        ('{"facts": [', "invalid_json"),
        ({"facts": "one"}, "schema_violation"),
        ({"facts": [], "unknowns": [], "coverage": "full", "mood": "good"}, "schema_violation"),
        ({"facts": [], "unknowns": [], "coverage": "complete"}, "schema_violation"),
        ("", "empty"),
        ("  \n", "empty"),
        (None, "empty"),
    ],
)
def test_an_answer_that_cannot_be_used_is_repaired_once_and_then_it_is_an_error(
    server: ModelServer, content: Any, reason: str
) -> None:
    server.script = [says(content), says(content)]
    job = fails(server, reason)
    assert len(server.requests) == 2
    assert job.records[0].metrics["total_tokens"] == 36


def test_the_repair_shows_the_model_its_answer_and_its_errors(server: ModelServer) -> None:
    server.script = [says({"facts": "one", "mood": "good"}), *RIGHT, says(COMMENTARY)]
    result = ModelJob(server.base_url).run()
    assert result.facts is not None
    assert result.facts.facts[0].text == "One thing is known."
    first, repair = (request["messages"] for request in server.requests[:2])
    assert repair[: len(first)] == first
    assert repair[-2] == {"role": "assistant", "content": '{"facts": "one", "mood": "good"}'}
    assert "- facts: " in repair[-1]["content"]
    assert "- mood: Extra inputs are not permitted" in repair[-1]["content"]


def test_json_inside_a_code_block_is_read(server: ModelServer) -> None:
    server.script = [says(f"```json\n{json.dumps(FACTS)}\n```"), says(COMMENTARY), says(COMMENTARY)]
    assert ModelJob(server.base_url).run().outcome is Outcome.GATE_FAILED
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    "reply",
    [
        Reply(body=b"[" * 100_000),  # deeper than a parser goes
        completion([]),
        Reply(body=b"<html>a proxy's page</html>", content_type="text/html"),
        Reply(body=b"{not json", content_type="application/json"),
        Reply(body=b"[]"),
        Reply(body=b'{"choices": null}'),
        Reply(body=b'{"choices": [{"index": 0, "finish_reason": "stop"}]}'),
    ],
    ids=["deep", "no-choices", "html", "broken-json", "a-list", "null", "no-message"],
)
def test_what_is_no_completion_is_an_error_with_the_address(server: ModelServer, reply: Reply) -> None:
    server.usual = lambda _: reply
    job = fails(server, "no_completion")
    assert "OPENAI_BASE_URL" in job.records[0].tags["error_message"]


class TestTools:
    def test_a_page_that_the_model_fetches_can_be_cited(self, server: ModelServer) -> None:
        found = {"facts": [{"text": "It takes 12 seconds on two cores.", "snippet_ids": ["t1.s1"]}]}
        server.script = [
            calls(("fetch_page", json.dumps({"url": OTHER_PAGE}))),
            says({**FACTS, **found}),
            *[says(COMMENTARY)] * 2,
        ]
        job = ModelJob(server.base_url)
        result = job.run()
        assert result.usage.tool_call_count == 1
        assert result.evidence is not None
        assert [one.id for one in result.evidence.snippets] == ["s1", "s2", "t1.s1"]
        assert result.verdict is not None
        assert "facts_cited" not in {failure.rule for failure in result.verdict.failures}
        (record,) = job.records
        stage = next(child for child in record.children if child.name == "stage_a")
        assert stage.artifacts["sources.txt"] == OTHER_PAGE
        assert stage.metrics["tool_call_count"] == record.metrics["tool_call_count"] == 1
        answer = server.requests[1]["messages"][-1]
        assert answer["role"] == "tool"
        assert "[t1.s1] It takes 12 seconds on two cores." in answer["content"]

    @pytest.mark.parametrize(
        ("name", "arguments", "said"),
        [
            ("fetch_page", "{url: here", "must be one JSON object"),
            ("fetch_page", "[1]", "must be one JSON object"),
            ("fetch_page", "", "takes one argument, url"),
            ("fetch_page", '{"url": 3}', "takes one argument, url"),
            ("fetch_page", '{"url": "http://169.254.169.254/latest"}', "only addresses that the evidence names"),
            ("fetch_page", '{"url": "https://evil.example/?q=facts"}', "only addresses that the evidence names"),
            ("run_shell", '{"command": "ls"}', "there is no tool 'run_shell'; there is: fetch_page"),
        ],
    )
    def test_a_wrong_call_is_answered_and_the_model_goes_on(
        self, server: ModelServer, name: str, arguments: str, said: str
    ) -> None:
        server.script = [calls((name, arguments)), *RIGHT, says(COMMENTARY)]
        job = ModelJob(server.base_url)
        assert job.run().outcome is Outcome.GATE_FAILED
        assert said in server.requests[1]["messages"][-1]["content"]
        assert len(job.pages.asked) == 1

    def test_the_same_page_is_read_once(self, server: ModelServer) -> None:
        twice = calls(*[("fetch_page", json.dumps({"url": OTHER_PAGE}))] * 2)
        server.script = [twice, *RIGHT, says(COMMENTARY)]
        job = ModelJob(server.base_url)
        job.run()
        assert job.pages.asked.count(OTHER_PAGE) == 1
        assert "has been read already" in server.requests[1]["messages"][-1]["content"]

    def test_pages_that_cannot_be_read_count_among_those_that_may_be_asked_for(self, server: ModelServer) -> None:
        wanted = [("fetch_page", json.dumps({"url": f"https://example.org/lost/{one // 2}"})) for one in range(40)]
        server.script = [calls(*wanted), *RIGHT, says(COMMENTARY)]
        job = ModelJob(server.base_url)
        job.pages.lost = "https://example.org/lost/"
        job.run()
        assert len([url for url in job.pages.asked if "/lost/" in url]) == 4
        said = [message["content"] for message in server.requests[1]["messages"] if message["role"] == "tool"]
        assert said[0] == "the page could not be read: gone"
        assert said[1] == "this page could not be read, as has been said"
        assert said[-1] == "4 pages have been asked for; answer from what is there"

    def test_a_model_that_never_stops_calling_tools_is_told_to_answer_and_then_ended(self, server: ModelServer) -> None:
        server.usual = lambda _: calls(("fetch_page", json.dumps({"url": OTHER_PAGE})))
        fails(server, "tool_loop")
        assert len(server.requests) == 6
        assert "tools" not in server.requests[-1]
        assert "answer now" in server.requests[-1]["messages"][-1]["content"]


class TestEndpoints:
    """What an endpoint refuses is left out from then on, and said once."""

    @pytest.mark.parametrize(
        ("message", "gone"),
        [
            ("Unsupported value: 'temperature' does not support 0 with this model.", "temperature"),
            ("Unsupported parameter: 'max_completion_tokens'.", "max_completion_tokens"),
            ("This model does not support tools", "tools"),
            ("Invalid parameter: 'response_format' of type 'json_schema' is not supported", "json_schema"),
        ],
    )
    def test_one_that_takes_less_still_works(
        self, server: ModelServer, message: str, gone: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        def usual(request: dict[str, Any]) -> Reply:
            if gone in request or request.get("response_format", {}).get("type") == gone:
                return refuses(400, message)
            return says(FACTS if "BEGIN EVIDENCE" in request["messages"][0]["content"] else COMMENTARY)

        server.usual = usual
        assert ModelJob(server.base_url).run().outcome is Outcome.GATE_FAILED
        assert [record.message for record in caplog.records].count(caplog.records[0].message) == 1
        assert f"refuses {gone}" in caplog.records[0].message

    def test_an_older_name_of_the_limit_is_tried(self, server: ModelServer) -> None:
        server.script = [refuses(400, "Unrecognized request argument: max_completion_tokens"), *RIGHT, says(COMMENTARY)]
        ModelJob(server.base_url).run()
        assert server.requests[1]["max_tokens"] == server.requests[0]["max_completion_tokens"] == 4000

    def test_without_any_json_mode_the_schema_is_said_in_words(self, server: ModelServer) -> None:
        def usual(request: dict[str, Any]) -> Reply:
            if "response_format" in request:
                return refuses(422, "response_format is not supported here")
            return says(FACTS if "BEGIN EVIDENCE" in request["messages"][0]["content"] else COMMENTARY)

        server.usual = usual
        assert ModelJob(server.base_url).run().outcome is Outcome.GATE_FAILED
        assert '"snippet_ids"' in server.requests[2]["messages"][0]["content"]
        assert "response_format" not in server.requests[2]
