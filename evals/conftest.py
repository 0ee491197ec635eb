"""The task under evaluation: production's own line, with the example's page for a source and nobody posting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import PAGES

from technoshare_commentator import bootstrap
from technoshare_commentator.domain import Job, LinkResult
from technoshare_commentator.pipeline.process_message import process_message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pytest

    from technoshare_commentator.quality.example import CommentaryExample


def pytest_eval_task(config: pytest.Config, variant: str) -> Callable[[CommentaryExample], Awaitable[LinkResult]]:
    del config, variant

    async def comment(example: CommentaryExample) -> LinkResult:
        parts = bootstrap.evaluation_pipeline({example.url: example.page}, PAGES)
        job = Job(id=example.id, channel_id="C0EVAL", message_ts="1700000000.000100", text=example.slack_text)
        (result,) = await process_message(job, parts)
        return result

    return comment


def pytest_eval_run_tags() -> dict[str, str]:
    who = bootstrap.analyst().identity
    return {
        "stage_a_model": who.stage_a_model,
        "stage_b_model": who.stage_b_model,
        "prompt_stage_a": who.prompt_stage_a,
        "prompt_stage_b": who.prompt_stage_b,
    }
