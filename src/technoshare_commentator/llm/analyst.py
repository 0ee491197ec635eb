"""Both stages over a language model: facts from the evidence, a commentary from the facts, one revision of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from technoshare_commentator.domain import (
    AnalystIdentity,
    Commentary,
    Coverage,
    Evidence,
    Facts,
    Link,
    StageAResult,
    StageBResult,
    Usage,
)
from technoshare_commentator.llm.client import ModelClient
from technoshare_commentator.llm.evidence_text import as_data, evidence_lines, fact_lines, theme_lines, within
from technoshare_commentator.llm.tools import PageTool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from technoshare_commentator.domain import Verdict
    from technoshare_commentator.llm.client import Messages
    from technoshare_commentator.llm.completions import Completions
    from technoshare_commentator.prompts import ProjectContext, Prompt


@dataclass(frozen=True)
class Stage:
    """Who writes a stage: the calls to its model, the model's name, the prompt, and the settings in force."""

    completions: Completions
    model: str
    prompt: Prompt
    settings: Mapping[str, float | int | str]

    def client(self) -> ModelClient:
        """A client for one conversation."""
        return ModelClient(self.completions, self.settings)


@dataclass(frozen=True)
class Themes:
    """The team's themes, and the label of their version."""

    context: ProjectContext
    label: str


class ModelAnalyst:
    """The port `Analyst` over models: MODEL_STAGE_A reads, MODEL_STAGE_B writes."""

    def __init__(
        self,
        themes: Themes,
        stage_a: Stage,
        stage_b: Stage,
        *,
        evidence_characters: int,
        read: Callable[[Link], Awaitable[Evidence]] | None = None,
    ) -> None:
        """Take the team's themes and who writes the stages.

        `evidence_characters` is how much of a page stage A is shown; `read` reads a further page for its tool
        `fetch_page`, which is not offered without it.
        """
        self._themes = themes.context
        self._stage_a = stage_a
        self._stage_b = stage_b
        self._characters = evidence_characters
        self._read = read
        self.can_revise = bool(stage_b.prompt.revision)
        self.identity = AnalystIdentity(
            stage_a_model=stage_a.model,
            stage_b_model=stage_b.model,
            prompt_stage_a=stage_a.prompt.label,
            prompt_stage_b=stage_b.prompt.label,
            prompt_project_context=themes.label,
            settings={
                "evidence_characters": str(evidence_characters),
                **{f"stage_a_{name}": str(value) for name, value in stage_a.settings.items()},
                **{f"stage_b_{name}": str(value) for name, value in stage_b.settings.items()},
            },
        )

    async def extract_facts(self, evidence: Evidence) -> StageAResult:
        """Stage A: what the page states. Nothing is asked about a page without passages. Raises `ModelError`."""
        if not evidence.snippets:
            return StageAResult(facts=Facts(coverage=Coverage.FAILED))
        snippets, coverage = within(evidence, self._characters)
        prompt = self._stage_a.prompt
        asked = prompt.render(
            title=as_data(evidence.title),
            url=as_data(evidence.url),
            adapter_name=evidence.adapter_name,
            coverage=coverage,
            evidence=evidence_lines(snippets),
        )
        pages = PageTool(evidence, self._read) if self._read else None
        answer = await self._stage_a.client().ask(
            [{"role": "user", "content": asked}], Facts, prompt.output_schema, [pages] if pages else []
        )
        return StageAResult(
            facts=answer.value,
            usage=answer.usage,
            tool_sources=tuple(pages.sources) if pages else (),
            tool_snippets=tuple(pages.snippets) if pages else (),
        )

    async def compose_reply(self, evidence: Evidence, facts: Facts) -> StageBResult:
        """Stage B: the commentary. Nothing is asked when there is no fact to write from. Raises `ModelError`."""
        if not facts.facts:
            return StageBResult(commentary=Commentary(), usage=Usage())
        return await self._compose(self._first_message(evidence, facts))

    async def revise_reply(
        self, evidence: Evidence, facts: Facts, commentary: Commentary, verdict: Verdict
    ) -> StageBResult:
        """Stage B once more, shown what it wrote and every rule that failed. Raises `ModelError`."""
        if not facts.facts:
            return StageBResult(commentary=commentary)
        prompt = self._stage_b.prompt
        failures = "\n".join(f"- {failure.rule}: {as_data(failure.reason)}" for failure in verdict.failures)
        return await self._compose(
            [
                *self._first_message(evidence, facts),
                {"role": "assistant", "content": commentary.model_dump_json()},
                {"role": "user", "content": prompt.render_revision(failures)},
            ]
        )

    def _first_message(self, evidence: Evidence, facts: Facts) -> list[dict[str, Any]]:
        asked = self._stage_b.prompt.render(
            title=as_data(evidence.title),
            url=as_data(evidence.url),
            facts=fact_lines(facts.facts),
            unknowns=as_data("; ".join(facts.unknowns)) or "nothing of what was looked for",
            themes=theme_lines(self._themes),
        )
        return [{"role": "user", "content": asked}]

    async def _compose(self, messages: Messages) -> StageBResult:
        answer = await self._stage_b.client().ask(messages, Commentary, self._stage_b.prompt.output_schema)
        return StageBResult(commentary=answer.value, usage=answer.usage)
