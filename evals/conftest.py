"""The task under evaluation: production's own line, with the example's page for a source and nobody posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import FOLDER

from technoshare_commentator import bootstrap
from technoshare_commentator.config import load_settings
from technoshare_commentator.domain import Job, LinkResult
from technoshare_commentator.mlops.prompts.fetching import fetch_prompts
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.pipeline.process_message import process_message
from technoshare_commentator.quality.example import NEEDS_REVIEW

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from technoshare_commentator.mlops.evaluation.variants import Variant
    from technoshare_commentator.quality.example import CommentaryExample


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{NEEDS_REVIEW}: examples from production that nobody has decided about yet")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What came from production waits for its reviewer and is no part of the gate: it runs with `-m needs_review`."""
    if NEEDS_REVIEW in config.option.markexpr:
        return
    waiting = [item for item in items if item.get_closest_marker(NEEDS_REVIEW)]
    if waiting:
        config.hook.pytest_deselected(items=waiting)
        items[:] = [item for item in items if not item.get_closest_marker(NEEDS_REVIEW)]


def pytest_eval_task(variant: Variant) -> Callable[[CommentaryExample], Awaitable[LinkResult]]:
    bootstrap.import_what_jobs_need()  # here: while cases run, pytest changes the filters of warnings under them
    prompts = fetch_prompts(variant.prompts, load_tracking_settings()) if variant.prompts else {}
    analysts = bootstrap.variant_analysts(load_settings(), variant.model, variant.settings, prompts)

    async def comment(example: CommentaryExample) -> LinkResult:
        parts = bootstrap.evaluation_pipeline({example.url: example.source}, FOLDER, analysts)
        job = Job(id=example.id, channel_id="C0EVAL", message_ts="1700000000.000100", text=example.slack_text)
        (result,) = await process_message(job, parts)
        return result

    return comment


def pytest_eval_show_output(output: LinkResult) -> str | None:
    return output.message.text if output.message else None
