"""`technoshare evals …`: sessions of the evaluation after their end, and what production adds to its datasets."""

from __future__ import annotations

import json
import logging
import sys
from dataclasses import asdict
from pathlib import Path  # noqa: TC003 - typer reads the annotations
from typing import Annotated

import typer

from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.evals.adding import add
from technoshare_commentator.cli.evals.calibration import calibrate
from technoshare_commentator.cli.evals.files import tell_github, update, write_json, write_report
from technoshare_commentator.cli.evals.merging import judge, merge_sessions
from technoshare_commentator.cli.evals.mutation import mutate
from technoshare_commentator.cli.evals.output import print_comparison, print_list, print_session
from technoshare_commentator.cli.evals.project import pytest_config
from technoshare_commentator.cli.evals.sessions import find_cases, find_one, find_sessions, list_sessions
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.comparison import compare_with_baseline
from technoshare_commentator.mlops.settings import load_tracking_settings

app = typer.Typer(
    help="Sessions of the evaluation after their end: list, show, report, merge, compare; add jobs to a dataset.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
app.command()(calibrate)
app.command("mutate")(mutate)
Session = Annotated[str, typer.Argument(metavar="SESSION", help="A name, 'last', a folder or a results file.")]
Sessions = Annotated[
    list[str], typer.Argument(metavar="SESSION", help="Names, folders (also of many sessions) or results files.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead.")]


@app.command()
def sessions(*, as_json: AsJson = False) -> None:
    """List the sessions of this project, the newest first.

    `outputs` are cases that `pytest evals --eval-resume SESSION` and `--eval-rescore SESSION` need not run again.
    """
    home = load_tracking_settings().home
    found = list_sessions(home)
    if as_json:
        print(json.dumps([asdict(one) for one in found], indent=2))
    elif found:
        print_list(make_console(), found)
    else:
        print(f"no session yet in {home}; run one: pytest evals -n auto")


@app.command()
def show(session: Session = "last") -> None:
    """Print the summary of a session as it was at its end.

    For example:

    - `technoshare evals show`
    - `technoshare evals show 2026-01-05-090000-1f2e`
    - `technoshare evals show downloads/eval_results.json`
    """
    found = find_one(load_tracking_settings().home, session)
    print_session(make_console(), found.name, found.results)


@app.command()
def report(
    names: Sessions,
    *,
    html: Annotated[Path, typer.Option("--html", metavar="FILE", help="Where to write the page.")],
) -> None:
    """Write the HTML report of a session; several are put together as one.

    For example:

    - `technoshare evals report last --html report.html`
    - `technoshare evals report small/ large/ --html models.html`
    """
    found = find_sessions(load_tracking_settings().home, names)
    results, details = found[0].results, found[0].details
    if len(found) > 1:
        merged = merge_sessions(found, allow_different_datasets=True)
        results, details = judge(merged), merged.details
        _warn(*merged.problems, *merged.notices)
    write_report(html, results, details)


@app.command()
def merge(  # noqa: PLR0913 - the flags of a session's end
    names: Sessions,
    *,
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the results here.")] = None,
    html: Annotated[Path | None, typer.Option("--report", metavar="FILE", help="Write an HTML report here.")] = None,
    gate: Annotated[
        list[str] | None,
        typer.Option(metavar="FILE|RULE", help="A gate, as pytest's --eval-gate; may be repeated; 'none' for none."),
    ] = None,
    baseline: Annotated[
        str, typer.Option(metavar="PATH|RUN_ID|NAME", help="What to compare with, as pytest's --eval-baseline.")
    ] = "",
    update_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the results here as a new baseline.")
    ] = None,
    allow_different_datasets: Annotated[
        bool, typer.Option("--allow-different-datasets", help="Merge although a dataset differs between sessions.")
    ] = False,
) -> None:
    """Put the sessions of several machines together and judge them as one, without a server.

    Gate and baseline are those that pytest would use here, unless flags name others. In GitHub Actions the summary
    and the annotations of the job are those of the whole.

    Exit status: 0 passed, 1 the gate failed (without one: a case) or something is missing, such as a shard,
    2 usage or configuration.

    For example:

    - `technoshare evals merge artifacts/ --report report.html`
    - `technoshare evals merge shard-1/ shard-2/ --gate evals/gate.yaml`
    - `technoshare evals merge artifacts/ --gate 'pass_rate >= 0.95' --baseline latest`
    """
    from technoshare_commentator.pytest_plugin.verdict import Baseline, load_gate_of  # noqa: PLC0415 - only merging

    settings = load_tracking_settings()
    flags = [part for one in gate or () for part in ("--eval-gate", one)]
    config = pytest_config([*flags, *(["--eval-baseline", baseline] if baseline else [])])
    rules = load_gate_of(config)
    found = find_sessions(settings.home, names)
    merged = merge_sessions(found, allow_different_datasets=allow_different_datasets)
    results = judge(merged, rules, Baseline(config, settings).rows())
    print_session(make_console(), f"{len(found)} sessions", results)
    if json_file is not None:
        write_json(json_file, results)
    if html is not None:
        write_report(html, results, merged.details)
    if update_baseline is not None:
        update(update_baseline, results, keep_others=not merged.is_complete)
    tell_github(results, config.rootpath, merged.problems)
    _warn(*merged.problems, *merged.notices)
    raise typer.Exit(results.exit_status or 0)


