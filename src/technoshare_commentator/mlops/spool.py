"""Records waiting on disk: one file each, written whole or not at all, claimed by one shipper at a time.

pending/<time>-<key>.json     waits to be shipped; whoever ships it holds a lock on the file
set_aside/<same name>         the store refuses it for good; `<name>.reason.txt` beside it says why
shipped.jsonl                 one line a shipped record: key, name, experiment, run, store
last_error.txt                why the last attempt to reach the store failed; gone once it works again
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.redaction import without_password

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True)
class Receipt:
    """Where a record went; `end_ns` is the record's own end, None for a part of a run that goes on.

    `trace_count` is how many traces of the run the store holds; None for a part, and for a run that came in one record
    without any.
    """

    key: str
    name: str
    experiment_id: str
    run_id: str
    tracking_uri: str
    trace_count: int | None = None
    end_ns: int | None = None

    @property
    def is_final(self) -> bool:
        """Whether the record ended its run."""
        return self.end_ns is not None


@dataclass(frozen=True)
class SpoolStatus:
    """How many records wait and were set aside, where, and what the last attempt ran into."""

    directory: str
    pending: int
    set_aside: int
    last_error: str


class Spool:
    """A folder of records."""

    def __init__(self, directory: Path) -> None:
        """Take the folder; it is made when the first record comes."""
        self.directory = directory
        self._pending = directory / "pending"
        self._set_aside = directory / "set_aside"
        self._shipped = directory / "shipped.jsonl"
        self._last_error = directory / "last_error.txt"

    def append(self, key: str, content: bytes) -> Path:
        """Write one record durably (file and folder are synced) and return its path; raises `OSError`."""
        self._pending.mkdir(parents=True, exist_ok=True)
        path = self._pending / f"{time.time_ns():020d}-{key}.json"
        descriptor, draft = tempfile.mkstemp(dir=self._pending, prefix=".", suffix=".draft")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).rename(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_folder(self._pending)
        return path

    def pending(self) -> list[Path]:
        """The records that wait, oldest first."""
        return sorted(self._pending.glob("*.json"))

    @contextmanager
    def claim(self, path: Path) -> Iterator[bytes | None]:
        """Hold a record exclusively and give its content, or None when another shipper has finished it meanwhile."""
        try:
            file = path.open("rb")
        except FileNotFoundError:
            yield None
            return
        with file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file.read() if path.exists() else None

    def shipped(self, path: Path, receipt: Receipt) -> None:
        """Note where the record went, then take it out of the spool."""
        with self._shipped.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(receipt)) + "\n")
        path.unlink(missing_ok=True)
        self._last_error.unlink(missing_ok=True)

    def set_aside(self, path: Path, reason: str) -> Path:
        """Move a record that can never be shipped out of the way, with the reason beside it."""
        self._set_aside.mkdir(parents=True, exist_ok=True)
        target = self._set_aside / path.name
        reason_file = _reason_of(target)
        reason_file.write_text(reason + "\n", encoding="utf-8", errors="replace")
        path.rename(target)
        return target

    def retry(self) -> int:
        """Put everything that was set aside back among what waits; returns how many records that were."""
        records = sorted(self._set_aside.glob("*.json"))
        self._pending.mkdir(parents=True, exist_ok=True)
        for path in records:
            path.rename(self._pending / path.name)
            _reason_of(path).unlink(missing_ok=True)
        return len(records)

    def failed(self, reason: str) -> None:
        """Remember why the store could not be reached."""
        with suppress(OSError):
            self.directory.mkdir(parents=True, exist_ok=True)
            self._last_error.write_text(reason + "\n", encoding="utf-8", errors="replace")

    def seconds_since_failure(self) -> float:
        """How long ago the store could not be reached; infinite when the last attempt worked."""
        try:
            return time.time() - self._last_error.stat().st_mtime
        except OSError:
            return float("inf")

    def receipt(self, key: str, end_ns: int | None = None) -> Receipt | None:
        """Where the record that ended the run with this key went, if it has been shipped from here.

        A run that was taken up again has ended more than once: `end_ns` asks for the record with that very end.
        """
        with suppress(FileNotFoundError), self._shipped.open(encoding="utf-8") as file:
            for line in reversed(file.readlines()):
                receipt = _receipt(line) if key in line else None
                if receipt and receipt.key == key and receipt.is_final and end_ns in {None, receipt.end_ns}:
                    return receipt
        return None

    def status(self) -> SpoolStatus:
        """Count what is here."""
        aside = len(list(self._set_aside.glob("*.json")))
        return SpoolStatus(str(self.directory), len(self.pending()), aside, self.last_error)

    @property
    def last_error(self) -> str:
        """What the last attempt to reach the store ran into; empty when it worked."""
        try:
            return self._last_error.read_text(encoding="utf-8").strip()
        except OSError:
            return ""

    @contextmanager
    def store_lock(self, tracking_uri: str) -> Iterator[None]:
        """Be the only one from this spool who talks to a store; waits for its turn, so hold it for a while only.

        Two processes that migrate one fresh SQLite store at the same time leave it unopenable.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(without_password(tracking_uri).encode(errors="replace")).hexdigest()[:16]
        with (self.directory / f"{name}.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _receipt(line: str) -> Receipt | None:
    try:
        return Receipt(**json.loads(line))
    except (ValueError, TypeError):  # cut short when its writer was killed
        return None


def _reason_of(record: Path) -> Path:
    return record.with_name(f"{record.name}.reason.txt")


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
