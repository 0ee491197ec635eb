"""`technoshare evals mutate`: break good commentaries in ways that have names, and see which scorer notices."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from technoshare_commentator.cli.console import make_console
from technoshare_commentator.cli.evals.mutation_output import print_mutant, print_report
from technoshare_commentator.cli.evals.originals import originals, rendered
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.scorer import Scorer
from technoshare_commentator.prompts import load_project_context
from technoshare_commentator.quality import scorers as all_scorers
from technoshare_commentator.quality.mutation.engine import MutationEngine
from technoshare_commentator.quality.mutation.mutation import Mutation
from technoshare_commentator.quality.mutation.mutations import all_mutations
from technoshare_commentator.quality.mutation.report import UNTOUCHED
from technoshare_commentator.quality.rules import ADVICE, RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from technoshare_commentator.quality.mutation.engine import Mutant, Original
    from technoshare_commentator.quality.mutation.report import MutationReport

N = TypeVar("N", Mutation, Scorer)
_DATASET = Path("evals/datasets/technoshare.json")
_EXIT_NOT_GOOD_ENOUGH = 1


def mutate(  # noqa: PLR0913 - the flags of one command
    *,
    seed: Annotated[int, typer.Option(help="The same seed makes the same mutants.")] = 0,
    per_mutation: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="At most so many mutants of each (default: one a page)."),
    ] = None,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this mutation; may be repeated.")] = None,
    scorers: Annotated[str, typer.Option(metavar="A,B", help="Only these scorers.")] = "",
    json_file: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write everything here.")] = None,
    show: Annotated[
        str, typer.Option(metavar="NAME", help="Show one mutant: MUTATION, MUTATION/PAGE or MUTATION/PAGE/NUMBER.")
    ] = "",
    require_caught: Annotated[float, typer.Option(metavar="SHARE", min=0, max=1, help="Least share of caught.")] = 0.95,
    require_flagged: Annotated[
        float, typer.Option(metavar="SHARE", min=0, max=1, help="Most of the untouched that may be flagged.")
    ] = 0.02,
    dataset: Annotated[Path, typer.Option(metavar="FILE", help="The dataset; pages lie in ../pages.")] = _DATASET,
) -> None:
    """Test the tests: break good commentaries in many ways and see which scorer catches which.

    Good commentaries are those of the extractive model on the pages of the dataset, and those in
    `evals/commentaries`, which people wrote. A mutant is caught when a scorer flags it that passed the original.

    Exit status: 0 enough are caught and hardly any untouched one is flagged, 1 not, or a scorer crashed, 2 usage.

    For example:

    - `technoshare evals mutate`
    - `technoshare evals mutate --only changed_number --only lost_bold --per-mutation 10`
    - `technoshare evals mutate --show near_copy/github-ruff`
    """
    everything = all_mutations(load_project_context().theme_names)
    mutations = _chosen(everything, only or [], "mutation")
    engine = MutationEngine(_chosen(_contract(), _parts(scorers), "scorer"), rendered, seed)
    if show:
        _show(engine, everything, dataset, show)
        return
    with _progress("pages", None) as told:
        found = originals(dataset, lambda _: True, told, _warn)
    if not found:
        raise ConfigurationError(f"no example of {str(dataset)!r} came to a commentary; see the messages above")
    with _progress("mutants", len(mutations) * (per_mutation or len(found))) as told:
        report = engine.run(mutations, found, limit=per_mutation, told=told)
    print_report(make_console(), report, caught=require_caught, flagged=require_flagged)
    if json_file is not None:  # last: a path that cannot be written does not cost what took a minute
        _write(json_file, report, require_caught, require_flagged)
    good = report.holds(caught=require_caught, flagged=require_flagged)
    raise typer.Exit(0 if good else _EXIT_NOT_GOOD_ENOUGH)


def _show(engine: MutationEngine, mutations: Sequence[Mutation], dataset: Path, wanted: str) -> None:
    name, _, rest = wanted.partition("/")
    page, _, number = rest.partition("/")
    if number and not number.isdecimal():
        raise ConfigurationError(f"--show {wanted!r}: {number!r} is no number; the form is MUTATION/PAGE/NUMBER")
    with _progress("pages", None) as told:
        found = originals(dataset, lambda one: not page or one == page, told, _warn)
    if not found:
        raise ConfigurationError(f"--show {wanted!r}: there is no page {page!r}; leave it out to see any")
    if name == UNTOUCHED:
        print_mutant(make_console(), found[0], None, engine.scores(found[0].result, found[0].example), "Untouched.")
        return
    (mutation,) = _chosen(mutations, [name], "mutation")
    mutant = _first(engine, mutation, found, int(number or 0))
    if mutant is None:
        raise ConfigurationError(f"--show {wanted!r}: {name} finds nothing to break there; name another page")
    scores = engine.scores(mutant.result, mutant.original.example)
    print_mutant(make_console(), mutant.original, mutant, scores, mutation.description)


def _first(engine: MutationEngine, mutation: Mutation, found: Sequence[Original], number: int) -> Mutant | None:
    return next((mutant for one in found if (mutant := engine.mutant(mutation, one, number))), None)


def _contract() -> tuple[Scorer, ...]:
    return tuple(getattr(all_scorers, rule.name) for rule in (*RULES, *ADVICE))


def _chosen(everything: Sequence[N], names: Sequence[str], what: str) -> list[N]:
    known = {one.name: one for one in everything}
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"
            raise ConfigurationError(f"there is no {what} {name!r}; {hint}")
    return [known[name] for name in dict.fromkeys(names)] or list(everything)


def _parts(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


@contextmanager
def _progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how far it is; the body is given what to call with the number of things done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.advance(task, done)


def _write(path: Path, report: MutationReport, caught: float, flagged: float) -> None:
    content = {
        **report.model_dump(mode="json"),
        "caught": {**report.caught.model_dump(mode="json"), "rate": report.caught.value, "required": caught},
        "flagged": {**report.flagged.model_dump(mode="json"), "rate": report.flagged.value, "required": flagged},
        "tallies": [tally.model_dump(mode="json") for tally in report.tallies],
        "survivors": [mutant.name for mutant in report.survivors],
        "passed": report.holds(caught=caught, flagged=flagged),
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{json.dumps(content, indent=2)}\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"--json {str(path)!r} cannot be written: {error.strerror}") from error


def _warn(line: str) -> None:
    print(f"technoshare: left out {line}", file=sys.stderr)
