"""Hand-written stand-ins for the pipeline's ports: they keep what they were given, so that tests look at state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technoshare_commentator.domain import (
    AnalystIdentity,
    Commentary,
    Coverage,
    Evidence,
    Fact,
    Facts,
    Job,
    Link,
    PostReceipt,
    RuleFailure,
    SlackMessage,
    Snippet,
    StageAResult,
    StageBResult,
    Usage,
    Verdict,
)
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord

URL = "https://example.org/post"
EVIDENCE = Evidence(
    url=URL,
    final_url=URL,
    title="A post",
    adapter_name="webpage",
    coverage=Coverage.FULL,
    snippets=(Snippet(id="s1", text="One thing is known."), Snippet(id="s2", text="Another is not.")),
    sources=(URL,),
)
COMMENTARY = Commentary(tldr=("One thing is known.",), projects=("**Security** — look at it",))


USAGE_A = Usage(input_tokens=100, output_tokens=10, tool_call_count=2, cost_usd=0.01)
USAGE_B = Usage(input_tokens=50, output_tokens=20, cost_usd=0.02)


@dataclass
class FakeRetriever:
    """Returns its evidence, or raises its error."""

    evidence: Evidence = EVIDENCE
    error: Exception | None = None
    asked: list[str] = field(default_factory=list)

    async def retrieve(self, link: Link) -> Evidence:
        self.asked.append(link.url)
        if self.error:
            raise self.error
        return self.evidence


@dataclass
class FakeAnalyst:
    """Two stages at a known price."""

    usage_a: Usage = USAGE_A
    usage_b: Usage = USAGE_B
    tool_sources: tuple[str, ...] = ("https://example.org/other",)
    revisions: list[Commentary] = field(default_factory=list)
    error: Exception | None = None
    shown: list[Verdict] = field(default_factory=list)

    @property
    def identity(self) -> AnalystIdentity:
        return AnalystIdentity(
            stage_a_model="model-a",
            stage_b_model="model-b",
            prompt_stage_a="stage_a/1/aaa",
            prompt_stage_b="stage_b/2/bbb",
            settings={"temperature": "0.1"},
        )

    @property
    def can_revise(self) -> bool:
        return bool(self.revisions)

    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult:
        del evidence, facts, commentary
        self.shown.append(verdict)
        return StageBResult(commentary=self.revisions.pop(0), usage=self.usage_b)

    async def extract_facts(self, evidence: Evidence) -> StageAResult:
        fact = Fact(text=evidence.snippets[0].text, snippet_ids=(evidence.snippets[0].id,))
        facts = Facts(facts=(fact,), coverage=evidence.coverage)
        return StageAResult(facts=facts, usage=self.usage_a, tool_sources=self.tool_sources)

    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult:
        del evidence, facts
        if self.error:
            raise self.error
        return StageBResult(commentary=COMMENTARY, usage=self.usage_b)


@dataclass
class FakeGate:
    """Fails with the failures it was given, unless it is shown what it `accepts`."""

    failures: tuple[RuleFailure, ...] = ()
    accepts: Commentary | None = None

    @property
    def settings(self) -> dict[str, str]:
        return {"gate_rules": "one_rule"}

    def judge(self, commentary: Commentary, facts: Facts, evidence: Evidence, slack_text: str) -> Verdict:
        del facts, evidence, slack_text
        failures = () if commentary == self.accepts else self.failures
        return Verdict(rules=("one_rule",), failures=failures)


def fake_render(job: Job, evidence: Evidence, commentary: Commentary) -> SlackMessage:
    """Render next to nothing."""
    return SlackMessage(channel_id=job.channel_id, thread_ts=job.message_ts, text=f"{evidence.title} {commentary.tldr}")


@dataclass
class FakePoster:
    """Keeps what it was asked to post."""

    posted: list[SlackMessage] = field(default_factory=list)
    error: Exception | None = None

    async def post(self, message: SlackMessage) -> PostReceipt:
        if self.error:
            raise self.error
        self.posted.append(message)
        return PostReceipt(posted=True, ts="1700000001.000200")


@dataclass
class World:
    """A pipeline of fakes, and the records its tracker delivered."""

    retriever: FakeRetriever = field(default_factory=FakeRetriever)
    analyst: FakeAnalyst = field(default_factory=FakeAnalyst)
    gate: FakeGate = field(default_factory=FakeGate)
    poster: FakePoster = field(default_factory=FakePoster)
    records: list[RunRecord] = field(default_factory=list)

    @property
    def pipeline(self) -> Pipeline:
        return Pipeline(
            retriever=self.retriever,
            make_analyst=lambda: self.analyst,
            make_gate=lambda: self.gate,
            render=fake_render,
            poster=self.poster,
            tracker=Tracker(self.records.append),
            max_links=3,
        )
