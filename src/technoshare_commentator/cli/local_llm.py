"""`technoshare local-llm`: small language models on this machine, for trying, testing and recording."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.llm.local.models import MODELS, LocalModel, find_model
from technoshare_commentator.llm.local.server import served
from technoshare_commentator.mlops.settings import load_tracking_settings


def local_llm(
    names: Annotated[list[str] | None, typer.Argument(metavar="[MODEL]...", help="smollm2 (default), gemma3.")] = None,
    *,
    run: Annotated[
        str, typer.Option(metavar="COMMAND", help="Run this while the models are served, and end with its exit status.")
    ] = "",
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port, when one model is served.")] = None,
    list_models: Annotated[bool, typer.Option("--list", help="List the models, and what installs them.")] = False,
) -> None:
    """Serve small language models on loopback, behind the API that OpenAI's SDK speaks.

    They come as packages and need neither key nor account. What they write is often wrong: that is what they are for.
    smollm2 listens on port 8081 and gemma3 on 8082, where `evals/variants.yaml` looks for them.

    For example:

    - `technoshare local-llm` and, elsewhere,
      `MODEL_STAGE_A=smollm2 OPENAI_BASE_URL=http://127.0.0.1:8081/v1 technoshare comment page.html`
    - `technoshare local-llm smollm2 gemma3 --run 'pytest evals --eval-variant extractive,smollm2,gemma3 -k arxiv'`

    Exit status: 2 when a model is not installed or a port is taken, otherwise that of the command.
    """
    if list_models:
        _print_models(Console())
        return
    models = [find_model(name) for name in dict.fromkeys(names or ["smollm2"])]
    if port is not None and len(models) > 1:
        raise ConfigurationError("--port is for one model; without it each has its own")
    folder = load_tracking_settings().home / "local-llm"
    folder.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    with ExitStack() as serving:
        urls = [_serve(serving, model, port, folder, console) for model in models]
        if run:
            raise typer.Exit(_run(run, urls[0]))
        console.print("Ctrl-C ends it.", style="dim")
        signal.sigwait({signal.SIGINT, signal.SIGTERM})


def _serve(serving: ExitStack, model: LocalModel, port: int | None, folder: Path, console: Console) -> str:
    with console.status(f"{model.name} starts …"):
        url = serving.enter_context(served(model, port, folder / f"{model.name}.log"))
    console.print(f"{model.name} answers on {url} (MODEL_STAGE_A={model.name} OPENAI_BASE_URL={url})", soft_wrap=True)
    return url


def _run(command: str, url: str) -> int:
    """Run a command with OPENAI_BASE_URL naming the first model, unless something is set already.

    Its programs are those installed beside this one, if there are such: `pytest` is the one of the same environment.
    Ctrl-C reaches the command too, and it ends when the command has: pytest has a report to write then.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {"OPENAI_BASE_URL": url, **os.environ, "PATH": path}
    before = signal.signal(signal.SIGINT, lambda *_: None)  # SIG_IGN would be handed on to the command
    try:
        return subprocess.run(shlex.split(command), env=environment, check=False).returncode  # noqa: S603 - the user's
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"--run {command!r} cannot be run: {error}") from error
    finally:
        signal.signal(signal.SIGINT, before)


def _print_models(console: Console) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for title in ("model", "port", "installed", "what it is, and how to install it"):
        table.add_column(title, overflow="fold")
    for model in MODELS.values():
        table.add_row(
            model.name,
            str(model.port),
            "yes" if model.is_installed else "no",
            model.description if model.is_installed else f"{model.description}: {model.install}",
        )
    console.print(table)
