"""Which cases are in flight in which process: each writes a line when one starts or ends, everybody may read them.

flight-<worker>.log   `+<case>` when a task is called, `-<case>` when it is over; gone when the worker has died
suspects.json         how many workers died while a case was in flight in them; written at each death
"""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.running.case_run import Work

_SUSPECTS = "suspects.json"
DEATHS_TO_RUN_ALONE = 2


class FlightLog:
    """What one process says of its cases; where the disk refuses, it says nothing."""

    def __init__(self, folder: Path, worker: str) -> None:
        """Take the folder that the session's processes share, and this one's name."""
        self._file = folder / f"flight-{worker}.log"

    def started(self, work: Work) -> None:
        """Note that a task has been called."""
        self._write(f"+{work.key}")

    def ended(self, work: Work) -> None:
        """Note that it is over."""
        self._write(f"-{work.key}")

    def _write(self, line: str) -> None:
        with suppress(OSError), self._file.open("ab", buffering=0) as file:
            file.write(f"{line}\n".encode(errors="replace"))


class Flights:
    """What all processes of the session have said."""

    def __init__(self, folder: Path) -> None:
        """Take the folder that they share."""
        self._folder = folder
        self._read: dict[Path, int] = {}
        self._airborne: dict[str, Counter[str]] = {}
        self.ended = 0

    def update(self) -> None:
        """Read what is new; a line that is still being written waits for the next time."""
        files = list(self._folder.glob("flight-*.log"))
        for dead in self._airborne.keys() - {_worker(file) for file in files}:
            del self._airborne[dead]
        for file in files:
            with suppress(OSError), file.open("rb") as opened:
                opened.seek(self._read.get(file, 0))
                content = opened.read()
                whole = content[: content.rfind(b"\n") + 1]
                self._read[file] = self._read.get(file, 0) + len(whole)
                self._note(_worker(file), whole.decode().splitlines())

    def in_flight(self, worker: str = "") -> set[str]:
        """The cases whose task is being called, in one process or in all."""
        chosen = [self._airborne.get(worker, Counter())] if worker else list(self._airborne.values())
        return {key for airborne in chosen for key, count in airborne.items() if count > 0}

    def crashed(self, worker: str) -> set[str]:
        """Return what was in flight in a process that died, and remember it as suspect; none of it flies any more."""
        self.update()
        lost = self.in_flight(worker)
        self._airborne.pop(worker, None)
        deaths = Counter(_suspicions(self._folder))
        deaths.update(lost)
        draft = self._folder / f".{_SUSPECTS}"
        with suppress(OSError):
            draft.write_text(json.dumps(deaths), encoding="utf-8")
            draft.replace(self._folder / _SUSPECTS)
        with suppress(OSError):
            (self._folder / f"flight-{worker}.log").unlink()
        return lost

    def _note(self, worker: str, lines: list[str]) -> None:
        airborne = self._airborne.setdefault(worker, Counter())
        for line in lines:
            airborne[line[1:]] += 1 if line[0] == "+" else -1
            self.ended += line[0] == "-"


def _worker(file: Path) -> str:
    return file.stem.removeprefix("flight-")


def must_fly_alone(folder: Path) -> set[str]:
    """Cases that were in flight in several processes that died: the next death is to tell which of them it was."""
    return {key for key, deaths in _suspicions(folder).items() if deaths >= DEATHS_TO_RUN_ALONE}


def last_death_ns(folder: Path) -> int:
    """When a process of the session last died, 0 if none has; only good for telling whether another one has."""
    with suppress(OSError):
        return (folder / _SUSPECTS).stat().st_mtime_ns
    return 0


def _suspicions(folder: Path) -> dict[str, int]:
    with suppress(OSError, ValueError):
        return dict(json.loads((folder / _SUSPECTS).read_text(encoding="utf-8")))
    return {}
