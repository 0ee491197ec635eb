"""Both stages from the evidence alone: sentences of the page, ranked and quoted."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from technoshare_commentator.domain import (
    AnalystIdentity,
    Commentary,
    Coverage,
    Evidence,
    Fact,
    Facts,
    StageAResult,
    StageBResult,
)
from technoshare_commentator.llm.extractive.aspects import unknowns
from technoshare_commentator.llm.extractive.candidates import find_candidates
from technoshare_commentator.llm.extractive.projects import project_bullets
from technoshare_commentator.llm.extractive.ranking import importance, precedence
from technoshare_commentator.llm.extractive.selection import (
    MIN_SUMMARY,
    TLDR,
    choose_facts,
    choose_summary,
    choose_tldr,
    without_repeats,
)
from technoshare_commentator.llm.extractive.similar import similar_bullets
from technoshare_commentator.sentences import normalise_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from technoshare_commentator.domain import Verdict
    from technoshare_commentator.llm.extractive.candidates import Candidate
    from technoshare_commentator.prompts import ProjectContext, Prompt

    Ranking = Callable[[Sequence[Candidate], str], dict[Candidate, float]]

MODEL = "extractive"
LEAD_MODEL = "extractive-lead"
RANKINGS = {MODEL: importance, LEAD_MODEL: precedence}


class ExtractiveAnalyst:
    """Quotes the page: no model, no network, no cost, the same bytes on every run.

    It never invents and never pads: a page with few good sentences gets a short commentary, which the gate then judges.
    """

    can_revise = False

    def __init__(
        self, context: ProjectContext, stage_a: Prompt, stage_b: Prompt, model: str = MODEL, *, context_label: str = ""
    ) -> None:
        """Take the team's themes and one of `RANKINGS`; no model reads the prompts, the identity only names them."""
        self._context = context
        self._ranking = RANKINGS[model]
        self._identity = AnalystIdentity(
            stage_a_model=model,
            stage_b_model=model,
            prompt_stage_a=stage_a.label,
            prompt_stage_b=stage_b.label,
            prompt_project_context=context_label,
        )

    @property
    def identity(self) -> AnalystIdentity:
        """The model's name for both stages, and the prompts it stands in for."""
        return self._identity

    async def extract_facts(self, evidence: Evidence) -> StageAResult:
        """Stage A: the best sentences of the page, most important first, each with the snippet it stands in."""
        return StageAResult(facts=await asyncio.to_thread(extract, evidence, self._ranking))

    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult:
        """Stage B: those facts that the evidence holds word for word, arranged as a commentary."""
        return StageBResult(commentary=await asyncio.to_thread(compose, evidence, facts, self._context))

    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult:
        """Write the same again."""
        del commentary, verdict
        return await self.compose_reply(evidence, facts)


def extract(evidence: Evidence, ranking: Ranking = importance) -> Facts:
    """Choose the facts of `evidence` and name what it leaves open.

    Coverage is what the evidence says, but `partial` when too few sentences are good enough for the contract, and
    `failed` when none is.
    """
    chosen = choose_facts(ranking(find_candidates(evidence), evidence.title))
    coverage = evidence.coverage
    if not chosen:
        coverage = Coverage.FAILED
    elif len(chosen) < TLDR + MIN_SUMMARY and coverage is Coverage.FULL:
        coverage = Coverage.PARTIAL
    return Facts(
        facts=tuple(Fact(text=candidate.text, snippet_ids=(candidate.snippet_id,)) for candidate in chosen),
        unknowns=unknowns(evidence),
        coverage=coverage,
    )


def compose(evidence: Evidence, facts: Facts, context: ProjectContext) -> Commentary:
    """Arrange `facts`, most important first, as a commentary; a fact the evidence does not hold is left out."""
    candidates = find_candidates(evidence)
    known = {normalise_sentence(candidate.text): candidate for candidate in candidates}
    found = (known.get(normalise_sentence(fact.text)) for fact in facts.facts)
    chosen = without_repeats(candidate for candidate in found if candidate is not None)
    tldr = choose_tldr(chosen, evidence.title)
    summary = choose_summary(chosen, tldr)
    return Commentary(
        tldr=tuple(fact.text for fact in tldr),
        summary=tuple(fact.text for fact in summary),
        projects=project_bullets(chosen, {*tldr, *summary}, evidence, context),
        similar_tech=similar_bullets(candidates, evidence.title),
    )
