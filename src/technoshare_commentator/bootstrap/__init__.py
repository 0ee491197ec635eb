"""The only place where parts are put together: settings in, a pipeline out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from technoshare_commentator.bootstrap.analysts import EXTRACTIVE, WITHOUT_MODEL, Analysts, project_context, secrets
from technoshare_commentator.bootstrap.judges import JUDGES_ARE_OFF, Judges
from technoshare_commentator.bootstrap.models import Requests
from technoshare_commentator.config import Settings, require
from technoshare_commentator.mlops.delivery import make_tracker
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline

__all__ = [
    "EXTRACTIVE",
    "JUDGES_ARE_OFF",
    "WITHOUT_MODEL",
    "Analysts",
    "Judges",
    "Requests",
    "project_context",
    "secrets",
]

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.pipeline.ports import Analyst, Gate, Poster
    from technoshare_commentator.retrieval.retriever import Retriever


def tracker(settings: Settings, tracking: TrackingSettings) -> Tracker:
    """The tracker of a production process."""
    return make_tracker(tracking, secrets(settings))


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
    analysts = Analysts(settings, read=retriever.retrieve if source_is_url else None)
    try:
        yield Pipeline(
            retriever=retriever,
            make_analyst=analysts,
            gate=gate(settings.prompts_dir),
            render=render_message,
            poster=poster,
            tracker=tracker(settings, tracking),
            max_links=settings.max_links_per_message,
        )
    finally:
        await analysts.aclose()
        await retriever.aclose()


def import_what_jobs_need() -> None:
    """Pay for heavy imports at start-up, so that the first job is as fast as the others."""
    for module in ("sklearn.feature_extraction.text", "trafilatura", "sentencex"):
        import_module(module)


def evaluation_pipeline(pages: Mapping[str, str], folder: Path, analysts: Callable[[], Analyst]) -> Pipeline:
    """Production's pipeline over frozen pages (URL to file in `folder`, or to `dist:NAME`); renders, sends nothing."""
    from technoshare_commentator.retrieval.frozen import FrozenRetriever  # noqa: PLC0415 - brings trafilatura
    from technoshare_commentator.slack.poster import DryRunPoster  # noqa: PLC0415
    from technoshare_commentator.slack.render import render_message  # noqa: PLC0415

    return Pipeline(
        retriever=FrozenRetriever(pages, folder),
        make_analyst=analysts,
        gate=gate(),
        render=render_message,
        poster=DryRunPoster(),
        tracker=Tracker(),
    )
