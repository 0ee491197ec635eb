"""The only place where parts are put together: settings in, a pipeline out."""

from __future__ import annotations

from contextlib import asynccontextmanager
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from technoshare_commentator.bootstrap.analysts import EXTRACTIVE, WITHOUT_MODEL, Analysts, secrets, yaml_prompt
from technoshare_commentator.bootstrap.judges import JUDGES_ARE_OFF, Judges
from technoshare_commentator.bootstrap.models import Requests
from technoshare_commentator.config import Settings, require
from technoshare_commentator.errors import ConfigurationError, ModelError, TechnoShareError
from technoshare_commentator.llm.endpoint import PARAMETERS
from technoshare_commentator.mlops.delivery import make_tracker
from technoshare_commentator.mlops.evaluation.recording import async_client
from technoshare_commentator.mlops.evaluation.running.slots import request_slot
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline

__all__ = [
    "EXTRACTIVE",
    "JUDGES_ARE_OFF",
    "WITHOUT_MODEL",
    "Analysts",
    "Judges",
    "Requests",
    "secrets",
    "yaml_prompt",
]

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.prompts.store import PromptStore
    from technoshare_commentator.mlops.settings import TrackingSettings
    from technoshare_commentator.pipeline.ports import Poster
    from technoshare_commentator.prompts import Prompt
    from technoshare_commentator.retrieval.retriever import Retriever

_NO_CHANGES: Mapping[str, Any] = MappingProxyType({})
_NO_PROMPTS: Mapping[str, Prompt] = MappingProxyType({})
_OF_VARIANTS = {
    "stage_a_model": "model_stage_a",
    "base_url": "openai_base_url",
    "timeout_seconds": "model_timeout_seconds",
    "evidence_characters": "model_evidence_characters",
}


def tracker(settings: Settings, tracking: TrackingSettings) -> Tracker:
    """The tracker of a production process."""
    return make_tracker(tracking, secrets(settings))


def prompt_store(settings: Settings, tracking: TrackingSettings) -> PromptStore:
    """The prompts of a production process: what PROMPT_ALIAS points to in the registry, or else the YAML."""
    from technoshare_commentator.mlops.prompts.store import PromptStore  # noqa: PLC0415 - evals do without

    return PromptStore(tracking, alias=settings.prompt_alias, directory=settings.prompts_dir)


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
    prompts = prompt_store(settings, tracking)
    analysts = Analysts(settings, prompt=prompts.current, read=retriever.retrieve if source_is_url else None)
    try:
        yield Pipeline(
            retriever=retriever,
            make_analyst=analysts,
            make_gate=analysts.gate,
            render=render_message,
            poster=poster,
            tracker=tracker(settings, tracking),
            max_links=settings.max_links_per_message,
        )
    finally:
        await analysts.aclose()
        await retriever.aclose()


def variant_analysts(
    settings: Settings,
    model: str = EXTRACTIVE,
    changes: Mapping[str, Any] = _NO_CHANGES,
    prompts: Mapping[str, Prompt] = _NO_PROMPTS,
) -> Analysts:
    """Who writes under a variant of the evaluation: `model` for both stages (the extractive one where it is empty).

    `prompts` by name take the place of those in the YAML.

    `changes` are the variant's settings: `stage_a_model`, `base_url`, `timeout_seconds` and `evidence_characters` stand
    for MODEL_STAGE_A, OPENAI_BASE_URL, MODEL_TIMEOUT_SECONDS and MODEL_EVIDENCE_CHARACTERS, everything else for model
    settings of prompts.
    Raises `ConfigurationError` for a name that is neither.
    """
    model = model or EXTRACTIVE
    fields = {_OF_VARIANTS[name]: value for name, value in changes.items() if name in _OF_VARIANTS}
    overrides = {name: value for name, value in changes.items() if name not in _OF_VARIANTS}
    if unknown := sorted(overrides.keys() - PARAMETERS.keys()):
        known = ", ".join((*_OF_VARIANTS, *PARAMETERS))
        raise ConfigurationError(f"the variant's settings {unknown} are unknown; known are {known}")
    chosen = settings.model_copy(update={"model_stage_a": model, "model_stage_b": model, **fields})

    def prompt(name: str) -> Prompt:
        return prompts.get(name) or yaml_prompt(name, chosen.prompts_dir)

    return Analysts(chosen, prompt=prompt, overrides=overrides, requests=recorded_requests())


def recorded_requests() -> Requests:
    """How requests leave in an evaluation: within its rate, and replayed or recorded as `--eval-record` says.

    No connection outlives its answer, for nobody tells a task or a judge when the session ends.
    """
    import httpx2  # noqa: PLC0415 - only models need it

    client = async_client(limits=httpx2.Limits(max_connections=1000, max_keepalive_connections=0))
    return Requests(client, request_slot)


def import_what_jobs_need() -> None:
    """Pay for heavy imports at start-up, so that the first job is as fast as the others."""
    for module in ("sklearn.feature_extraction.text", "trafilatura", "sentencex"):
        import_module(module)


def evaluation_pipeline(pages: Mapping[str, str], folder: Path, analysts: Analysts) -> Pipeline:
    """Production's pipeline over frozen pages; renders, sends nothing.

    `pages` maps a URL to a file in `folder`: a page, or evidence as `.json`; or to `dist:NAME`.
    """
    from technoshare_commentator.retrieval.frozen import FrozenRetriever  # noqa: PLC0415 - brings trafilatura
    from technoshare_commentator.slack.poster import DryRunPoster  # noqa: PLC0415
    from technoshare_commentator.slack.render import render_message  # noqa: PLC0415

    return Pipeline(
        retriever=FrozenRetriever(pages, folder),
        make_analyst=analysts,
        make_gate=analysts.gate,
        render=render_message,
        poster=DryRunPoster(),
        tracker=Tracker(),
        is_final=_is_final,
    )


def _is_final(failure: TechnoShareError) -> bool:
    """Whether a case has an output; what may pass by itself is an error of the case, which can run again."""
    return not (isinstance(failure, ModelError) and failure.failure.is_transient)
