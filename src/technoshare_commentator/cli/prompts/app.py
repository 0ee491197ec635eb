"""`technoshare prompts …`: prompts in the registry: sync, list, show, diff, promote, rollback."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.core import TyperCommand

from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.prompts.access import find_prompt, open_registry, take_copy
from technoshare_commentator.config import load_settings
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.prompts import YAML, load_prompt, load_prompt_file, prompt_files

app = typer.Typer(
    help="Prompts in MLflow's registry: keep them in step with the YAML, promote them, roll them back.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The prompt's name, as its YAML has it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]
_PYTEST = "arguments for pytest"


@app.command()
def sync(*, as_json: AsJson = False) -> None:
    """Register the prompts of the YAML; one whose content is a version already keeps that version.

    `candidate` then points to what the YAML has, and `prod` too for a prompt that is new. May run several times at
    once. Exit status: 0 done, 2 a file is malformed or the registry cannot be reached.
    """
    from technoshare_commentator.mlops.prompts.provenance import provenance  # noqa: PLC0415 - only here
    from technoshare_commentator.mlops.prompts.syncing import sync_prompt  # noqa: PLC0415 - brings the registry

    prompts = [(path, load_prompt_file(path)) for path in prompt_files(load_settings().prompts_dir)]
    experiment = load_tracking_settings().experiment
    registry = open_registry(to_write=True)
    synced = [sync_prompt(registry, prompt, provenance(path), experiment) for path, prompt in prompts]
    take_copy(registry)
    if as_json:
        print(json.dumps([asdict(one) for one in synced], indent=2))
        return
    for one in synced:
        now = f"; now {' and '.join(one.moved)}" if one.moved else ""
        print(f"{one.name}: version {one.version} {'registered' if one.created else 'is up to date'}{now}")


@app.command("list")
def list_prompts(*, as_json: AsJson = False) -> None:
    """List the prompts: the hash of the YAML, which versions are candidate and prod, and what is to be done.

    The state is *in sync*, *YAML changed* or *not synced* (sync), *candidate waits* (promote), or *no YAML*.
    """
    from technoshare_commentator.cli.prompts.views import listed, print_list  # noqa: PLC0415 - brings the registry
    from technoshare_commentator.mlops.prompts.stored import CANDIDATE  # noqa: PLC0415 - as above

    in_yaml = {prompt.name: prompt for prompt in map(load_prompt_file, prompt_files(load_settings().prompts_dir))}
    registry = open_registry()
    stored = registry.prompts()
    candidates = {prompt.name: prompt for prompt in registry.with_alias(CANDIDATE)}
    names = dict.fromkeys([*in_yaml, *stored])
    found = [listed(name, in_yaml.get(name), stored.get(name), candidates.get(name)) for name in names]
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    else:
        print_list(make_console(), found)


@app.command()
def show(
    name: Name,
    reference: Annotated[
        str, typer.Argument(metavar="VERSION", help="A number, an alias, 'latest' or 'yaml'.")
    ] = "prod",
    *,
    as_json: AsJson = False,
) -> None:
    """Print one version whole: its tags, who made it from which commit, what proved it, and its content.

    For example:

    - `technoshare prompts show stage_b_compose_reply`
    - `technoshare prompts show stage_b_compose_reply 3 --json`
    """
    from technoshare_commentator.cli.prompts import views  # noqa: PLC0415 - brings the registry

    if reference == YAML:
        prompt = load_prompt(name, load_settings().prompts_dir)
        if as_json:
            print(json.dumps(views.prompt_as_json(prompt), indent=2))
        else:
            views.print_prompt(make_console(), prompt)
        return
    version = open_registry().version(name, reference)
    if as_json:
        print(json.dumps(views.version_as_json(version), indent=2))
    else:
        views.print_version(make_console(), version)


@app.command()
def diff(
    name: Name,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A number, an alias, 'latest' or 'yaml'.")] = "prod",
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Likewise.")] = YAML,
    *,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit with 1 when there is a difference.")] = False,
) -> None:
    """Print what is different between two versions, or between a version and the YAML.

    For example:

    - `technoshare prompts diff stage_b_compose_reply` (what the YAML would change in production)
    - `technoshare prompts diff stage_b_compose_reply 2 3`
    """
    from technoshare_commentator.cli.prompts.views import print_difference  # noqa: PLC0415 - brings the registry

    earlier, later = (find_prompt(name, reference) for reference in (before, after))
    if not print_difference(make_console(), earlier, later):
        print(f"{earlier.label} and {later.label} have the same content")
    elif exit_code:
        raise typer.Exit(1)


class _WithPytestArguments(TyperCommand):
    """Keeps what follows `--` for pytest, which has arguments without a dash too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Split at the first `--`."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_PYTEST] = args[at + 1 :]
        return super().parse_args(ctx, args[:at])


