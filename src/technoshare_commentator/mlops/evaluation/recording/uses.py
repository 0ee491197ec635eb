"""Which recordings a session used: each process writes a line for each use, and everybody may read them.

uses-<worker>.log   `replayed <path>` or `recorded <path>`, paths below the cassette's folder
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.recording.scope import Use

_PATTERN = "uses-*.log"


class UseLog:
    """What one process says of its requests."""

    def __init__(self, folder: Path, worker: str) -> None:
        """Take the folder that the session's processes share, and this one's name."""
        self._file = folder / f"uses-{worker}.log"

    def __call__(self, use: Use, path: Path) -> None:
        """Note a use; where the disk refuses, nothing is said, and `Uses` will not be whole."""
        with suppress(OSError), self._file.open("ab", buffering=0) as file:
            file.write(f"{use} {path.as_posix()}\n".encode())


@dataclass(frozen=True)
class Uses:
    """What all processes of a session have said: how many requests, and of which recordings."""

    replayed: int = 0
    recorded: int = 0
    paths: frozenset[Path] = frozenset()


def read_uses(folder: Path) -> Uses:
    """Read what was noted."""
    lines = [line for file in folder.glob(_PATTERN) for line in file.read_text(encoding="utf-8").splitlines()]
    split = [line.partition(" ") for line in lines]
    return Uses(
        replayed=sum(use == "replayed" for use, _, _ in split),
        recorded=sum(use == "recorded" for use, _, _ in split),
        paths=frozenset(Path(path) for _, _, path in split),
    )
