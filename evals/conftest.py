"""The task under evaluation: production's own line, with the example's page for a source and nobody posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import PAGES

from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Job, LinkResult
from technoshare_commentator.mlops.prompts.fetching import fetch_prompts
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.mlops.tracking import current_run
from technoshare_commentator.pipeline.process_message import process_message
from technoshare_commentator.prompts import CONTEXT, context_of

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.pipeline.ports import Analyst
    from technoshare_commentator.prompts import Prompt
    from technoshare_commentator.quality.example import CommentaryExample


def pytest_eval_task(variant: Variant) -> Callable[[CommentaryExample], Awaitable[LinkResult]]:
    bootstrap.import_what_jobs_need()  # here: while cases run, pytest changes the filters of warnings under them
    prompts = _prompts(variant)
    writer = _writer(variant, prompts)
    themes = prompts.get(CONTEXT)
    context = context_of(themes) if themes else None

    async def comment(example: CommentaryExample) -> LinkResult:
        run = current_run()
        if run and themes:
            run.tag(prompt_project_context=themes.label)  # the analyst names its prompts itself
        parts = bootstrap.evaluation_pipeline({example.url: example.page}, PAGES, writer, context)
        job = Job(id=example.id, channel_id="C0EVAL", message_ts="1700000000.000100", text=example.slack_text)
        (result,) = await process_message(job, parts)
        return result

    return comment


def pytest_eval_show_output(output: LinkResult) -> str | None:
    return output.message.text if output.message else None


def _prompts(variant: Variant) -> dict[str, Prompt]:
    """The variant's versions of prompts; those of the YAML that it does not name are used as they are."""
    return fetch_prompts(variant.prompts, load_tracking_settings()) if variant.prompts else {}


def _writer(variant: Variant, prompts: dict[str, Prompt]) -> Analyst:
    model = variant.model or bootstrap.EXTRACTIVE
    settings = Settings.model_construct(model_stage_a=model, model_stage_b=model)
    return bootstrap.analyst(settings, prompts)
