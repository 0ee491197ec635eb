"""The only place where parts are put together: settings in, a pipeline out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from pydantic import SecretStr

from technoshare_commentator.config import Settings, require
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.delivery import make_tracker
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline
from technoshare_commentator.prompts import STAGE_A, STAGE_B, ProjectContext, load_project_context, load_prompt

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.pipeline.ports import Analyst, Gate, Poster
    from technoshare_commentator.retrieval.retriever import Retriever

EXTRACTIVE = "extractive"
MODELS = (EXTRACTIVE, "extractive-lead")


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


def analyst(settings: Settings | None = None) -> Analyst:
    """Who writes the commentary: one of `MODELS`, which need neither key nor network, for both stages."""
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
    return _extractive(stage_a, getattr(settings, "prompts_dir", None))


@lru_cache(maxsize=4)
def _extractive(model: str, prompts: Path | None) -> Analyst:
    from technoshare_commentator.llm.extractive import ExtractiveAnalyst  # noqa: PLC0415 - brings scikit-learn

    stages = load_prompt(STAGE_A, prompts), load_prompt(STAGE_B, prompts)
    return ExtractiveAnalyst(project_context(prompts), *stages, model)


def gate(prompts: Path | None = None) -> Gate:
    """The contract over the team's themes."""
    from technoshare_commentator.quality.gate import ContractGate  # noqa: PLC0415 - only who judges needs it

    return ContractGate(project_context(prompts))


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


def evaluation_pipeline(pages: Mapping[str, str], folder: Path, writer: Analyst) -> Pipeline:
    """Production's pipeline over frozen pages; renders, sends nothing.

    `pages` maps a URL to a file in `folder`: a page, or evidence as `.json`; or to `dist:NAME`.
    """
    from technoshare_commentator.retrieval.frozen import FrozenRetriever  # noqa: PLC0415 - brings trafilatura
    from technoshare_commentator.slack.poster import DryRunPoster  # noqa: PLC0415
    from technoshare_commentator.slack.render import render_message  # noqa: PLC0415

    return Pipeline(
        retriever=FrozenRetriever(pages, folder),
        analyst=writer,
        gate=gate(),
        render=render_message,
        poster=DryRunPoster(),
        tracker=Tracker(),
    )
