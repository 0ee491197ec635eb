"""What the pipeline needs from the world; `bootstrap` decides who provides it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from technoshare_commentator.domain import (
        AnalystIdentity,
        Commentary,
        Evidence,
        Facts,
        Job,
        Link,
        PostReceipt,
        SlackMessage,
        StageAResult,
        StageBResult,
        Verdict,
    )


class Retriever(Protocol):
    """Reads a link."""

    async def retrieve(self, link: Link) -> Evidence:
        """Return the evidence behind `link`; raise `SourceError` when nothing can be read."""
        ...


class Analyst(Protocol):
    """Writes both stages."""

    @property
    def identity(self) -> AnalystIdentity:
        """The models, prompts and settings in use."""
        ...

    async def extract_facts(self, evidence: Evidence) -> StageAResult:
        """Stage A: the facts of the page, each with its snippets."""
        ...

    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult:
        """Stage B: the commentary, from the facts."""
        ...

    @property
    def can_revise(self) -> bool:
        """Whether it would write anything else when told what is wrong."""
        ...

    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult:
        """Stage B again, told which rules failed."""
        ...


class Gate(Protocol):
    """Decides whether a commentary may be posted."""

    @property
    def settings(self) -> dict[str, str]:
        """The configuration that is logged with every job."""
        ...

    def judge(self, commentary: Commentary, facts: Facts, evidence: Evidence, slack_text: str) -> Verdict:
        """Check every rule of the contract."""
        ...


class Renderer(Protocol):
    """Turns a commentary into a Slack message."""

    def __call__(self, job: Job, evidence: Evidence, commentary: Commentary, /) -> SlackMessage:
        """Return the threaded reply to `job`."""
        ...


class Poster(Protocol):
    """Sends a message."""

    async def post(self, message: SlackMessage) -> PostReceipt:
        """Send it, or raise `SlackPostError`."""
        ...
