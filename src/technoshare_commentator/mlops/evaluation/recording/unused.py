"""Recordings that nobody asks for any more: found by a session that ran everything, deleted when somebody says so.

Only what is certain counts. A recording is unused when its case ran to its end in such a session, whoever it belongs to
is known to have asked all it asks, and it was not asked for; or when its example is no longer in its dataset.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from technoshare_commentator.mlops.evaluation.recording.places import CasePlace, file_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.recording.cassette import Cassette

_FILE = "recordings.json"


@dataclass(frozen=True)
class RanCase:
    """A case of a session that ran everything, and who is known to have asked all that they ask in it."""

    place: CasePlace
    askers: frozenset[str]


class NotedUnused(BaseModel):
    """What the last sessions left to be pruned: each recording with the SHA-256 of its content then."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    session: str = ""
    unused: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True)
class Pruned:
    """What became of the recordings that were to be deleted."""

    deleted: Sequence[str]
    kept: Sequence[str]


def find_unused(
    cassette: Cassette,
    used: frozenset[Path],
    ran: Iterable[RanCase],
    examples: Mapping[str, Sequence[str]],
    variants: Iterable[str],
) -> list[Path]:
    """Return the recordings, below the cassette's folder, that a session which ran everything did not need.

    `examples` are all ids in each dataset of the session, `variants` those it ran.
    """
    found: set[Path] = set()
    for case in ran:
        askers = {file_name(asker) for asker in case.askers}
        found |= {path for path in cassette.of(case.place) if path not in used and _asker(path) in askers}
    everything = cassette.all()
    for variant in variants:
        for dataset, ids in examples.items():
            known = {CasePlace(f"{dataset}/{name}", variant).folder for name in ids}
            top = Path(file_name(variant), *map(file_name, dataset.split("/")))
            found |= {path for path in everything if top in path.parents and known.isdisjoint(path.parents)}
    return sorted(found)


def _asker(path: Path) -> str:
    return path.stem.rsplit("-", 2)[0]


def note_unused(home: Path, cassette: Cassette, used: frozenset[Path]) -> None:
    """Remember that a session used these, so that what an earlier one had no use for is not pruned."""
    before = read_noted(home)
    if before is not None and before.folder == cassette.folder:
        left = {name: digest for name, digest in before.unused.items() if Path(name) not in used}
        _write(home, before.model_copy(update={"unused": left}))


def note_whole_session(
    home: Path, cassette: Cassette, session: str, unused: Iterable[Path], variants: Iterable[str]
) -> None:
    """Remember what a session that ran everything had no use for, in place of what was said of its variants before."""
    before = read_noted(home)
    ran = {file_name(variant) for variant in variants}
    others: dict[str, str] = {}
    if before is not None and before.folder == cassette.folder:
        others = {name: digest for name, digest in before.unused.items() if Path(name).parts[0] not in ran}
    own = {path.as_posix(): _digest(cassette.folder / path) for path in unused}
    _write(home, NotedUnused(folder=cassette.folder, session=session, unused={**others, **own}))


def read_noted(home: Path) -> NotedUnused | None:
    """Return what is remembered; None where no session has said anything yet."""
    with suppress(OSError, ValidationError):
        return NotedUnused.model_validate_json((home / "evals" / _FILE).read_bytes())
    return None


def prune(home: Path) -> Pruned:
    """Delete what is remembered as unused and has not been written anew since."""
    noted = read_noted(home)
    deleted: list[str] = []
    kept: list[str] = []
    for name, digest in (noted.unused if noted is not None else {}).items():
        file = noted.folder / name  # type: ignore[union-attr]  # nothing is iterated over where there is none
        now = _digest(file)
        if now == digest:
            file.unlink()
            deleted.append(name)
            _remove_empty(file.parent, noted.folder)  # type: ignore[union-attr]  # as above
        elif now:
            kept.append(name)
    if noted is not None:
        _write(home, noted.model_copy(update={"unused": {}}))
    return Pruned(deleted, kept)


def _remove_empty(folder: Path, top: Path) -> None:
    with suppress(OSError):  # it is not empty
        while folder != top:
            folder.rmdir()
            folder = folder.parent


def _digest(file: Path) -> str:
    with suppress(OSError):
        return hashlib.sha256(file.read_bytes()).hexdigest()
    return ""


def _write(home: Path, noted: NotedUnused) -> None:
    file = home / "evals" / _FILE
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{_FILE}.draft")
    draft.write_text(noted.model_dump_json(indent=2) + "\n", encoding="utf-8")
    draft.replace(file)
