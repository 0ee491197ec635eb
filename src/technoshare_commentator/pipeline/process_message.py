"""The line from a message to posted commentaries, readable from top to bottom.

Every link is a job of its own in tracking: a run, five nested runs, a trace. What stops a job is recorded on it
and returned as its outcome; nothing is posted then.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from technoshare_commentator.domain import (
    Commentary,
    Evidence,
    Facts,
    Job,
    Link,
    LinkResult,
    Outcome,
    PostReceipt,
    SlackMessage,
    Usage,
    Verdict,
)
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.tracing import SpanType
from technoshare_commentator.pipeline.links import find_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from technoshare_commentator.mlops.tracking import Run, Tracker
    from technoshare_commentator.pipeline.ports import Analyst, Gate, Poster, Renderer, Retriever


@dataclass(frozen=True)
class Pipeline:
    """The parts of the line, each behind its port."""

    retriever: Retriever
    analyst: Analyst
    gate: Gate
    render: Renderer
    poster: Poster
    tracker: Tracker
    max_links: int = 5


async def process_message(job: Job, parts: Pipeline) -> tuple[LinkResult, ...]:
    """Comment on every link of a message, one after the other; a message without links gives no result."""
    links = find_links(job.text, parts.max_links)
    if not links:
        with _job_run(job, "", parts) as run:
            run.tag(outcome=Outcome.NO_URLS)
        return ()
    return tuple([await comment_on_link(_job_of_link(job, number), link, parts) for number, link in enumerate(links)])


async def comment_on_link(job: Job, link: Link, parts: Pipeline) -> LinkResult:
    """Take one link through all stages; raises only what is nobody's fault but a bug's."""
    with _job_run(job, link.url, parts) as run:
        run.span.input({"url": link.url, "text": job.text})
        draft = _Draft()
        started = time.perf_counter()
        try:
            await _stages(run, job, link, parts, draft)
        except TechnoShareError as failure:
            draft.outcome, draft.error = Outcome.ERROR, str(failure)
        seconds = time.perf_counter() - started
        identity = parts.analyst.identity
        result = LinkResult(job_id=job.id, url=link.url, analyst=identity, latency_seconds=seconds, **vars(draft))
        _describe(run, result)
    return result


@dataclass
class _Draft:
    """What the stages have made so far; what never came stays None."""

    outcome: Outcome = Outcome.ERROR
    error: str = ""
    usage: Usage = field(default_factory=Usage)
    evidence: Evidence | None = None
    facts: Facts | None = None
    commentary: Commentary | None = None
    verdict: Verdict | None = None
    message: SlackMessage | None = None
    receipt: PostReceipt | None = None


async def _stages(run: Run, job: Job, link: Link, parts: Pipeline, draft: _Draft) -> None:
    evidence = draft.evidence = await _retrieve(run, link, parts.retriever)
    facts = draft.facts = await _extract(run, evidence, parts.analyst, draft)
    commentary = draft.commentary = await _compose(run, evidence, facts, parts.analyst, draft)
    message = draft.message = parts.render(job, evidence, commentary)
    judge = partial(parts.gate.judge, commentary, facts, evidence, message.text)
    verdict = draft.verdict = _judge(run, commentary, judge)
    draft.outcome = Outcome.SUCCESS if verdict.passed else Outcome.GATE_FAILED
    if verdict.passed:
        draft.receipt = await _post(run, message, parts.poster)


async def _retrieve(run: Run, link: Link, retriever: Retriever) -> Evidence:
    kind, inputs = SpanType.RETRIEVER, {"url": link.url}
    with run.stage("retrieval", span="retrieval.fetch_evidence", span_type=kind, inputs=inputs) as stage:
        evidence = await retriever.retrieve(link)
        stage.tag(adapter_name=evidence.adapter_name, coverage=evidence.coverage)
        stage.metric(snippet_count=len(evidence.snippets), source_count=len(evidence.sources))
        stage.artifact("evidence.json", evidence)
        stage.span.output([{"page_content": snippet.text, "id": snippet.id} for snippet in evidence.snippets])
    return evidence


async def _extract(run: Run, evidence: Evidence, analyst: Analyst, draft: _Draft) -> Facts:
    with run.stage("stage_a", span="stage_a.run", span_type=SpanType.LLM, inputs={"url": evidence.url}) as stage:
        result = await analyst.extract_facts(evidence)
        _account(stage, analyst.identity.stage_a_model, result.usage, draft)
        stage.metric(tool_call_count=result.usage.tool_call_count)
        stage.artifact("stage_a_facts.json", result.facts)
        if result.tool_sources:
            stage.artifact("sources.txt", "\n".join(result.tool_sources))
        stage.span.output(result.facts)
    return result.facts


async def _compose(run: Run, evidence: Evidence, facts: Facts, analyst: Analyst, draft: _Draft) -> Commentary:
    with run.stage("stage_b", span="stage_b.run", span_type=SpanType.LLM, inputs=facts) as stage:
        result = await analyst.compose_reply(evidence, facts)
        _account(stage, analyst.identity.stage_b_model, result.usage, draft)
        stage.artifact("stage_b_result.json", result.commentary)
        stage.span.output(result.commentary)
    return result.commentary


def _judge(run: Run, commentary: Commentary, judge: Callable[[], Verdict]) -> Verdict:
    kind = SpanType.EVALUATOR
    with run.stage("quality_gates", span="quality_gates.validate", span_type=kind, inputs=commentary) as stage:
        verdict = judge()
        stage.metric(gate_failures=len(verdict.failures), gate_passed=float(verdict.passed))
        if verdict.failures:
            stage.artifact("gate_failures.txt", "\n".join(f"{f.rule}: {f.reason}" for f in verdict.failures))
        stage.span.output(verdict)
    return verdict


async def _post(run: Run, message: SlackMessage, poster: Poster) -> PostReceipt:
    payload = message.payload()
    with run.stage("slack_post", span="slack.post_message", span_type=SpanType.TOOL, inputs=payload) as stage:
        stage.artifact("slack_payload.json", payload)
        receipt = await poster.post(message)
        stage.tag(posted=receipt.posted)
        stage.span.output(receipt)
    return receipt


@contextmanager
def _job_run(job: Job, url: str, parts: Pipeline) -> Iterator[Run]:
    who = parts.analyst.identity
    tags = {
        "job_id": job.id,
        "channel_id": job.channel_id,
        "message_ts": job.message_ts,
        "target_url": url,
        "domain": Link(url=url).host,
        "stage_a_model": who.stage_a_model,
        "stage_b_model": who.stage_b_model,
        "prompt_stage_a": who.prompt_stage_a,
        "prompt_stage_b": who.prompt_stage_b,
        "outcome": Outcome.ERROR,  # until the job says otherwise
    }
    with parts.tracker.run("job", name=f"job_{job.id}", tags=tags) as run:
        run.param({**who.settings, **parts.gate.settings})
        yield run


def _account(stage: Run, model: str, usage: Usage, draft: _Draft) -> None:
    draft.usage = draft.usage + usage
    stage.tag(model=model)
    stage.metric(_usage_metrics(usage))
    stage.span.usage(
        model=model,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cost_usd=usage.cost_usd,
    )


def _describe(run: Run, result: LinkResult) -> None:
    run.tag(outcome=result.outcome, error_message=result.error or None)
    run.metric(_usage_metrics(result.usage), tool_call_count=result.usage.tool_call_count)
    run.metric(latency_seconds=result.latency_seconds)
    if result.evidence:
        run.tag(adapter_name=result.evidence.adapter_name, coverage=result.evidence.coverage)
        run.metric(snippet_count=len(result.evidence.snippets), source_count=len(result.evidence.sources))
    if result.verdict:
        run.metric(gate_failures=len(result.verdict.failures), gate_passed=float(result.verdict.passed))
    run.span.output({"outcome": result.outcome, "error": result.error, "commentary": result.commentary})


def _usage_metrics(usage: Usage) -> dict[str, float | None]:
    return {
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens,
        "cost_usd": usage.cost_usd,
    }


def _job_of_link(job: Job, number: int) -> Job:
    return job if number == 0 else job.model_copy(update={"id": f"{job.id}-{number + 1}"})
