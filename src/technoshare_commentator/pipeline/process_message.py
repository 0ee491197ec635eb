"""The line from a message to posted commentaries, readable from top to bottom.

Every link is a job of its own in tracking: a run, a nested run for each stage, a trace. What stops a job is recorded on
it and returned as its outcome; nothing is posted then.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from technoshare_commentator.domain import (
    Commentary,
    Evidence,
    Facts,
    Job,
    Link,
    LinkResult,
    Outcome,
    SlackMessage,
    Verdict,
)
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.pipeline import stages
from technoshare_commentator.pipeline.links import find_links

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from technoshare_commentator.domain import AnalystIdentity
    from technoshare_commentator.mlops.tracking import Run, Tracker
    from technoshare_commentator.pipeline.ports import Analyst, Gate, Poster, Renderer, Retriever


def always(failure: TechnoShareError) -> bool:
    """Let every failure end the job it happened in."""
    del failure
    return True


@dataclass(frozen=True)
class Pipeline:
    """The parts of the line, each behind its port; analyst and gate are made anew for each job, since prompts move.

    A failure that `is_final` becomes the outcome of its job; any other is raised, to whoever can try again.
    """

    retriever: Retriever
    make_analyst: Callable[[], Analyst]
    make_gate: Callable[[], Gate]
    render: Renderer
    poster: Poster
    tracker: Tracker
    max_links: int = 5
    is_final: Callable[[TechnoShareError], bool] = always


async def process_message(job: Job, parts: Pipeline) -> tuple[LinkResult, ...]:
    """Comment on every link of a message, one after the other; a message without links gives no result."""
    links = find_links(job.text, parts.max_links)
    if not links:
        with _job_run(job, "", parts.make_analyst().identity, parts) as run:
            run.tag(outcome=Outcome.NO_URLS)
        return ()
    return tuple([await comment_on_link(_job_of_link(job, number), link, parts) for number, link in enumerate(links)])


async def comment_on_link(job: Job, link: Link, parts: Pipeline) -> LinkResult:
    """Take one link through all stages; raises only what is nobody's fault but a bug's."""
    analyst = parts.make_analyst()
    gate = parts.make_gate()
    with _job_run(job, link.url, analyst.identity, parts) as run:
        run.param({**analyst.identity.settings, **gate.settings})
        run.span.input({"url": link.url, "text": job.text})
        line = _Line(run, job, parts, analyst, gate)
        started = time.perf_counter()
        try:
            await line.follow(link)
        except TechnoShareError as failure:
            if not parts.is_final(failure):
                raise
            line.made |= {"outcome": Outcome.ERROR, "error": str(failure), "error_reason": failure.reason}
        result = LinkResult(
            job_id=job.id,
            url=link.url,
            analyst=analyst.identity,
            usage=line.meter.usage,
            latency_seconds=time.perf_counter() - started,
            **line.made,
        )
        _describe(run, result)
    return result


@dataclass
class _Line:
    """One link on its way; `made` holds what the stages have made so far, by the names of `LinkResult`."""

    run: Run
    job: Job
    parts: Pipeline
    analyst: Analyst
    gate: Gate
    meter: stages.Meter = field(default_factory=stages.Meter)
    made: dict[str, Any] = field(default_factory=dict)

    async def follow(self, link: Link) -> None:
        """Read, extract, compose, judge, revise once if need be, post what passed."""
        run, analyst = self.run, self.analyst
        page = self.made["evidence"] = await stages.retrieve(run, link, self.parts.retriever)
        read = await stages.extract(run, page, analyst, self.meter)
        evidence = self.made["evidence"] = page.with_tool_results(read)
        facts = self.made["facts"] = read.facts
        commentary = await stages.compose(run, evidence, facts, analyst, self.meter)
        message, verdict = self.judge(evidence, facts, commentary)
        if not verdict.passed and analyst.can_revise:
            revision = analyst.revise_reply(evidence, facts, commentary, verdict)
            commentary = await stages.revise(run, verdict, revision, analyst, self.meter)
            self.made["revised"] = True
            message, verdict = self.judge(evidence, facts, commentary)
        self.made["outcome"] = Outcome.SUCCESS if verdict.passed else Outcome.GATE_FAILED
        if verdict.passed:
            self.made["receipt"] = await stages.post(run, message, self.parts.poster)

    def judge(self, evidence: Evidence, facts: Facts, commentary: Commentary) -> tuple[SlackMessage, Verdict]:
        """Render what was written and hold it against the rules."""
        message = self.parts.render(self.job, evidence, commentary)
        judged = partial(self.gate.judge, commentary, facts, evidence, message.text)
        self.made |= {"commentary": commentary, "message": message}
        verdict = self.made["verdict"] = stages.judge(self.run, commentary, judged, again="revised" in self.made)
        return message, verdict


@contextmanager
def _job_run(job: Job, url: str, who: AnalystIdentity, parts: Pipeline) -> Iterator[Run]:
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
        "prompt_project_context": who.prompt_project_context or None,
        "outcome": Outcome.ERROR,  # until the job says otherwise
    }
    with parts.tracker.run("job", name=f"job_{job.id}", tags=tags) as run:
        yield run


def _describe(run: Run, result: LinkResult) -> None:
    run.tag(outcome=result.outcome, error_message=result.error or None, error_reason=result.error_reason or None)
    stages.describe_usage(run, result.usage)
    run.metric(tool_call_count=result.usage.tool_call_count, revisions=1.0 if result.revised else None)
    run.metric(latency_seconds=result.latency_seconds)
    if result.evidence:
        run.tag(adapter_name=result.evidence.adapter_name, coverage=result.evidence.coverage)
        run.metric(snippet_count=len(result.evidence.snippets), source_count=len(result.evidence.sources))
    if result.verdict:
        run.metric(gate_failures=len(result.verdict.failures), gate_passed=float(result.verdict.passed))
    run.span.output({"outcome": result.outcome, "error": result.error, "commentary": result.commentary})


def _job_of_link(job: Job, number: int) -> Job:
    return job if number == 0 else job.model_copy(update={"id": f"{job.id}-{number + 1}"})
