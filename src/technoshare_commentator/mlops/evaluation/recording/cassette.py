"""Recordings on disk: one JSON file a request, in a folder for each case, for people to read and for git to compare.

cassettes/<variant>/<dataset>/<example>[/trial-N]/<who asked>-<hash>-<n>.json

`n` counts identical requests: votes of a judge ask the same thing several times, and get the answers in that order.
Files are written whole or not at all, so any number of processes may read and write at once.
"""

from __future__ import annotations

import json
import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from technoshare_commentator.mlops.evaluation.recording.failures import RecordingError
from technoshare_commentator.mlops.evaluation.recording.places import file_name
from technoshare_commentator.mlops.evaluation.recording.requests import AskedRequest
from technoshare_commentator.mlops.redaction import REDACTED, Redactor

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.recording.places import CasePlace

SUFFIX = ".json"
_REMEDY = "restore it from git, or delete it and record it anew: --eval-record new"
_HASH_LENGTH = 12
_SHORTEST_SECRET = 8  # a key that is no more than a word ("unused") would be blotted out of every answer that has it


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordedRequest(_Frozen):
    """What was asked."""

    method: str
    path: str
    body: Any = None


class RecordedResponse(_Frozen):
    """What came back, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: Any = None
    seconds: float = 0.0


class Recording(_Frozen):
    """One request of one case and its answer; `asked_by` is the task, a scorer or a test."""

    format: Literal[1] = 1
    case: str
    variant: str
    trial: int
    asked_by: str
    occurrence: int
    request: RecordedRequest
    response: RecordedResponse

    @property
    def asked(self) -> AskedRequest:
        """The request as others are compared with it."""
        return AskedRequest(self.request.method, self.request.path, self.request.body)


class Cassette:
    """A folder of recordings, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self.folder = folder

    def path(self, place: CasePlace, asked_by: str, digest: str, occurrence: int) -> Path:
        """Where a recording is, or would be, below the folder."""
        return place.folder / f"{file_name(asked_by)}-{digest[:_HASH_LENGTH]}-{occurrence}{SUFFIX}"

    def read(self, path: Path) -> Recording | None:
        """Read a recording; None where there is none. Raises `RecordingError` for a file that is none."""
        file = self.folder / path
        try:
            return _parsed(file.read_bytes())
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise RecordingError(f"the recording {str(file)!r} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first: Any = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            raise RecordingError(f"{str(file)!r} is no recording: {where}: {first['msg']}; {_REMEDY}") from error
        except ValueError as error:
            raise RecordingError(f"{str(file)!r} is no recording, for it is no JSON: {error}; {_REMEDY}") from error

    def write(
        self, path: Path, recording: Recording, known_secrets: frozenset[str], *, replace: bool = False
    ) -> Recording:
        """Keep a recording without secrets, and return it as it is kept.

        One that is there, as another process may have been faster, stays and is returned, unless it is to be replaced.
        `known_secrets` are what the request proved itself with. Raises `OSError` where the disk refuses.
        """
        file = self.folder / path
        content = redacted(recording, known_secrets)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.{os.getpid()}-{secrets.token_hex(4)}")
        try:
            draft.write_bytes(content)
            if replace or not _linked(draft, file):
                draft.replace(file)
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
        return _parsed(content) if replace else _parsed(file.read_bytes())

    def of(self, place: CasePlace, asked_by: str | None = None) -> list[Path]:
        """The recordings of a case, or of one who asked in it, below the folder."""
        pattern = f"{file_name(asked_by)}-*{SUFFIX}" if asked_by is not None else f"*{SUFFIX}"
        return sorted(file.relative_to(self.folder) for file in (self.folder / place.folder).glob(pattern))

    def all(self) -> list[Path]:
        """Every recording there is, below the folder."""
        return sorted(file.relative_to(self.folder) for file in self.folder.rglob(f"*{SUFFIX}") if file.name[0] != ".")


def _linked(draft: Path, file: Path) -> bool:
    """Give the draft its name, or leave who has it; False on a disk that knows no links."""
    try:
        file.hardlink_to(draft)
    except FileExistsError:
        return True
    except OSError:
        return False
    return True


def _parsed(content: bytes) -> Recording:
    """Read a file; the standard library, other than pydantic's parser, takes half a character for what it is."""
    return Recording.model_validate(json.loads(content))


def redacted(recording: Recording, known_secrets: frozenset[str]) -> bytes:
    """A recording as it is kept: readable JSON with sorted keys, in which no secret is left."""
    long_enough = [secret for secret in known_secrets if len(secret) >= _SHORTEST_SECRET]
    plain = recording.model_dump()
    try:
        content = json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a character, which JSON can escape and UTF-8 cannot hold
        content = json.dumps(plain, indent=2, sort_keys=True).encode()
    text = Redactor(long_enough)(content).decode()
    for secret in long_enough:  # a key of an object is left alone there
        text = text.replace(secret, REDACTED)
    return text.encode() + b"\n"
