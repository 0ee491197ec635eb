"""A job whose stages have nothing left to do: real values of a real page, made once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Job, Link, LinkResult, SlackMessage, StageAResult, StageBResult
from technoshare_commentator.pipeline.process_message import Pipeline, comment_on_link

if TYPE_CHECKING:
    from collections.abc import Callable

WARM_UP_JOBS = 3
LINK = Link(url="https://bench.example/vector-databases")
PAGES = Path(__file__).resolve().parents[1] / "evals" / "pages"


def real_pipeline() -> Pipeline:
    """Production's line over a page of the evaluation dataset, tracked nowhere."""
    analysts = bootstrap.Analysts(Settings.model_construct())
    return bootstrap.evaluation_pipeline({LINK.url: "bench-vector-databases-50m.html"}, PAGES, analysts)


def prepared_pipeline() -> Pipeline:
    """The same line with every stage answered from memory."""
    real = real_pipeline()
    known = asyncio.run(comment_on_link(Job(id="bench"), LINK, real))
    answers = _Answers(known, real)
    return replace(
        real, retriever=answers, make_analyst=lambda: answers, make_gate=lambda: answers, render=answers.render
    )


def milliseconds(jobs: int, job: Callable[[int], Any]) -> list[float]:
    """Time each of `jobs` jobs after a few that do not count."""
    times = []
    for number in range(jobs + WARM_UP_JOBS):
        started = time.perf_counter()
        job(number)
        times.append((time.perf_counter() - started) * 1000)
    return times[WARM_UP_JOBS:]


class _Answers:
    """Retriever, analyst and gate that know the answers."""

    can_revise = False

    def __init__(self, known: LinkResult, real: Pipeline) -> None:
        self._known = known
        self.identity = real.make_analyst().identity
        self.settings = real.make_gate().settings

    async def retrieve(self, _link: Link) -> Any:
        return self._known.evidence

    async def extract_facts(self, _evidence: Any) -> StageAResult:
        assert self._known.facts is not None
        return StageAResult(facts=self._known.facts)

    async def revise_reply(self, *_parts: Any) -> StageBResult:
        raise NotImplementedError

    async def compose_reply(self, _evidence: Any, _facts: Any) -> StageBResult:
        assert self._known.commentary is not None
        return StageBResult(commentary=self._known.commentary)

    def render(self, _job: Job, _evidence: Any, _commentary: Any) -> SlackMessage:
        assert self._known.message is not None
        return self._known.message

    def judge(self, *_: Any) -> Any:
        return self._known.verdict
