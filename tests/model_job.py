"""A job of production's own line, written by whatever model the scripted server plays."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from fakes import EVIDENCE, FakePoster, FakeRetriever
from model_server import KEY, MODEL
from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Coverage, Evidence, Job, Link, LinkResult, Snippet
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline, comment_on_link
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord

FACTS = {"facts": [{"text": "One thing is known.", "snippet_ids": ["s1"]}], "unknowns": [], "coverage": "full"}
COMMENTARY = {"tldr": ["One thing is known."], "summary": [], "projects": [], "similar_tech": []}
OTHER_PAGE = "https://example.org/figures"


class Pages(FakeRetriever):
    """Has two pages: the one that was shared, and one on the same host; what begins with `lost` cannot be read."""

    lost = "nowhere:"

    async def retrieve(self, link: Link) -> Evidence:
        self.asked.append(link.url)
        if link.url.startswith(self.lost):
            raise TechnoShareError("gone")
        if link.url != OTHER_PAGE:
            return EVIDENCE
        snippets = (Snippet(id="s1", text="It takes 12 seconds on two cores."),)
        return Evidence(
            url=OTHER_PAGE,
            final_url=OTHER_PAGE,
            title="Figures",
            adapter_name="webpage",
            coverage=Coverage.FULL,
            snippets=snippets,
        )


class ModelJob:
    """Runs jobs and keeps what they left: posted messages, pages that were read, the job's record."""

    def __init__(self, base_url: str, **settings: Any) -> None:
        values = {"openai_base_url": base_url, "openai_api_key": KEY, "model_max_retries": 2, **settings}
        self.settings = Settings(_env_file=None, model_stage_a=MODEL, model_stage_b=MODEL, **values)
        self.poster = FakePoster()
        self.pages = Pages()
        self.records: list[RunRecord] = []

    def run(self) -> LinkResult:
        """Comment on the page, everything but the network in between being production's."""
        return asyncio.run(self._run())

    async def _run(self) -> LinkResult:
        analysts = bootstrap.Analysts(self.settings, read=self.pages.retrieve)
        pipeline = Pipeline(
            retriever=self.pages,
            make_analyst=analysts,
            make_gate=analysts.gate,
            render=render_message,
            poster=self.poster,
            tracker=Tracker(self.records.append),
        )
        try:
            return await comment_on_link(
                Job(id="m1", channel_id="C1", text=EVIDENCE.url), Link(url=EVIDENCE.url), pipeline
            )
        finally:
            await analysts.aclose()
