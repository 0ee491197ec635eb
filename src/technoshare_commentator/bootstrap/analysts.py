"""Who writes: for each stage a model named by the settings, with the prompts that are current when a job begins."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr

from technoshare_commentator.bootstrap.models import Models, Requests, require_key
from technoshare_commentator.prompts import CONTEXT, STAGE_A, STAGE_B, ProjectContext, Prompt, context_of, load_prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from technoshare_commentator.config import Settings
    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.llm.analyst import Stage
    from technoshare_commentator.pipeline.ports import Analyst, Gate

EXTRACTIVE = "extractive"
WITHOUT_MODEL = (EXTRACTIVE, "extractive-lead")


@lru_cache(maxsize=16)
def yaml_prompt(name: str, directory: Path | None = None) -> Prompt:
    """A prompt, or the project context as one, from the YAML; read once a process."""
    return load_prompt(name, directory)


class _Prompts(NamedTuple):
    stage_a: Prompt
    stage_b: Prompt
    context: Prompt


class Analysts:
    """Makes who writes and who judges for each job, from the prompts as they are when it begins.

    Connections, and what endpoints were seen to refuse, are shared by all jobs.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        prompt: Callable[[str], Prompt] | None = None,
        read: Callable[[Link], Awaitable[Evidence]] | None = None,
        overrides: Mapping[str, Any] | None = None,
        requests: Requests | None = None,
    ) -> None:
        """Take the settings, and what differs from production's defaults.

        `prompt` gives a prompt by name, `read` reads pages for the model's tool, `overrides` are model settings that
        win over those of the prompts.
        Raises `ConfigurationError` when a model needs a key and there is none; with `requests`, which may be replayed
        without one, only its endpoint knows.
        """
        self._settings = settings
        self._prompt = prompt or partial(yaml_prompt, directory=settings.prompts_dir)
        self._read = read
        self._overrides = dict(overrides or {})
        self._models = Models(settings, requests)
        self._known_themes: dict[str, ProjectContext] = {}
        if requests is None and not {settings.model_stage_a, settings.model_stage_b} <= set(WITHOUT_MODEL):
            instead = f", or write with {' or '.join(WITHOUT_MODEL)}, which need neither"
            require_key(settings, "MODEL_STAGE_A", "MODEL_STAGE_B", instead=instead)

    def __call__(self) -> Analyst:
        """Return an analyst with the prompts as they are now."""
        names = self._settings.model_stage_a, self._settings.model_stage_b
        prompts = _Prompts(self._prompt(STAGE_A), self._prompt(STAGE_B), self._prompt(CONTEXT))
        if names[0] == names[1]:
            return self._both(names[0], prompts)
        from technoshare_commentator.llm.two_analysts import TwoAnalysts  # noqa: PLC0415 - as rare as it is

        if not set(names) & set(WITHOUT_MODEL):
            return self._model_analyst(names, prompts)
        return TwoAnalysts(self._both(names[0], prompts), self._both(names[1], prompts))

    def gate(self) -> Gate:
        """Return the gate over the team's themes as they are now."""
        from technoshare_commentator.quality.gate import ContractGate  # noqa: PLC0415 - only who judges needs it

        return ContractGate(self._themes(self._prompt(CONTEXT)))

    async def problem(self) -> str:
        """Ask the endpoint whether its models can be used; "" where nothing speaks against it."""
        names = {self._settings.model_stage_a, self._settings.model_stage_b} - set(WITHOUT_MODEL)
        return await self._models.problem(names) if names else ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._models.aclose()

    def _both(self, name: str, prompts: _Prompts) -> Analyst:
        if name not in WITHOUT_MODEL:
            return self._model_analyst((name, name), prompts)
        from technoshare_commentator.llm.extractive import ExtractiveAnalyst  # noqa: PLC0415 - brings scikit-learn

        return ExtractiveAnalyst(
            self._themes(prompts.context),
            prompts.stage_a,
            prompts.stage_b,
            name,
            context_label=prompts.context.label,
        )

    def _model_analyst(self, names: tuple[str, str], prompts: _Prompts) -> Analyst:
        from technoshare_commentator.llm.analyst import ModelAnalyst, Themes  # noqa: PLC0415 - brings the SDK

        return ModelAnalyst(
            Themes(self._themes(prompts.context), prompts.context.label),
            self._stage(names[0], prompts.stage_a),
            self._stage(names[1], prompts.stage_b),
            evidence_characters=self._settings.model_evidence_characters,
            read=self._read,
        )

    def _themes(self, prompt: Prompt) -> ProjectContext:
        """The team's themes in a version of the project context; read once a version."""
        if prompt.sha256 not in self._known_themes:
            self._known_themes[prompt.sha256] = context_of(prompt)
        return self._known_themes[prompt.sha256]

    def _stage(self, name: str, prompt: Prompt) -> Stage:
        from technoshare_commentator.llm.analyst import Stage  # noqa: PLC0415 - as above

        return Stage(self._models.completions(name), name, prompt, {**prompt.settings, **self._overrides})


def secrets(settings: Settings) -> list[str]:
    """The values that must never reach a record."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