@app.command()
def compare(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="A session, a results file or a baseline.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="Likewise.")] = "last",
    *,
    as_json: AsJson = False,
) -> None:
    """Hold two sessions against each other, case by case: what newly fails, what newly passes, whether it is chance.

    McNemar's exact test for verdicts, the paired bootstrap for numbers.

    For example:

    - `technoshare evals compare evals/baseline.json`
    - `technoshare evals compare 2026-01-05-090000-1f2e 2026-01-06-110000-3a4b`
    """
    home = load_tracking_settings().home
    (before_name, earlier), (after_name, later) = find_cases(home, before), find_cases(home, after)
    comparisons = compare_with_baseline(earlier, later, baseline_name=before_name, session_name=after_name)
    if not any(comparison.pairs for comparison in comparisons):
        raise ConfigurationError(f"{before_name} and {after_name} have no case in common that both judged")
    if as_json:
        print(json.dumps([comparison.model_dump(mode="json") for comparison in comparisons], indent=2))
        return
    console = make_console()
    for comparison in comparisons:
        print_comparison(console, comparison)


@app.command()
def recordings(
    *, prune: Annotated[bool, typer.Option("--prune", help="Delete the recordings that are unused.")] = False
) -> None:
    """List recorded model calls that nobody asks for any more, or delete them.

    Unused is what a session that ran all cases of the suite did not ask for, and no session since.

    For example:

    - `technoshare evals recordings`
    - `technoshare evals recordings --prune`
    """
    from technoshare_commentator.cli.evals.recordings import (  # noqa: PLC0415 - nobody else needs the plugin
        prune_recordings,
        show_recordings,
    )

    (prune_recordings if prune else show_recordings)(load_tracking_settings().home)


@app.command("open-run")
def open_run(
    *,
    experiment: Annotated[
        str, typer.Option(metavar="NAME", help="MLflow experiment (default: the one that pytest would use here).")
    ] = "",
    name: Annotated[str, typer.Option(metavar="NAME", help="Name of the run (default: eval and the time).")] = "",
) -> None:
    """Open an MLflow run for several shards and print its id.

    For example:

    - `RUN=$(technoshare evals open-run)`
    - `pytest evals --eval-shard 2/3 --eval-run-id $RUN` (on the second machine of three)
    """
    from technoshare_commentator.mlops import evaluation_runs  # noqa: PLC0415 - nobody else needs MLflow
    from technoshare_commentator.pytest_plugin.options import experiment_name  # noqa: PLC0415 - only where not named

    settings = load_tracking_settings()
    chosen = experiment or experiment_name(pytest_config())
    logging.disable()  # a new store tells of each of its migrations
    print(evaluation_runs.open_run(settings.uri, chosen, name))


app.command()(add)


def _warn(*lines: str) -> None:
    for line in lines:
        print(f"technoshare: {line}", file=sys.stderr)
