from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakes import COMMENTARY, EVIDENCE, URL, FakeAnalyst, FakeGate, FakePoster, FakeRetriever, World
from technoshare_commentator.domain import Evidence, Job, Link, LinkResult, Outcome, RuleFailure
from technoshare_commentator.errors import FetchFailedError, ModelError, ModelFailure, SlackPostError
from technoshare_commentator.mlops import tracing
from technoshare_commentator.pipeline.process_message import process_message

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord

JOB = Job(id="7", channel_id="C1", message_ts="1700000000.000100", text=f"look: <{URL}|a post>")
STAGES = ["retrieval", "stage_a", "stage_b", "quality_gates", "slack_post"]


def run(world: World, job: Job = JOB) -> tuple[LinkResult, ...]:
    return asyncio.run(process_message(job, world.pipeline))


def stage(record: RunRecord, name: str) -> RunRecord:
    return next(child for child in record.children if child.name == name)


def test_a_link_becomes_a_posted_reply_in_the_message_s_thread() -> None:
    world = World()
    (result,) = run(world)
    assert result.outcome is Outcome.SUCCESS
    (message,) = world.poster.posted
    assert (message.channel_id, message.thread_ts) == ("C1", "1700000000.000100")
    assert result.receipt is not None
    assert result.receipt.ts == "1700000001.000200"
    assert result.usage.total_tokens == 180
    assert result.usage.cost_usd == pytest.approx(0.03)


def test_a_result_survives_a_round_trip_through_json() -> None:
    (result,) = run(World())
    assert LinkResult.model_validate_json(result.model_dump_json()) == result


def test_the_job_s_run_carries_what_people_look_for() -> None:
    world = World()
    run(world)
    (record,) = world.records
    assert record.name == "job_7"
    assert record.tags == {
        "job_id": "7",
        "channel_id": "C1",
        "message_ts": "1700000000.000100",
        "target_url": URL,
        "domain": "example.org",
        "adapter_name": "webpage",
        "coverage": "full",
        "stage_a_model": "model-a",
        "stage_b_model": "model-b",
        "prompt_stage_a": "stage_a/1/aaa",
        "prompt_stage_b": "stage_b/2/bbb",
        "outcome": "success",
    }
    assert record.params == {"temperature": "0.1", "gate_rules": "one_rule"}
    metrics = dict(record.metrics)
    assert metrics.pop("latency_seconds") > 0
    assert metrics == {
        "snippet_count": 2,
        "source_count": 2,  # the page, and what a tool read
        "tool_call_count": 2,
        "gate_failures": 0,
        "gate_passed": 1,
        "input_tokens": 150,
        "output_tokens": 30,
        "total_tokens": 180,
        "cost_usd": pytest.approx(0.03),
    }


def test_every_stage_is_a_nested_run_with_its_metrics_and_artifacts() -> None:
    world = World()
    run(world)
    (record,) = world.records
    assert [child.name for child in record.children] == STAGES
    assert all(child.metrics["latency_seconds"] >= 0 for child in record.children)
    assert stage(record, "retrieval").metrics["snippet_count"] == 2
    assert stage(record, "stage_a").metrics["total_tokens"] == 110
    assert stage(record, "stage_b").metrics["cost_usd"] == 0.02
    assert {name: sorted(child.artifacts) for name, child in zip(STAGES, record.children, strict=True)} == {
        "retrieval": ["evidence.json"],
        "stage_a": ["sources.txt", "stage_a_facts.json"],
        "stage_b": ["stage_b_result.json"],
        "quality_gates": [],
        "slack_post": ["slack_payload.json"],
    }
    evidence = stage(record, "retrieval").artifacts["evidence.json"]
    assert type(EVIDENCE).model_validate_json(evidence) == EVIDENCE
    assert json.loads(stage(record, "slack_post").artifacts["slack_payload.json"])["unfurl_links"] is False


def test_the_trace_shows_the_stages_in_order_below_the_job() -> None:
    world = World()
    run(world)
    (trace,) = world.records[0].traces
    assert [span.name for span in trace.spans] == [
        "job_7",
        "retrieval.fetch_evidence",
        "stage_a.run",
        "stage_b.run",
        "quality_gates.validate",
        "slack.post_message",
    ]
    assert {span.parent_id for span in trace.spans[1:]} == {trace.root.span_id}
    assert trace.spans[2].attributes[tracing.SPAN_TYPE] == "LLM"
    assert json.loads(trace.spans[3].attributes[tracing.OUTPUT])["tldr"] == list(COMMENTARY.tldr)


def test_tokens_stand_on_the_spans_of_model_calls_alone_so_that_they_are_counted_once() -> None:
    world = World()
    run(world)
    (trace,) = world.records[0].traces
    assert not any(tracing.INPUT_TOKENS in span.attributes for span in trace.spans)  # the fake calls no model


FAILING = (RuleFailure(rule="one_rule", reason="too short"),)


def test_a_failed_gate_gets_one_revision_and_both_attempts_are_tracked() -> None:
    better = COMMENTARY.model_copy(update={"tldr": ("One thing is known for sure.",)})
    world = World(gate=FakeGate(FAILING, accepts=better), analyst=FakeAnalyst(revisions=[better]))
    (result,) = run(world)
    assert (result.outcome, result.revised, result.commentary) == (Outcome.SUCCESS, True, better)
    assert [verdict.failures for verdict in world.analyst.shown] == [FAILING]
    assert result.usage.total_tokens == 110 + 70 + 70
    (record,) = world.records
    names = [child.name for child in record.children]
    assert names == [*STAGES[:4], "stage_b_revision", "quality_gates_revision", "slack_post"]
    assert stage(record, "quality_gates").metrics["gate_passed"] == 0
    assert stage(record, "quality_gates_revision").metrics["gate_passed"] == 1
    assert json.loads(stage(record, "stage_b_revision").artifacts["stage_b_result.json"])["tldr"] == list(better.tldr)
    assert record.metrics["revisions"] == 1
    assert "known for sure" in world.poster.posted[0].text


