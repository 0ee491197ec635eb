"""Who writes: for each stage a model named by the settings, with the prompts that are current when a job begins."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from technoshare_commentator.bootstrap.models import Models, Requests, require_key
from technoshare_commentator.prompts import (
    STAGE_A,
    STAGE_B,
    ProjectContext,
    Prompt,
    load_project_context,
    load_prompt,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from technoshare_commentator.config import Settings
    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.llm.analyst import Stage
    from technoshare_commentator.pipeline.ports import Analyst

EXTRACTIVE = "extractive"
WITHOUT_MODEL = (EXTRACTIVE, "extractive-lead")


@lru_cache(maxsize=4)
def project_context(prompts: Path | None = None) -> ProjectContext:
    """The team's themes."""
    return load_project_context(prompts)


class Analysts:
    """Makes an analyst for each job; connections, and what endpoints were seen to refuse, are shared by all of them."""

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
        Raises `ConfigurationError` when a model needs a key and there is none.
        """
        self._settings = settings
        self._prompt = prompt or partial(load_prompt, directory=settings.prompts_dir)
        self._read = read
        self._overrides = dict(overrides or {})
        self._models = Models(settings, requests)
        if not {settings.model_stage_a, settings.model_stage_b} <= set(WITHOUT_MODEL):
            instead = f", or write with {' or '.join(WITHOUT_MODEL)}, which need neither"
            require_key(settings, "MODEL_STAGE_A", "MODEL_STAGE_B", instead=instead)

    def __call__(self) -> Analyst:
        """Return an analyst with the prompts as they are now."""
        names = self._settings.model_stage_a, self._settings.model_stage_b
        prompts = self._prompt(STAGE_A), self._prompt(STAGE_B)
        if names[0] == names[1]:
            return self._both(names[0], prompts)
        from technoshare_commentator.llm.two_analysts import TwoAnalysts  # noqa: PLC0415 - as rare as it is

        if not set(names) & set(WITHOUT_MODEL):
            return self._model_analyst(names, prompts)
        return TwoAnalysts(self._both(names[0], prompts), self._both(names[1], prompts))

    async def problem(self) -> str:
        """Ask the endpoint whether its models can be used; "" where nothing speaks against it."""
        names = {self._settings.model_stage_a, self._settings.model_stage_b} - set(WITHOUT_MODEL)
        return await self._models.problem(names) if names else ""

    async def aclose(self) -> None:
        """Close the connections."""
        await self._models.aclose()

    def _both(self, name: str, prompts: tuple[Prompt, Prompt]) -> Analyst:
        if name not in WITHOUT_MODEL:
            return self._model_analyst((name, name), prompts)
        from technoshare_commentator.llm.extractive import ExtractiveAnalyst  # noqa: PLC0415 - brings scikit-learn

        return ExtractiveAnalyst(project_context(self._settings.prompts_dir), *prompts, name)

    def _model_analyst(self, names: tuple[str, str], prompts: tuple[Prompt, Prompt]) -> Analyst:
        from technoshare_commentator.llm.analyst import ModelAnalyst  # noqa: PLC0415 - brings the SDK

        stages = [self._stage(name, prompt) for name, prompt in zip(names, prompts, strict=True)]
        return ModelAnalyst(
            project_context(self._settings.prompts_dir),
            *stages,
            evidence_characters=self._settings.model_evidence_characters,
            read=self._read,
        )

    def _stage(self, name: str, prompt: Prompt) -> Stage:
        from technoshare_commentator.llm.analyst import Stage  # noqa: PLC0415 - as above

        return Stage(self._models.completions(name), name, prompt, {**prompt.settings, **self._overrides})


def secrets(settings: Settings) -> list[str]:
    """The values that must never reach a record."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
