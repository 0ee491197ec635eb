"""`technoshare …`: every command, each a thin layer over the package."""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from technoshare_commentator import __version__, bootstrap
from technoshare_commentator.cli.doctor import print_diagnosis
from technoshare_commentator.cli.evals.app import app as evals_app
from technoshare_commentator.cli.local_llm import local_llm
from technoshare_commentator.cli.output import print_effort, print_result, result_as_json
from technoshare_commentator.cli.prompts.app import app as prompts_app
from technoshare_commentator.cli.spool import app as spool_app
from technoshare_commentator.config import Settings, load_settings
from technoshare_commentator.domain import Job, Link, LinkResult, Outcome
from technoshare_commentator.errors import ModelError, ModelFailure, TechnoShareError
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.pipeline.process_message import comment_on_link

if TYPE_CHECKING:
    from types import FrameType

EXIT_UNEXPECTED = 1
EXIT_GATE_FAILED = 3
EXIT_NOTHING_READ = 4

app = typer.Typer(
    name="technoshare",
    help="Reads technology links and answers with a commentary that is grounded in the page.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="markdown",
)
app.add_typer(evals_app, name="evals")
app.add_typer(prompts_app, name="prompts")
app.add_typer(spool_app, name="spool")
app.command("local-llm")(local_llm)


def main() -> None:
    """Run a command; an error meant for people becomes one line on stderr and its own exit status."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows a question mark, not a traceback
    signal.signal(signal.SIGTERM, _end)
    try:
        app()
    except TechnoShareError as error:
        print(f"technoshare: {error}", file=sys.stderr)
        sys.exit(error.exit_status)


def _end(signal_number: int, _frame: FrameType | None) -> None:
    """End by unwinding, as Ctrl-C does: what a job has recorded so far is kept."""
    sys.exit(128 + signal_number)


def _show_version(asked: bool) -> None:  # noqa: FBT001 - the callback's signature is typer's
    if asked:
        print(__version__)
        raise typer.Exit


@app.callback()
def _common(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


@app.command()
def comment(
    source: Annotated[str, typer.Argument(help="A URL, an .html, .md, .txt or .pdf file, or - for standard input.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
    post: Annotated[bool, typer.Option("--post", help="Post to TECHNOSHARE_CHANNEL_ID when the gate passes.")] = False,
    thread: Annotated[str, typer.Option(metavar="TS", help="With --post: the message to answer.")] = "",
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Also read addresses that are not public, such as an intranet's.")
    ] = False,
) -> None:
    """Comment on one page.

    Exit status: 0 the commentary passed every rule, 2 usage or configuration, 3 the gate failed (the commentary and
    every failed rule are printed), 4 nothing could be read from the source, 5 the model gave nothing of use,
    1 anything unexpected.

    Examples: `technoshare comment https://example.com/post`, `technoshare comment page.html --json`,
    `curl … | technoshare comment -`
    """
    if not source.strip():
        raise typer.BadParameter("it is empty; give a URL, a file or - for standard input", param_hint="SOURCE")
    settings = load_settings()
    _log_to_stderr(settings)
    with Console(stderr=True).status(f"{settings.model_stage_a} reads, {settings.model_stage_b} writes …"):
        result = asyncio.run(_comment(settings, source, post=post, thread=thread, allow_private=allow_private))
    if as_json:
        print(json.dumps(result_as_json(result), indent=2))
    else:
        print_result(Console(), result)
        print_effort(Console(stderr=True), result)
    raise typer.Exit(_exit_status(result))


async def _comment(settings: Settings, source: str, *, post: bool, thread: str, allow_private: bool) -> LinkResult:
    parts = bootstrap.comment_pipeline(
        settings, load_tracking_settings(), source_is_url="://" in source, post=post, allow_private=allow_private
    )
    job = Job(
        id=f"cli-{secrets.token_hex(4)}",
        channel_id=settings.technoshare_channel_id or "",
        message_ts=thread,
        text=source,
    )
    async with parts as pipeline:
        return await comment_on_link(job, Link(url=source), pipeline)


@app.command()
def doctor() -> None:
    """Say what is configured, what is missing for which command, and what can be reached.

    Exit status: 0 when everything that is configured works, 2 otherwise.
    """
    healthy = asyncio.run(print_diagnosis(Console(), load_settings(), load_tracking_settings(), Path.cwd()))
    raise typer.Exit(0 if healthy else 2)


def _exit_status(result: LinkResult) -> int:
    if result.outcome is Outcome.SUCCESS:
        return 0
    if result.outcome is Outcome.GATE_FAILED:
        return EXIT_GATE_FAILED
    if result.error_reason in set(ModelFailure):
        return ModelError.exit_status
    return EXIT_NOTHING_READ if result.evidence is None else EXIT_UNEXPECTED


def _log_to_stderr(settings: Settings) -> None:
    level = settings.log_level if "log_level" in settings.model_fields_set else logging.WARNING  # people read this one
    logging.basicConfig(level=level, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    for chatty in ("httpx2", "httpcore2", "trafilatura", "pypdf", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