def test_a_revision_that_fails_as_well_is_the_end() -> None:
    world = World(gate=FakeGate(FAILING), analyst=FakeAnalyst(revisions=[COMMENTARY, COMMENTARY]))
    (result,) = run(world)
    assert (result.outcome, result.revised) == (Outcome.GATE_FAILED, True)
    assert len(world.analyst.shown) == 1
    assert world.poster.posted == []


def test_a_model_that_fails_ends_the_job_with_the_reason_in_tags_and_its_tokens_counted() -> None:
    error = ModelError(ModelFailure.LENGTH, "it never ends", {"input_tokens": 7, "output_tokens": 5, "cost_usd": None})
    world = World(analyst=FakeAnalyst(error=error))
    (result,) = run(world)
    assert (result.outcome, result.error, result.error_reason) == (Outcome.ERROR, "it never ends", "length")
    assert world.poster.posted == []
    (record,) = world.records
    assert (record.tags["error_reason"], record.tags["cost_usd"]) == ("length", "unknown")
    assert record.metrics["total_tokens"] == 110 + 12
    assert "cost_usd" not in record.metrics
    assert stage(record, "stage_b").metrics["total_tokens"] == 12
    assert stage(record, "stage_b").tags["error_reason"] == "length"


def test_a_failure_that_is_not_final_reaches_whoever_can_try_again() -> None:
    world = World(analyst=FakeAnalyst(error=ModelError(ModelFailure.RATE_LIMITED, "slow down")))
    pipeline = replace(world.pipeline, is_final=lambda _: False)
    with pytest.raises(ModelError, match="slow down"):
        asyncio.run(process_message(JOB, pipeline))
    assert world.records[0].status == "FAILED"
    assert world.records[0].tags["outcome"] == "error"


def test_prompts_are_looked_up_anew_for_each_job() -> None:
    world = World()
    pipeline = world.pipeline
    asked = iter([FakeAnalyst(), FakeAnalyst(error=ModelError(ModelFailure.EMPTY, "nothing"))])
    pipeline = replace(pipeline, make_analyst=lambda: next(asked))
    outcomes = [asyncio.run(process_message(JOB, pipeline))[0].outcome for _ in range(2)]
    assert outcomes == [Outcome.SUCCESS, Outcome.ERROR]


def test_a_failed_gate_posts_nothing_and_names_its_rules() -> None:
    world = World(gate=FakeGate((RuleFailure(rule="one_rule", reason="too short"),)))
    (result,) = run(world)
    assert result.outcome is Outcome.GATE_FAILED
    assert world.poster.posted == []
    (record,) = world.records
    assert [child.name for child in record.children] == STAGES[:4]
    assert record.tags["outcome"] == "gate_failed"
    assert record.metrics["gate_passed"] == 0
    assert stage(record, "quality_gates").artifacts["gate_failures.txt"] == "one_rule: too short"
    assert result.message is not None  # what would have been posted can still be looked at


def test_a_source_that_cannot_be_read_ends_the_job_with_the_reason() -> None:
    world = World(retriever=FakeRetriever(error=FetchFailedError("it is gone")))
    (result,) = run(world)
    assert (result.outcome, result.error, result.evidence) == (Outcome.ERROR, "it is gone", None)
    (record,) = world.records
    assert record.tags["outcome"] == "error"
    assert record.tags["error_message"] == "it is gone"
    assert stage(record, "retrieval").status == "FAILED"
    assert record.traces[0].spans[1].ok is False


def test_a_message_that_slack_refuses_is_an_error_with_everything_else_kept() -> None:
    world = World(poster=FakePoster(error=SlackPostError("not_in_channel")))
    (result,) = run(world)
    assert (result.outcome, result.error) == (Outcome.ERROR, "not_in_channel")
    assert result.commentary == COMMENTARY


def test_a_bug_is_recorded_and_not_hidden() -> None:
    world = World(retriever=FakeRetriever(error=ZeroDivisionError("a bug")))
    with pytest.raises(ZeroDivisionError):
        run(world)
    (record,) = world.records
    assert (record.status, record.tags["outcome"]) == ("FAILED", "error")
    assert record.tags["error_type"] == "ZeroDivisionError"


def test_a_message_without_links_is_a_job_with_no_urls() -> None:
    world = World()
    assert run(world, JOB.model_copy(update={"text": "good morning"})) == ()
    (record,) = world.records
    assert record.tags["outcome"] == "no_urls"
    assert record.children == []


def test_every_link_is_a_job_of_its_own_up_to_the_limit() -> None:
    world = World()
    text = " ".join(f"<https://example.org/{number}>" for number in range(5))
    results = run(world, JOB.model_copy(update={"text": text}))
    assert [result.job_id for result in results] == ["7", "7-2", "7-3"]
    assert [record.tags["target_url"] for record in world.records] == world.retriever.asked
    assert len({record.traces[0].trace_id for record in world.records}) == 3


def test_one_bad_link_does_not_keep_the_others_from_their_reply() -> None:
    class Moody(FakeRetriever):
        async def retrieve(self, link: Link) -> Evidence:
            self.error = FetchFailedError("gone") if link.url.endswith("bad") else None
            return await super().retrieve(link)

    world = World(retriever=Moody())
    results = run(world, JOB.model_copy(update={"text": "https://example.org/bad https://example.org/good"}))
    assert [result.outcome for result in results] == [Outcome.ERROR, Outcome.SUCCESS]
