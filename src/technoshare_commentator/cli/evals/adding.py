"""`technoshare evals add`: jobs of production become examples of a dataset, what they read frozen beside it."""

from __future__ import annotations

import logging
import re
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from technoshare_commentator.bootstrap import secrets
from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.evals.adding_output import print_additions
from technoshare_commentator.config import load_settings
from technoshare_commentator.domain import Outcome
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.redaction import Redactor
from technoshare_commentator.mlops.settings import load_tracking_settings

if TYPE_CHECKING:
    from technoshare_commentator.cli.evals.additions import Additions
    from technoshare_commentator.mlops.mlflow_jobs import JobReader, TrackedJob

_DATASET = Path("evals/datasets/technoshare.json")
_PERIOD = re.compile(r"([0-9]{1,5})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SINCE, _LIMIT = "7d", 20


class Kind(StrEnum):
    """Which jobs are wanted."""

    FAILURES = "failures"
    SUCCESSES = "successes"
    ALL = "all"


class Expected(StrEnum):
    """What a reviewer may decide should become of a link."""

    SUCCESS = "success"
    GATE_FAILED = "gate_failed"


_OUTCOMES = {
    Kind.FAILURES: frozenset({Outcome.GATE_FAILED, Outcome.ERROR}),
    Kind.SUCCESSES: frozenset({Outcome.SUCCESS}),
    Kind.ALL: frozenset({Outcome.SUCCESS, Outcome.GATE_FAILED, Outcome.ERROR}),
}


def add(  # noqa: PLR0913 - flags
    run_ids: Annotated[
        list[str] | None, typer.Argument(metavar="RUN_ID", help="MLflow runs of jobs.", show_default=False)
    ] = None,
    *,
    kind: Annotated[Kind | None, typer.Option("--from", help="Take the newest jobs of this kind instead.")] = None,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help=f"With --from: 30m, 12h, 7d, 2w or a date in UTC (default: {_SINCE}).")
    ] = "",
    limit: Annotated[
        int | None, typer.Option(min=1, help=f"With --from: add at most this many examples (default: {_LIMIT}).")
    ] = None,
    dataset: Annotated[Path, typer.Option(metavar="FILE", help="The dataset to add to.")] = _DATASET,
    example_id: Annotated[
        str, typer.Option("--id", metavar="ID", help="Name of the example (default: from host and title).")
    ] = "",
    expect: Annotated[
        Expected | None, typer.Option(help="Decide now what should become of the link, instead of in a review.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be added and write nothing.")] = False,
) -> None:
    """Turn tracked jobs into examples, with what they read frozen beside the dataset.

    An example that nobody has decided about is tagged `needs_review` and expected to succeed. `pytest evals` leaves it
    out, so that it decides no gate; `pytest evals -m needs_review --eval-gate none` runs it. Once you have set its
    `expected_outcome`, remove the tag. What a job read that is in the dataset already is not added again.

    For example:

    - `technoshare evals add 0f3c5a…`
    - `technoshare evals add 0f3c5a… --id blog-moved-page --expect gate_failed`
    - `technoshare evals add --from failures --since 7d --dry-run`
    """
    _check_usage(run_ids or [], kind, bulk=bool(since or limit), example_id=example_id)
    first = parse_since(since or _SINCE, datetime.now(UTC))
    logging.disable()  # whatever MLflow tells of itself while it is opened
    from technoshare_commentator.cli.evals.additions import Additions  # noqa: PLC0415 - brings pydantic models and more
    from technoshare_commentator.mlops.evaluation.dataset_file import open_dataset  # noqa: PLC0415 - as above
    from technoshare_commentator.mlops.mlflow_jobs import JobReader  # noqa: PLC0415 - as above
    from technoshare_commentator.quality.example import CommentaryExample  # noqa: PLC0415 - as above

    with open_dataset(dataset, CommentaryExample) as file:
        additions = Additions(file, Redactor(secrets(load_settings())), Outcome(expect) if expect else None)
        with Console(stderr=True).status("reading jobs from MLflow"):
            reader = JobReader(load_tracking_settings())
            for run_id in run_ids or ():
                _take(additions, reader, reader.job(run_id), example_id)
            if kind is not None:
                _take_newest(additions, reader, kind, first, limit or _LIMIT)
        if not dry_run:
            additions.write()
    print_additions(make_console(), additions, dry_run=dry_run)
    if kind is not None and (waiting := reader.about_the_spool()):
        print(f"technoshare: {waiting}; until then they are not looked at", file=sys.stderr)


def parse_since(text: str, now: datetime) -> datetime:
    """Return the moment that `30m`, `12h`, `7d`, `2w` before `now` or an ISO date (UTC, if it names no zone) means.

    Raises `typer.BadParameter` for anything else, and for a moment that is still to come.
    """
    if period := _PERIOD.fullmatch(text.strip()):
        return now - timedelta(**{_UNITS[period[2]]: int(period[1])})
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        is_over = moment <= now
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is no time; write 30m, 12h, 7d, 2w or a date such as {now:%Y-%m-%d}", param_hint="--since"
        ) from None
    if not is_over:
        raise typer.BadParameter(f"{text!r} is still to come; it is {now:%Y-%m-%d %H:%M} UTC", param_hint="--since")
    return moment


def _check_usage(run_ids: list[str], kind: Kind | None, *, bulk: bool, example_id: str) -> None:
    if bool(run_ids) == (kind is not None):
        raise typer.BadParameter(
            "give the ids of runs, or --from failures, successes or all"
            if not run_ids
            else "give either the ids of runs or --from, not both",
            param_hint="RUN_ID",
        )
    if run_ids and bulk:
        raise typer.BadParameter("they go with --from; a run that is named is taken", param_hint="--since, --limit")
    if example_id and len(run_ids) != 1:
        raise typer.BadParameter("it names one example; give one run with it", param_hint="--id")


def _take(additions: Additions, reader: JobReader, job: TrackedJob, example_id: str) -> None:
    try:
        additions.take(reader, job, example_id)
    except DatasetError as error:
        raise DatasetError(f"the job {job.name!r} (run {job.run_id}) cannot become an example: {error}") from error


def _take_newest(additions: Additions, reader: JobReader, kind: Kind, first: datetime, limit: int) -> None:
    for job in reader.since(first):
        if len(additions.planned) == limit:
            return
        if job.outcome in _OUTCOMES[kind]:
            try:
                additions.take(reader, job)
            except DatasetError as error:
                additions.leave_out(job, str(error))
