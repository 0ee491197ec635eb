"""A finished job as the tracker records it, with everything that a production run carries (names are exact)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, Shipment
from technoshare_commentator.mlops.tracing import SpanType
from technoshare_commentator.mlops.tracking import Run, Tracker

if TYPE_CHECKING:
    from technoshare_commentator.mlops.spool import Spool

JOB_TAGS = {
    "job_id": "J1",
    "channel_id": "C0TECHNO",
    "message_ts": "1730000000.000100",
    "target_url": "https://example.com/post",
    "domain": "example.com",
    "stage_a_model": "extractive",
    "stage_b_model": "small-model",
    "prompt_stage_a": "stage_a_extract_facts/1/abc",
    "prompt_stage_b": "stage_b_compose_reply/2/def",
    "adapter_name": "webpage",
    "coverage": "full",
    "outcome": "gate_failed",
}
STAGES = ["retrieval", "stage_a", "stage_b", "quality_gates", "slack_post"]
SPANS = {
    "job_J1": (None, "CHAIN"),
    "retrieval.fetch_evidence": ("job_J1", "RETRIEVER"),
    "stage_a.run": ("job_J1", "LLM"),
    "fetch_page": ("stage_a.run", "TOOL"),
    "stage_b.run": ("job_J1", "LLM"),
    "chat small-model": ("stage_b.run", "LLM"),
    "quality_gates.validate": ("job_J1", "EVALUATOR"),
    "slack.post_message": ("job_J1", "TOOL"),
}


def job_record() -> RunRecord:
    """A job that failed its gate, with tools, tokens, cost, assessments and a dataset."""
    finished: list[RunRecord] = []
    with Tracker(finished.append).run("job", name="job_J1", tags=JOB_TAGS) as run:
        run.span.input({"url": JOB_TAGS["target_url"], "text": "look: “ünïcode” 🔎"})
        run.param(temperature=0.2, max_tokens=800, reasoning_effort="low", gate_min_theme_bullets=2)
        _stages(run)
        run.metric(input_tokens=1200, output_tokens=300, total_tokens=1500, cost_usd=0.0042, tool_call_count=1)
        run.metric(snippet_count=7, source_count=2, gate_failures=1, gate_passed=0.0)
        run.span.output({"outcome": "gate_failed"})
    (record,) = finished
    record.datasets.append(DatasetRecord("technoshare", "3", "0123456789ab", "evals/datasets/technoshare.json"))
    record.traces[0].tags["eval.example_id"] = "arxiv-1"
    record.traces[0].metadata["mlflow.trace.session"] = "session-1"
    record.traces[0].assessments += [
        AssessmentRecord("tldr_sentence_count", value=True, rationale="exactly 3"),
        AssessmentRecord("brevity", value=0.25, source_type="LLM_JUDGE", source_id="judge/1"),
        AssessmentRecord("theme", value="LLMOps", metadata={"case": "arxiv-1"}),
        AssessmentRecord("grounded", value=None, error="ZeroDivisionError: division by zero"),
    ]
    return record


def small_record() -> RunRecord:
    """A run, a run in it, and one of everything else: for tests that ship it dozens of times."""
    finished: list[RunRecord] = []
    with Tracker(finished.append).run("job", name="small", tags={"job_id": "S1"}) as run:
        run.param(temperature=0.2)
        with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM, inputs={"url": "x"}) as stage:
            _used(stage, 10, 5, 0.5)
            stage.artifact("stage_a_facts.json", {"facts": []})
    (record,) = finished
    record.datasets.append(DatasetRecord("words", "1", "abc", "words.json"))
    record.traces[0].assessments.append(AssessmentRecord("brevity", value=0.25, rationale="short"))
    return record


def add(spool: Spool, record: RunRecord, experiment: str, tracking_uri: str) -> None:
    """Spool a record."""
    spool.append(record.key, Shipment(experiment, tracking_uri, record).to_json())


def _stages(run: Run) -> None:
    with run.stage("retrieval", span="retrieval.fetch_evidence", span_type=SpanType.RETRIEVER) as stage:
        stage.tag(adapter_name="webpage", coverage="full")
        stage.metric(snippet_count=7, source_count=2)
        stage.artifact("evidence.json", {"title": "Ünïcode", "snippets": ["one", "two"]})
        stage.span.output([{"page_content": "one", "id": "s1"}])
    with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM, inputs={"url": "x"}) as stage:
        with tracing.span("fetch_page", SpanType.TOOL, inputs={"url": "https://example.com/more"}) as tool:
            tool.output("more")
        _used(stage, 1000, 200, 0.004)
        stage.metric(tool_call_count=1)
        stage.artifact("stage_a_facts.json", {"facts": [{"text": "a fact", "snippet_ids": ["s1"]}]})
        stage.artifact("sources.txt", "https://example.com/more")
    with run.stage("stage_b", span="stage_b.run", span_type=SpanType.LLM) as stage:
        with tracing.span("chat small-model", SpanType.LLM, inputs=[{"role": "user", "content": "write"}]) as call:
            call.usage(model="small-model", input_tokens=200, output_tokens=100, cost_usd=0.0002)
            call.output({"role": "assistant", "content": "written"})
        _used(stage, 200, 100, 0.0002)
        stage.artifact("stage_b_result.json", {"tldr": ["One.", "Two.", "Three."]})
    with run.stage("quality_gates", span="quality_gates.validate", span_type=SpanType.EVALUATOR) as stage:
        stage.metric(gate_failures=1, gate_passed=0.0)
        stage.artifact("gate_failures.txt", "summary_count: 9 sentences, 10 to 15 are wanted")
    with run.stage("slack_post", span="slack.post_message", span_type=SpanType.TOOL) as stage:
        stage.artifact("slack_payload.json", {"text": "*TL;DR*"})


def _used(stage: Run, input_tokens: int, output_tokens: int, cost_usd: float) -> None:
    stage.tag(model="small-model")
    stage.metric(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=input_tokens + output_tokens,
        cost_usd=cost_usd,
    )
    stage.span.usage(model="small-model", input_tokens=input_tokens, output_tokens=output_tokens, cost_usd=cost_usd)
