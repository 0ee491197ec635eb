"""Who writes: for each stage a model named by the settings, with the prompts that are current when a job begins."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import SecretStr

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.prompts import CONTEXT, STAGE_A, STAGE_B, ProjectContext, Prompt, context_of, load_prompt

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    import httpx2
    from openai import AsyncOpenAI

    from technoshare_commentator.config import Settings
    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.llm.analyst import Stage
    from technoshare_commentator.llm.endpoint import Endpoint
    from technoshare_commentator.pipeline.ports import Analyst, Gate

EXTRACTIVE = "extractive"
WITHOUT_MODEL = (EXTRACTIVE, "extractive-lead")
_NO_KEY = "unused"  # the SDK wants one, endpoints on this machine do not


@lru_cache(maxsize=16)
def yaml_prompt(name: str, directory: Path | None = None) -> Prompt:
    """A prompt, or the project context as one, from the YAML; read once a process."""
    return load_prompt(name, directory)


class _Prompts(NamedTuple):
    stage_a: Prompt
    stage_b: Prompt
    context: Prompt


@dataclass(frozen=True)
class Requests:
    """How requests to models leave, for whoever records or paces them: the HTTP client, and what each waits for."""

    http_client: httpx2.AsyncClient | None = None
    before: Callable[[], Awaitable[None]] | None = None


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
        Raises `ConfigurationError` when a model needs a key and there is none.
        """
        self._settings = settings
        self._prompt = prompt or partial(yaml_prompt, directory=settings.prompts_dir)
        self._read = read
        self._overrides = dict(overrides or {})
        self._requests = requests or Requests()
        self._sdk: AsyncOpenAI | None = None
        self._endpoints: dict[str, Endpoint] = {}
        self._known_themes: dict[str, ProjectContext] = {}
        if not {settings.model_stage_a, settings.model_stage_b} <= set(WITHOUT_MODEL):
            _require_key(settings)

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
        if not names:
            return ""
        from technoshare_commentator.llm.probe import problem_with  # noqa: PLC0415 - brings the SDK

        return await problem_with(self._client(), sorted(names))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._sdk is not None:
            await self._sdk.close()

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
        from technoshare_commentator.llm.completions import Completions  # noqa: PLC0415 - as above

        completions = Completions(
            self._client(),
            self._endpoint(name),
            timeout_seconds=self._settings.model_timeout_seconds,
            provider=self._settings.model_provider or "",
            before_request=self._requests.before,
        )
        return Stage(completions, name, prompt, {**prompt.settings, **self._overrides})

    def _endpoint(self, name: str) -> Endpoint:
        from technoshare_commentator.llm.endpoint import Endpoint  # noqa: PLC0415 - as above

        return self._endpoints.setdefault(name, Endpoint(str(self._client().base_url), name))

    def _client(self) -> AsyncOpenAI:
        if self._sdk is None:
            from openai import AsyncOpenAI  # noqa: PLC0415 - takes half a second

            key = self._settings.openai_api_key
            self._sdk = AsyncOpenAI(
                api_key=key.get_secret_value() if key else _NO_KEY,
                base_url=self._settings.openai_base_url,
                timeout=self._settings.model_timeout_seconds,
                max_retries=self._settings.model_max_retries,
                http_client=self._requests.http_client,
            )
        return self._sdk


def _require_key(settings: Settings) -> None:
    from technoshare_commentator.llm.pricing import is_local  # noqa: PLC0415 - only models need it

    if settings.openai_api_key is None and not is_local(settings.openai_base_url or ""):
        raise ConfigurationError(
            f"MODEL_STAGE_A={settings.model_stage_a!r} and MODEL_STAGE_B={settings.model_stage_b!r} need "
            "OPENAI_API_KEY, or OPENAI_BASE_URL of a server on this machine (`technoshare local-llm` starts one); set "
            f"it, or write with {' or '.join(WITHOUT_MODEL)}, which need neither"
        )


def secrets(settings: Settings) -> list[str]:
    """The values that must never reach a record."""
    values = (getattr(settings, name) for name in type(settings).model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]
