"""`technoshare doctor`: what is configured, what is missing for which command, what can be reached."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from rich.table import Table
from rich.text import Text

from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.errors import TechnoShareError
from technoshare_commentator.mlops.delivery import unreachable
from technoshare_commentator.mlops.spool import Spool
from technoshare_commentator.prompts import default_directory, load_project_context

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import Console

    from technoshare_commentator.mlops.settings import TrackingSettings

State = Literal["ok", "off", "missing", "broken"]
_STYLES: dict[State, str] = {"ok": "green", "off": "dim", "missing": "yellow", "broken": "bold red"}


@dataclass(frozen=True)
class Finding:
    """One line of the diagnosis; `broken` is what is configured and does not work."""

    what: str
    state: State
    detail: str


async def print_diagnosis(console: Console, settings: Settings, tracking: TrackingSettings, directory: Path) -> bool:
    """Print the findings; True when nothing that is configured is broken."""
    findings = await diagnose(settings, tracking, directory)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("what", "state", "detail"):
        table.add_column(title, overflow="fold")
    for finding in findings:
        table.add_row(finding.what, Text(finding.state, style=_STYLES[finding.state]), Text(finding.detail))
    console.print(table)
    return all(finding.state != "broken" for finding in findings)


async def diagnose(settings: Settings, tracking: TrackingSettings, directory: Path) -> list[Finding]:
    """Look at everything a command may need."""
    return [
        _dotenv(directory),
        _prompts(settings),
        await _model(settings),
        await _judge(settings),
        await _slack(settings),
        _github(settings),
        _mlflow(tracking),
        _spool(tracking),
    ]


def _dotenv(directory: Path) -> Finding:
    path = directory / ".env"
    if path.is_file():
        return Finding(".env", "ok", str(path))
    return Finding(".env", "off", f"not in {directory}; 'technoshare comment FILE' needs none (.env.example explains)")


def _prompts(settings: Settings) -> Finding:
    folder = settings.prompts_dir or default_directory()
    try:
        themes = load_project_context(settings.prompts_dir).theme_names
        bootstrap.Analysts(Settings.model_construct(prompts_dir=settings.prompts_dir))()
    except TechnoShareError as error:
        return Finding("prompts", "broken", str(error))
    return Finding("prompts", "ok", f"{folder}: {len(themes)} themes")


async def _model(settings: Settings) -> Finding:
    try:
        analysts = bootstrap.Analysts(settings)
        who = analysts().identity
        problem = await analysts.problem()
        await analysts.aclose()
    except TechnoShareError as error:
        return Finding("model", "broken", str(error))
    if problem:
        return Finding("model", "broken", problem)
    return Finding("model", "ok", f"stage A {who.stage_a_model}, stage B {who.stage_b_model}")


async def _judge(settings: Settings) -> Finding:
    if settings.model_judge is None:
        return Finding("judge", "off", "MODEL_JUDGE is not set: nobody judges in the evaluation")
    try:
        judges = bootstrap.Judges(settings)
        problem = await judges.problem()
        await judges.aclose()
    except TechnoShareError as error:
        return Finding("judge", "broken", str(error))
    if problem:
        return Finding("judge", "broken", problem)
    return Finding("judge", "ok", f"{settings.model_judge}, votes: {settings.judge_votes}")


async def _slack(settings: Settings) -> Finding:
    names = ("SLACK_BOT_TOKEN", "TECHNOSHARE_CHANNEL_ID")
    missing = [name for name in names if getattr(settings, name.lower()) is None]
    if missing:
        return Finding("Slack", "missing", f"{' and '.join(missing)}: needed by 'technoshare comment --post'")
    from technoshare_commentator.slack.poster import SlackPoster  # noqa: PLC0415 - brings slack-sdk

    token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else ""
    try:
        who = await SlackPoster(token, base_url=settings.slack_api_url).check()
    except TechnoShareError as error:
        return Finding("Slack", "broken", str(error))
    return Finding("Slack", "ok", f"{who.user} in {who.team}, posts to {settings.technoshare_channel_id}")


def _github(settings: Settings) -> Finding:
    if settings.github_token is None:
        return Finding("GitHub", "off", "GITHUB_TOKEN is not set: 60 repositories an hour without it")
    return Finding("GitHub", "ok", "GITHUB_TOKEN is set")


def _mlflow(tracking: TrackingSettings) -> Finding:
    if not tracking.tracking:
        return Finding("MLflow", "off", "MLFLOW_ENABLE_TRACKING=false")
    problem = unreachable(tracking.uri)
    if problem:
        return Finding("MLflow", "broken", f"{problem}; jobs go on and their records wait in the spool")
    traces = "" if tracking.tracing else ", without traces (MLFLOW_ENABLE_TRACING=false)"
    return Finding("MLflow", "ok", f"{tracking.uri}, experiment {tracking.experiment}{traces}")


def _spool(tracking: TrackingSettings) -> Finding:
    state = Spool(tracking.spool_directory).status()
    home = _first_that_exists(tracking.home.resolve())
    if not os.access(home, os.W_OK):
        return Finding("spool", "broken", f"{home} cannot be written; set TECHNOSHARE_HOME to a folder that can")
    detail = f"{state.directory}: {state.pending} pending, {state.set_aside} set aside"
    return Finding("spool", "ok", f"{detail}; last error: {state.last_error}" if state.last_error else detail)


def _first_that_exists(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
