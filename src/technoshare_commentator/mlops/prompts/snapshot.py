"""What an alias of the registry points to, as files on this machine: jobs read them, others write them.

Below TECHNOSHARE_HOME every store has a folder of its own, so that another MLFLOW_TRACKING_URI never answers with the
prompts of the last one:

    prompts/<store>/prod.json       every prompt that has the alias, and when that was read from the registry
    prompts/<store>/prod.error      why it could not be read the last time; absent when it could
    prompts/<store>/versions/…      single versions, which never change
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.prompts import Prompt, PromptFile, is_alias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping


@dataclass(frozen=True)
class Snapshot:
    """Prompts by name as an alias pointed to them, and when they were read, in seconds since the epoch."""

    read_at: float
    prompts: Mapping[str, Prompt]


def check_alias(alias: str) -> str:
    """Return the alias; raise `ConfigurationError` for one that could be mistaken for a version."""
    if not is_alias(alias):
        raise ConfigurationError(
            f"{alias!r} is no alias: write letters, digits, - and _, and neither a number nor 'latest'; usual is prod"
        )
    return alias


class SnapshotFolder:
    """The files of one store."""

    def __init__(self, home: Path, tracking_uri: str) -> None:
        """Take TECHNOSHARE_HOME and the store; the folder is made when something is written."""
        store = hashlib.sha256(without_password(tracking_uri).encode(errors="replace")).hexdigest()[:16]
        self.path = home / "prompts" / store

    def file(self, alias: str) -> Path:
        """Where the prompts of an alias lie."""
        return self.path / f"{check_alias(alias)}.json"

    def read(self, alias: str) -> Snapshot:
        """Read them; raises `OSError` where there is no file, `ValueError` for one that is damaged."""
        content = json.loads(self.file(alias).read_bytes())
        try:
            prompts = [_prompt(one) for one in content["prompts"]]
            return Snapshot(float(content["read_at"]), {prompt.name: prompt for prompt in prompts})
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is no file of prompts: {error!r}") from error

    def write(self, alias: str, prompts: Iterable[Prompt]) -> None:
        """Replace them in one step, and forget the last error; raises `OSError`."""
        content = {"read_at": time.time(), "prompts": [_json(prompt) for prompt in prompts]}
        _replace(self.file(alias), content)
        self._error(alias).unlink(missing_ok=True)

    def update(self, alias: str, ask: Callable[[str, Mapping[str, Prompt]], Iterable[Prompt]]) -> None:
        """Write what `ask(alias, last)` says now, `last` being what lies here; hold the lock meanwhile."""
        try:
            last = self.read(alias).prompts
        except (OSError, ValueError):
            last = {}
        self.write(alias, ask(alias, last))

    def failed(self, alias: str, reason: str) -> None:
        """Remember why they could not be read from the registry."""
        with suppress(OSError):
            self.path.mkdir(parents=True, exist_ok=True)
            self._error(alias).write_text(reason + "\n", encoding="utf-8", errors="replace")

    def last_error(self, alias: str) -> str:
        """Why the last attempt to read them failed; empty where it did not."""
        try:
            return self._error(alias).read_text(encoding="utf-8", errors="replace").strip()
        except OSError:
            return ""

    def keep_version(self, prompt: Prompt) -> None:
        """Keep a version, which never changes, for `kept_version`."""
        _replace(self._version(prompt.name, prompt.origin), _json(prompt))

    def kept_version(self, name: str, number: str) -> Prompt | None:
        """A version that was kept here; None where it was not."""
        try:
            return _prompt(json.loads(self._version(name, number).read_bytes()))
        except (OSError, ValueError, TypeError, KeyError):  # not there, or damaged
            return None

    @contextmanager
    def lock(self, name: str = "registry", *, wait: bool = True) -> Iterator[bool]:
        """Be the only one on this machine; False where another is and one does not wait.

        Held from before the registry is read until that is written, so that no older answer overwrites a newer one.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / f"{name}.lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True

    def _error(self, alias: str) -> Path:
        return self.path / f"{check_alias(alias)}.error"

    def _version(self, name: str, number: str) -> Path:
        return self.path / "versions" / f"{name}@{int(number)}.json"


def _json(prompt: Prompt) -> dict[str, Any]:
    return {"version": prompt.origin, "content": prompt.content.model_dump(mode="json")}


def _prompt(stored: Mapping[str, Any]) -> Prompt:
    """Read one; the hash is computed anew, so that it says what is there. Pydantic's error is a `ValueError`."""
    return Prompt.of(PromptFile.model_validate(stored["content"]), origin=str(int(stored["version"])))


def _replace(target: Path, content: Any) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=target.parent, prefix=".", suffix=".draft")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(content, file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
