"""The only place where parts are put together: settings in, a pipeline out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import lru_cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic import SecretStr

from technoshare_commentator.config import Settings, require
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.delivery import make_tracker
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline
from technoshare_commentator.prompts import (
    CONTEXT,
    STAGE_A,
    STAGE_B,
    ProjectContext,
    context_of,
    load_project_context,
    load_prompt,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.prompts.store import PromptStore
    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.pipeline.ports import Analyst, Gate, Poster
    from technoshare_commentator.prompts import Prompt
    from technoshare_commentator.retrieval.retriever import Retriever

EXTRACTIVE = "extractive"
MODELS = (EXTRACTIVE, "extractive-lead")
_NO_PROMPTS: Mapping[str, Prompt] = MappingProxyType({})


def secrets(settings: Settings) -> list[str]:
    """The values that must never reach a record."""
    values = (getattr(settings, name) for name in Settings.model_fields)
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def tracker(settings: Settings, tracking: TrackingSettings) -> Tracker:
    """The tracker of a production process."""
    return make_tracker(tracking, secrets(settings))


@lru_cache(maxsize=4)
def project_context(prompts: Path | None = None) -> ProjectContext:
    """The team's themes."""
    return load_project_context(prompts)


def prompt_store(settings: Settings, tracking: TrackingSettings) -> PromptStore:
    """The prompts of a production process: what PROMPT_ALIAS points to in the registry, or else the YAML."""
    from technoshare_commentator.mlops.prompts.store import PromptStore  # noqa: PLC0415 - evals do without

    return PromptStore(tracking, alias=settings.prompt_alias, directory=settings.prompts_dir)


def analyst(settings: Settings | None = None, prompts: Mapping[str, Prompt] = _NO_PROMPTS) -> Analyst:
    """Who writes the commentary: one of `MODELS`, which need neither key nor network, for both stages.

    `prompts` by name take the place of those in the YAML.
    """
    settings = settings or Settings.model_construct()
    asked = {name: getattr(settings, name, EXTRACTIVE) for name in ("model_stage_a", "model_stage_b")}
    for name, value in asked.items():
        if value not in MODELS:
            raise ConfigurationError(
                f"{name.upper()}={value!r}: this version writes with {' or '.join(MODELS)}; unset it"
            )
    stage_a, stage_b = asked.values()
    if stage_a != stage_b:
        raise ConfigurationError(f"MODEL_STAGE_A={stage_a!r} and MODEL_STAGE_B={stage_b!r} differ; set both to one")
    folder = getattr(settings, "prompts_dir", None)
    return _extractive_with(stage_a, folder, prompts) if prompts else _extractive(stage_a, folder)


@lru_cache(maxsize=4)
def _extractive(model: str, folder: Path | None) -> Analyst:
    return _extractive_with(model, folder, _NO_PROMPTS)


def _extractive_with(model: str, folder: Path | None, prompts: Mapping[str, Prompt]) -> Analyst:
    from technoshare_commentator.llm.extractive import ExtractiveAnalyst  # noqa: PLC0415 - brings scikit-learn

    stage_a, stage_b = (prompts.get(name) or load_prompt(name, folder) for name in (STAGE_A, STAGE_B))
    context = context_of(prompts[CONTEXT]) if CONTEXT in prompts else project_context(folder)
    return ExtractiveAnalyst(context, stage_a, stage_b, model)


def gate(prompts: Path | None = None, context: ProjectContext | None = None) -> Gate:
    """The contract over the team's themes, those of a folder unless given."""
    from technoshare_commentator.quality.gate import ContractGate  # noqa: PLC0415 - only who judges needs it

    return ContractGate(context or project_context(prompts))


def web_retriever(settings: Settings, *, allow_private: bool = False) -> Retriever:
    """Reads links from the network; sources in order of precedence."""
    from technoshare_commentator.retrieval.fetching.fetch import Fetcher, FetchLimits  # noqa: PLC0415 - brings the HTTP client
    from technoshare_commentator.retrieval.retriever import Retriever  # noqa: PLC0415
    from technoshare_commentator.retrieval.sources.arxiv import ArxivSource  # noqa: PLC0415
    from technoshare_commentator.retrieval.sources.github import GitHubSource  # noqa: PLC0415
    from technoshare_commentator.retrieval.sources.webpage import WebpageSource  # noqa: PLC0415

    token = settings.github_token.get_secret_value() if settings.github_token else ""
    sources = (GitHubSource(token=token), ArxivSource(), WebpageSource())
    return Retriever(Fetcher(FetchLimits(allow_private=allow_private)), sources)


def slack_poster(settings: Settings, command: str) -> Poster:
    """Posts for real; raises `ConfigurationError` naming what is missing."""
    require(settings, "SLACK_BOT_TOKEN", "TECHNOSHARE_CHANNEL_ID", command=command)
    from technoshare_commentator.slack.poster import SlackPoster  # noqa: PLC0415 - brings slack-sdk

    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    return SlackPoster(token, base_url=settings.slack_api_url)


@asynccontextmanager
async def comment_pipeline(
    settings: Settings, tracking: TrackingSettings, *, source_is_url: bool, post: bool, allow_private: bool
) -> AsyncIterator[Pipeline]:
    """The pipeline of `technoshare comment`; connections are closed at the end."""
    from technoshare_commentator.retrieval.sources.file import FileRetriever  # noqa: PLC0415 - brings trafilatura
    from technoshare_commentator.slack.poster import DryRunPoster  # noqa: PLC0415
    from technoshare_commentator.slack.render import render_message  # noqa: PLC0415

    poster = slack_poster(settings, "technoshare comment --post") if post else DryRunPoster()
    import_what_jobs_need()
    retriever = web_retriever(settings, allow_private=allow_private) if source_is_url else FileRetriever()
    try:
        yield Pipeline(
            retriever=retriever,
            analyst=analyst(settings),
            gate=gate(settings.prompts_dir),
            render=render_message,
            poster=poster,
            tracker=tracker(settings, tracking),
            max_links=settings.max_links_per_message,
        )
    finally:
        await retriever.aclose()


def import_what_jobs_need() -> None:
    """Pay for heavy imports at start-up, so that the first job is as fast as the others."""
    for module in ("sklearn.feature_extraction.text", "trafilatura", "sentencex"):
        import_module(module)


def evaluation_pipeline(
    pages: Mapping[str, str], folder: Path, writer: Analyst, context: ProjectContext | None = None
) -> Pipeline:
    """Production's pipeline over frozen pages (URL to file in `folder`, or to `dist:NAME`); renders, sends nothing."""
    from technoshare_commentator.retrieval.frozen import FrozenRetriever  # noqa: PLC0415 - brings trafilatura
    from technoshare_commentator.slack.poster import DryRunPoster  # noqa: PLC0415
    from technoshare_commentator.slack.render import render_message  # noqa: PLC0415

    return Pipeline(
        retriever=FrozenRetriever(pages, folder),
        analyst=writer,
        gate=gate(context=context),
        render=render_message,
        poster=DryRunPoster(),
        tracker=Tracker(),
    )
