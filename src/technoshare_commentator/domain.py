"""The values that travel through the pipeline: frozen, and whole again after a round trip through JSON.

Every stage takes and gives only these, so that each of them can be a checkpoint.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field

GENERAL_THEME = "General"
BULLET_SEPARATOR = " — "
SECTION_TITLES = ("TL;DR", "Summary", "Projects", "Similar technology")
SECTION_SEPARATOR = "\n\n\n"


class Value(BaseModel):
    """A frozen value that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Coverage(StrEnum):
    """How much of a source could be read."""

    FULL = "full"
    PARTIAL = "partial"
    FAILED = "failed"


class Outcome(StrEnum):
    """How a job ended."""

    SUCCESS = "success"
    GATE_FAILED = "gate_failed"
    ERROR = "error"
    NO_URLS = "no_urls"


class Job(Value):
    """One Slack message to answer; `message_ts` is Slack's timestamp and becomes the thread."""

    id: str
    channel_id: str = ""
    message_ts: str = ""
    text: str = ""


class Link(Value):
    """A link found in a message."""

    url: str

    @property
    def host(self) -> str:
        """The lower-case host name, empty for a local file and for a URL that cannot be taken apart."""
        try:
            return (urlsplit(self.url).hostname or "").lower()
        except ValueError:
            return ""


class Snippet(Value):
    """A passage of the source: whole sentences of one paragraph, under the heading it stood below."""

    id: str
    text: str
    section: str = ""


class Evidence(Value):
    """What was read from one link, in the order of the page.

    `url` is the link as shared, `final_url` where redirects led, `sources` every URL that was read,
    `coverage_reason` says why coverage is not full.
    """

    url: str
    final_url: str
    title: str
    adapter_name: str
    coverage: Coverage
    coverage_reason: str = ""
    snippets: tuple[Snippet, ...] = ()
    sources: tuple[str, ...] = ()
    metadata: Mapping[str, str] = Field(default_factory=dict)

    @property
    def text(self) -> str:
        """All snippets, a blank line between them."""
        return "\n\n".join(snippet.text for snippet in self.snippets)

    def with_tool_results(self, result: StageAResult) -> Evidence:
        """Return the evidence with what tools read on top of it, which facts may cite."""
        if not result.tool_sources:
            return self
        return self.model_copy(
            update={
                "snippets": self.snippets + result.tool_snippets,
                "sources": tuple(dict.fromkeys((*self.sources, *result.tool_sources))),
            }
        )


class Fact(Value):
    """One statement of the source with the ids of the snippets that support it."""

    text: str
    snippet_ids: tuple[str, ...]


class Facts(Value):
    """What stage A found, and what it looked for and did not find."""

    facts: tuple[Fact, ...] = ()
    unknowns: tuple[str, ...] = ()
    coverage: Coverage


class Commentary(Value):
    """What stage B wrote; the rules of the contract live in `quality.rules`, not here.

    `projects` and `similar_tech` hold bullets of the form `**Name** — text`.
    """

    tldr: tuple[str, ...] = ()
    summary: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    similar_tech: tuple[str, ...] = ()


class Usage(Value):
    """What model calls cost: tokens, calls of models and tools, and US dollars (None when a price is unknown)."""

    input_tokens: int = 0
    output_tokens: int = 0
    tool_call_count: int = 0
    model_call_count: int = 0
    cost_usd: float | None = 0.0

    @property
    def total_tokens(self) -> int:
        """Input and output tokens together."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        known = self.cost_usd is not None and other.cost_usd is not None
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            tool_call_count=self.tool_call_count + other.tool_call_count,
            model_call_count=self.model_call_count + other.model_call_count,
            cost_usd=(self.cost_usd or 0.0) + (other.cost_usd or 0.0) if known else None,
        )


class AnalystIdentity(Value):
    """Which models, prompts (`name/version/hash`) and settings write the two stages."""

    stage_a_model: str
    stage_b_model: str
    prompt_stage_a: str
    prompt_stage_b: str
    prompt_project_context: str = ""
    settings: Mapping[str, str] = Field(default_factory=dict)


class StageAResult(Value):
    """Facts, what they cost, and what tools fetched on the way: addresses, and snippets that facts may cite."""

    facts: Facts
    usage: Usage = Usage()
    tool_sources: tuple[str, ...] = ()
    tool_snippets: tuple[Snippet, ...] = ()


class StageBResult(Value):
    """A commentary and what it cost."""

    commentary: Commentary
    usage: Usage = Usage()


class RuleFailure(Value):
    """A rule of the contract that a commentary broke, and how."""

    rule: str
    reason: str


class Verdict(Value):
    """What the gate found: every failed rule, and the names of all rules it checked."""

    rules: tuple[str, ...]
    failures: tuple[RuleFailure, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether no rule failed."""
        return not self.failures


class SlackMessage(Value):
    """A threaded reply, rendered: mrkdwn `text` as fallback and Block Kit `blocks`."""

    channel_id: str
    thread_ts: str
    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()

    def payload(self) -> dict[str, Any]:
        """The arguments of Slack's `chat.postMessage`."""
        return {
            "channel": self.channel_id,
            "thread_ts": self.thread_ts or None,
            "text": self.text,
            "blocks": [dict(block) for block in self.blocks],
            "unfurl_links": False,
            "unfurl_media": False,
            "parse": "none",  # URLs, channel names and mentions in plain text stay plain text
            "link_names": False,
        }


class PostReceipt(Value):
    """Whether a message was sent, and the timestamp Slack gave it."""

    posted: bool
    ts: str = ""


class LinkResult(Value):
    """Everything the pipeline made of one link, as far as it came."""

    job_id: str
    url: str
    outcome: Outcome
    analyst: AnalystIdentity
    evidence: Evidence | None = None
    facts: Facts | None = None
    commentary: Commentary | None = None
    verdict: Verdict | None = None
    message: SlackMessage | None = None
    receipt: PostReceipt | None = None
    usage: Usage = Usage()
    revised: bool = False
    latency_seconds: float = 0.0
    error: str = ""
    error_reason: str = ""


def format_bullet(name: str, text: str) -> str:
    """Join a name and its text to a bullet, `**Name** — text`."""
    return f"**{name}**{BULLET_SEPARATOR}{text}"


def split_bullet(bullet: str) -> tuple[str, str] | None:
    """Take `**Name** — text` apart; None when the bullet has another form."""
    head, separator, text = bullet.partition(BULLET_SEPARATOR)
    bold = head.startswith("**") and head.endswith("**") and len(head) > len("****")
    if not separator or not bold or not text.strip():
        return None
    return head[2:-2], text
