"""One analyst reads and another writes: a model for one stage, none for the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from technoshare_commentator.domain import AnalystIdentity

if TYPE_CHECKING:
    from technoshare_commentator.domain import Commentary, Evidence, Facts, StageAResult, StageBResult, Verdict


class _Analyst(Protocol):
    @property
    def identity(self) -> AnalystIdentity: ...
    async def extract_facts(self, evidence: Evidence) -> StageAResult: ...
    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult: ...
    @property
    def can_revise(self) -> bool: ...
    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult: ...


class TwoAnalysts:
    """The port `Analyst`: stage A by one analyst, stage B by another."""

    def __init__(self, reader: _Analyst, writer: _Analyst) -> None:
        """Take who extracts the facts and who composes the reply."""
        self._reader = reader
        self._writer = writer
        self.can_revise = writer.can_revise
        mine, theirs = reader.identity, writer.identity
        kept_a = {name: value for name, value in mine.settings.items() if not name.startswith("stage_b_")}
        kept_b = {name: value for name, value in theirs.settings.items() if name.startswith("stage_b_")}
        self.identity = AnalystIdentity(
            stage_a_model=mine.stage_a_model,
            stage_b_model=theirs.stage_b_model,
            prompt_stage_a=mine.prompt_stage_a,
            prompt_stage_b=theirs.prompt_stage_b,
            prompt_project_context=theirs.prompt_project_context,
            settings={**kept_a, **kept_b},
        )

    async def extract_facts(self, evidence: Evidence) -> StageAResult:
        """Let the reader extract."""
        return await self._reader.extract_facts(evidence)

    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult:
        """Let the writer compose."""
        return await self._writer.compose_reply(evidence, facts)

    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult:
        """Let the writer revise."""
        return await self._writer.revise_reply(evidence, facts, commentary, verdict)
