"""The good commentaries that `technoshare evals mutate` breaks: the dataset's, and those written by hand."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from technoshare_commentator import bootstrap
from technoshare_commentator.config import load_settings
from technoshare_commentator.domain import Job, LinkResult, Outcome, SlackMessage
from technoshare_commentator.errors import ConfigurationError, DatasetError
from technoshare_commentator.mlops.evaluation.dataset import load_dataset
from technoshare_commentator.pipeline.process_message import process_message
from technoshare_commentator.quality.example import NEEDS_REVIEW, CommentaryExample
from technoshare_commentator.quality.mutation.engine import Original
from technoshare_commentator.quality.mutation.written import load_written
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from technoshare_commentator.pipeline.process_message import Pipeline

HAND_WRITTEN = "hand-written"


def rendered(result: LinkResult) -> SlackMessage:
    """Return the message that the pipeline would have made of a result with this commentary."""
    if result.evidence is None or result.commentary is None:
        raise ValueError(f"there is no commentary to render: the job ended as {result.outcome} ({result.error})")
    return render_message(_job(result.job_id, result.url), result.evidence, result.commentary)


def find_examples(dataset: Path) -> tuple[CommentaryExample, ...]:
    """Return the examples of a dataset that should end with a commentary.

    Those from production whose reviewer has not decided yet merely say so: they are often there because it was bad.
    """
    if not dataset.is_file():
        raise ConfigurationError(
            f"there is no dataset {str(dataset)!r} here; run this in the project's folder or name one: "
            "technoshare evals mutate --dataset FILE"
        )
    examples = load_dataset(dataset, CommentaryExample).examples
    return tuple(
        example
        for example in examples
        if isinstance(example, CommentaryExample)
        and example.expected_outcome is Outcome.SUCCESS
        and NEEDS_REVIEW not in example.tags
    )


def originals(
    dataset: Path, wanted: Callable[[str], bool], told: Callable[[int], None], missing: Callable[[str], None]
) -> list[Original]:
    """Comment on the examples of `dataset` through production's pipeline, and read what people wrote on them.

    `wanted` picks by name, `told` hears of each commented page, `missing` of each example without a commentary.
    Commentaries written by hand are the files of the folder `commentaries` beside the dataset's folder.
    """
    home = dataset.resolve().parent.parent
    examples = {example.id: example for example in find_examples(dataset)}
    written = {f"{name}+{HAND_WRITTEN}": one for name, one in load_written(home / "commentaries").items()}
    for name, one in written.items():
        if one.example not in examples:
            raise DatasetError(f"commentary {name!r}: {str(dataset)!r} has no example {one.example!r} that succeeds")
    pages = {one.example for name, one in written.items() if wanted(name)}
    chosen = [example for example in examples.values() if wanted(example.id) or example.id in pages]
    results = asyncio.run(_comment(chosen, home, told))
    for name, result in results.items():
        if result.commentary is None:
            missing(f"{name}: {result.error or result.outcome}")
    found = [Original(name, result, examples[name]) for name, result in results.items() if wanted(name)]
    for name, one in written.items():
        if wanted(name) and one.example in results:
            identity = results[one.example].analyst.model_copy(update={"stage_b_model": HAND_WRITTEN})
            changes = {"commentary": one.commentary, "analyst": identity, "verdict": None}
            result = results[one.example].model_copy(update=changes)
            found.append(Original(name, result.model_copy(update={"message": rendered(result)}), examples[one.example]))
    return [original for original in found if original.result.commentary is not None]


async def _comment(
    examples: Sequence[CommentaryExample], home: Path, told: Callable[[int], None]
) -> Mapping[str, LinkResult]:
    bootstrap.import_what_jobs_need()
    sources = {example.url: example.source for example in examples}
    pipeline: Pipeline = bootstrap.evaluation_pipeline(sources, home, bootstrap.variant_analysts(load_settings()))
    results: dict[str, LinkResult] = {}
    for example in examples:  # one by one: the extractive model computes and does not wait
        (results[example.id],) = await process_message(_job(example.id, example.slack_text), pipeline)
        told(1)
    return results


def _job(name: str, text: str) -> Job:
    return Job(id=name, channel_id="C0EVAL", message_ts="1700000000.000100", text=text)
