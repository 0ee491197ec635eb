"""`technoshare evals recordings`: what there is of recorded model calls, and pruning what nobody asks for any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.cli.evals.project import pytest_config
from technoshare_commentator.mlops.evaluation.recording.cassette import Cassette
from technoshare_commentator.mlops.evaluation.recording.unused import prune, read_noted
from technoshare_commentator.mlops.evaluation.reporting.formats import plural
from technoshare_commentator.pytest_plugin.options import cassettes_folder

if TYPE_CHECKING:
    from pathlib import Path


def show_recordings(home: Path) -> None:
    """Print how many recordings there are, and those that the last sessions which ran everything did not need."""
    cassette = Cassette(cassettes_folder(pytest_config()))
    noted = read_noted(home)
    known = noted is not None and noted.folder == cassette.folder
    unused = sorted(noted.unused) if noted is not None and known else []
    print(f"{cassette.folder}: {plural(len(cassette.all()), 'recording')}, {_said(unused, known=known)}")
    for name in unused:
        print(f"  {name}")
    if unused:
        print("delete them with: technoshare evals recordings --prune")


def prune_recordings(home: Path) -> None:
    """Delete what is known to be unused, and say what was deleted."""
    pruned = prune(home)
    for name in pruned.deleted:
        print(f"deleted {name}")
    for name in pruned.kept:
        print(f"kept {name}: it has been written anew since")
    if not (pruned.deleted or pruned.kept):
        print("nothing to prune; a session that runs all cases finds what is unused: pytest evals")


def _said(unused: list[str], *, known: bool) -> str:
    if not known:
        return "no session has run all cases yet"
    return f"{len(unused)} unused"