@app.command(cls=_WithPytestArguments)
def promote(  # noqa: PLR0913 - the flags of a promotion and of its proof
    context: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Prompts; with --if-gate all that wait, if none.")
    ] = None,
    *,
    alias: Annotated[str, typer.Option("--to", metavar="ALIAS", help="The alias to move.")] = "prod",
    version: Annotated[
        str, typer.Option(metavar="VERSION", help="What to promote: a number or an alias.")
    ] = "candidate",
    if_gate: Annotated[
        bool, typer.Option("--if-gate", help="Only if the evaluation passes and nothing regressed.")
    ] = False,
    max_regressions: Annotated[
        int, typer.Option(min=0, metavar="N", help="With --if-gate: how many cases may newly fail.")
    ] = 0,
    suite: Annotated[Path, typer.Option("--evals", metavar="FOLDER", help="With --if-gate: the suite.")] = Path(
        "evals"
    ),
    model: Annotated[
        str, typer.Option(metavar="MODEL", help="With --if-gate: who writes (default: MODEL_STAGE_A).")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Let an alias point to a version; jobs use it from their next start on, without a restart.

    With `--if-gate` the evaluation decides: pytest runs the version that the alias points to and the one that would
    replace it on the same cases. The alias moves when the gate passes, no case newly fails and no rate of verdicts
    falls by more than chance. Either way run and figures are written on the version. What follows `--` is for pytest
    (default: `-n auto`).

    Exit status: 0 promoted, or nothing to promote; 2 usage, configuration, or the registry cannot be reached; 3 the
    gate failed or something regressed, nothing was moved; 4 the evaluation could not be run, nothing was moved.

    For example:

    - `technoshare prompts promote stage_b_compose_reply`
    - `technoshare prompts promote stage_b_compose_reply --if-gate --model gpt-5-mini`
    - `technoshare prompts promote --if-gate -- -n 4 -m github`
    """
    from technoshare_commentator.cli.prompts.gate import Evaluation  # noqa: PLC0415 - brings the registry
    from technoshare_commentator.cli.prompts.promotion import Promotion, report  # noqa: PLC0415 - as above
    from technoshare_commentator.mlops.prompts.snapshot import check_alias  # noqa: PLC0415 - as above

    pytest_arguments: list[str] = context.meta[_PYTEST]
    if not (names or if_gate):
        raise ConfigurationError("name the prompts to promote; only with --if-gate all that wait are tried")
    if pytest_arguments and not if_gate:
        raise ConfigurationError(f"{' '.join(pytest_arguments)!r}: arguments for pytest want --if-gate")
    registry = open_registry()
    promotion = Promotion(registry, load_tracking_settings(), check_alias(alias), version)
    wanted = promotion.wanted(names or [])
    if if_gate:
        writer, results = model or load_settings().model_stage_a, load_tracking_settings().home / "promotions"
        evaluation = Evaluation(suite, writer, results, pytest_arguments)
        decisions = promotion.on_proof(wanted, evaluation, max_regressions, named=bool(names), quiet=as_json)
    else:
        decisions = promotion.at_once(wanted)
    take_copy(registry)
    raise typer.Exit(report(decisions, as_json=as_json))


@app.command()
def rollback(
    name: Name,
    *,
    alias: Annotated[str, typer.Option("--alias", metavar="ALIAS", help="The alias to move back.")] = "prod",
    as_json: AsJson = False,
) -> None:
    """Let an alias point to where it was before its last promotion; again and again, as far back as there is.

    Exit status: 0 moved, 2 there is nothing to go back to, or the registry cannot be reached.
    """
    registry = open_registry()
    move = registry.rollback(name, alias)
    take_copy(registry)
    if as_json:
        print(json.dumps(asdict(move)))
    else:
        Console(highlight=False).print(
            Text(f"{name}: {alias} was version {move.before}, is version {move.after}", style="green")
        )
