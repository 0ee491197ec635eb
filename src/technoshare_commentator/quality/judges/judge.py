"""A judge: a scorer that asks a model one question about a commentary, as often as it has votes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technoshare_commentator.domain import Usage
from technoshare_commentator.errors import ModelError
from technoshare_commentator.llm.client import ModelClient
from technoshare_commentator.mlops.evaluation.scorer import Score, Scorer, scorer
from technoshare_commentator.quality.judges.answers import covering
from technoshare_commentator.quality.judges.questions import Shown
from technoshare_commentator.quality.judges.rationale import quotes_found, rationale
from technoshare_commentator.quality.judges.votes import Votes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.domain import LinkResult
    from technoshare_commentator.llm.client import Answer
    from technoshare_commentator.llm.completions import Completions
    from technoshare_commentator.prompts import ProjectContext, Prompt
    from technoshare_commentator.quality.judges.answers import Judgement
    from technoshare_commentator.quality.judges.questions import Item, Question

NOTHING_TO_JUDGE = "nothing to judge"


@dataclass(frozen=True)
class Judge:
    """A question, the prompt that asks it, and who answers.

    `evidence_characters` is how much of a page the model is shown, `overrides` are model settings that win over those
    of the prompt. With several votes each has a seed of its own, or they would all be one.
    """

    question: Question
    prompt: Prompt
    completions: Completions
    model: str
    context: ProjectContext
    votes: int = 1
    evidence_characters: int = 60_000
    overrides: Mapping[str, float | int | str] = field(default_factory=dict)

    async def __call__(self, result: LinkResult) -> Score:
        """Judge the commentary of a result; without an item to judge nothing is asked, and it passes.

        Raises `ModelError`, whose `spent` holds the usage of all votes, when one vote fails; ValueError when the job
        ended without a commentary.
        """
        if result.commentary is None or result.evidence is None:
            raise ValueError(f"there is no commentary to judge: the job ended as {result.outcome} ({result.error})")
        items = self.question.items(result.commentary)
        if not items:
            reason = f"the commentary has no {' and no '.join(self.question.sections.values())}"
            return self._score(NOTHING_TO_JUDGE, passed=True, rationale=reason, metadata={"votes": "0"})
        shown = Shown.of(result.evidence, result.facts, self.context, self.evidence_characters)
        return self._judged(await self._ask(shown, items), shown, items)

    @property
    def scorer(self) -> Scorer:
        """The judge as `check` takes it."""
        return scorer(name=self.question.name, source_type="LLM_JUDGE")(self)

    async def _ask(self, shown: Shown, items: Sequence[Item]) -> list[Answer[Judgement]]:
        """All votes at once; when one fails, the others are waited for, since they have been paid for."""
        text = self.prompt.render(**self.question.variables(shown, items))
        shape = covering(self.question.shape, len(items))
        asked = [
            self._client(vote).ask([{"role": "user", "content": text}], shape, self.prompt.output_schema)
            for vote in range(self.votes)
        ]
        given = await asyncio.gather(*asked, return_exceptions=True)
        answers = [one for one in given if not isinstance(one, BaseException)]
        for one in given:
            if isinstance(one, BaseException) and not isinstance(one, ModelError):
                raise one
        failed = [one for one in given if isinstance(one, ModelError)]
        if failed:
            raise self._with_all_spent(failed, answers) from failed[0]
        return answers

    def _client(self, vote: int) -> ModelClient:
        settings = {**self.prompt.settings, **self.overrides}
        if self.votes > 1:
            settings["seed"] = int(settings.get("seed", 0)) + vote
        return ModelClient(self.completions, settings)

    def _with_all_spent(self, failed: Sequence[ModelError], answers: Sequence[Answer[Judgement]]) -> ModelError:
        """The first failure with the usage of every vote, so that what was spent in vain is counted."""
        spent = sum((Usage(**one.spent) for one in failed), _used(answers))
        votes = f"{len(failed)} of {self.votes} votes failed: " if self.votes > 1 else ""
        return ModelError(failed[0].failure, f"{votes}{failed[0]}", spent.model_dump())

    def _judged(self, answers: Sequence[Answer[Judgement]], shown: Shown, items: Sequence[Item]) -> Score:
        judgements = [answer.value for answer in answers]
        votes = Votes(tuple(judgement.score for judgement in judgements))
        used, found = _used(answers), quotes_found(judgements, shown.source)
        return self._score(
            float(votes.score),
            passed=votes.passed,
            rationale=rationale(votes, judgements[votes.spokesman], items, shown.source),
            metadata={
                "votes": ", ".join(map(str, votes.scores)),
                "agreement": f"{votes.agreement:.2f}",
                **({} if found is None else {"quotes_found": f"{found:.2f}"}),
                "input_tokens": str(used.input_tokens),
                "output_tokens": str(used.output_tokens),
                "cost_usd": "unknown" if used.cost_usd is None else f"{used.cost_usd:.10g}",
            },
        )

    def _score(self, value: float | str, *, passed: bool, rationale: str, metadata: Mapping[str, str]) -> Score:
        who = {"judge_model": self.model, "judge_prompt": self.prompt.label}
        return Score(self.question.name, value, passed, rationale, "LLM_JUDGE", {**who, **metadata})


def _used(answers: Sequence[Answer[Judgement]]) -> Usage:
    return sum((answer.usage for answer in answers), Usage())
