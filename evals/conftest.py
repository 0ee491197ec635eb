"""The task under evaluation: production's own line, with the example's page for a source and nobody posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import PAGES

from technoshare_commentator import bootstrap
from technoshare_commentator.config import load_settings
from technoshare_commentator.domain import Job, LinkResult
from technoshare_commentator.mlops.prompts.fetching import fetch_prompts
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.pipeline.process_message import process_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.quality.example import CommentaryExample


def pytest_eval_task(variant: Variant) -> Callable[[CommentaryExample], Awaitable[LinkResult]]:
    bootstrap.import_what_jobs_need()  # here: while cases run, pytest changes the filters of warnings under them
    prompts = fetch_prompts(variant.prompts, load_tracking_settings()) if variant.prompts else {}
    analysts = bootstrap.variant_analysts(load_settings(), variant.model, variant.settings, prompts)

    async def comment(example: CommentaryExample) -> LinkResult:
        parts = bootstrap.evaluation_pipeline({example.url: example.page}, PAGES, analysts)
        job = Job(id=example.id, channel_id="C0EVAL", message_ts="1700000000.000100", text=example.slack_text)
        (result,) = await process_message(job, parts)
        return result

    return comment


def pytest_eval_show_output(output: LinkResult) -> str | None:
    return output.message.text if output.message else None
