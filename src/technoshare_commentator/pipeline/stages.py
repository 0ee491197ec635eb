"""The stages of the line, each a nested run with its span, its metrics and its artifacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from technoshare_commentator.domain import (
    Commentary,
    Evidence,
    Facts,
    Link,
    PostReceipt,
    SlackMessage,
    StageAResult,
    StageBResult,
    Usage,
    Verdict,
)
from technoshare_commentator.errors import ModelError
from technoshare_commentator.mlops.tracing import SpanType

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from technoshare_commentator.mlops.tracking import Run
    from technoshare_commentator.pipeline.ports import Analyst, Poster, Retriever

R = TypeVar("R", StageAResult, StageBResult)


class Meter:
    """Adds up what the model calls of a job use, those of a stage that fails included."""

    def __init__(self) -> None:
        """Begin with nothing used."""
        self.usage = Usage()

    async def ask(self, stage: Run, model: str, call: Awaitable[R]) -> R:
        """Await a stage's model calls and write down on its run what they used."""
        stage.tag(model=model)
        stage.span.set(gen_ai__request__model=model)
        try:
            result = await call
        except ModelError as error:
            stage.tag(error_reason=error.reason)
            self._add(stage, Usage(**error.spent))
            raise
        self._add(stage, result.usage)
        return result

    def _add(self, stage: Run, usage: Usage) -> None:
        self.usage = self.usage + usage
        describe_usage(stage, usage)


def describe_usage(run: Run, usage: Usage) -> None:
    """Log tokens, calls and cost; a cost that is not known is no metric but a tag that says so."""
    run.metric(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.total_tokens,
        model_call_count=usage.model_call_count or None,
        cost_usd=usage.cost_usd,
    )
    run.tag(cost_usd="unknown" if usage.cost_usd is None else None)


async def retrieve(run: Run, link: Link, retriever: Retriever) -> Evidence:
    """Read the link."""
    kind, inputs = SpanType.RETRIEVER, {"url": link.url}
    with run.stage("retrieval", span="retrieval.fetch_evidence", span_type=kind, inputs=inputs) as stage:
        evidence = await retriever.retrieve(link)
        stage.tag(adapter_name=evidence.adapter_name, coverage=evidence.coverage)
        stage.metric(snippet_count=len(evidence.snippets), source_count=len(evidence.sources))
        stage.artifact("evidence.json", evidence)
        stage.span.output([{"page_content": snippet.text, "id": snippet.id} for snippet in evidence.snippets])
    return evidence


async def extract(run: Run, evidence: Evidence, analyst: Analyst, meter: Meter) -> StageAResult:
    """Stage A."""
    with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM, inputs={"url": evidence.url}) as stage:
        result = await meter.ask(stage, analyst.identity.stage_a_model, analyst.extract_facts(evidence))
        stage.metric(tool_call_count=result.usage.tool_call_count)
        stage.artifact("stage_a_facts.json", result.facts)
        if result.tool_sources:
            stage.artifact("sources.txt", "\n".join(result.tool_sources))
        if result.tool_snippets:
            stage.artifact("tool_snippets.json", result.tool_snippets)
        stage.span.output(result.facts)
    return result


async def compose(run: Run, evidence: Evidence, facts: Facts, analyst: Analyst, meter: Meter) -> Commentary:
    """Stage B."""
    with run.stage("stage_b", span="stage_b.run", span_type=SpanType.LLM, inputs=facts) as stage:
        result = await meter.ask(stage, analyst.identity.stage_b_model, analyst.compose_reply(evidence, facts))
        stage.artifact("stage_b_result.json", result.commentary)
        stage.span.output(result.commentary)
    return result.commentary


async def revise(
    run: Run, verdict: Verdict, revision: Awaitable[StageBResult], analyst: Analyst, meter: Meter
) -> Commentary:
    """Stage B again, after a gate that failed."""
    with run.stage("stage_b_revision", span="stage_b.revise", span_type=SpanType.LLM, inputs=verdict.failures) as stage:
        result = await meter.ask(stage, analyst.identity.stage_b_model, revision)
        stage.artifact("stage_b_result.json", result.commentary)
        stage.span.output(result.commentary)
    return result.commentary


def judge(run: Run, commentary: Commentary, judged: Callable[[], Verdict], *, again: bool = False) -> Verdict:
    """Check the rules of the contract; `again` for the revision."""
    name = "quality_gates_revision" if again else "quality_gates"
    kind = SpanType.EVALUATOR
    with run.stage(name, span="quality_gates.validate", span_type=kind, inputs=commentary) as stage:
        verdict = judged()
        stage.metric(gate_failures=len(verdict.failures), gate_passed=float(verdict.passed))
        if verdict.failures:
            stage.artifact("gate_failures.txt", "\n".join(f"{f.rule}: {f.reason}" for f in verdict.failures))
        stage.span.output(verdict)
    return verdict


async def post(run: Run, message: SlackMessage, poster: Poster) -> PostReceipt:
    """Answer in the thread."""
    payload = message.payload()
    with run.stage("slack_post", span="slack.post_message", span_type=SpanType.TOOL, inputs=payload) as stage:
        stage.artifact("slack_payload.json", payload)
        receipt = await poster.post(message)
        stage.tag(posted=receipt.posted)
        stage.span.output(receipt)
    return receipt
