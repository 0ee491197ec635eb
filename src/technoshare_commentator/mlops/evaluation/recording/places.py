"""Whose recordings these are, and what their folder is called."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

TASK = "task"  # who asks, where it is neither a scorer nor a test
_LONGEST_NAME = 80
_ODD = re.compile(r"[^a-z0-9._-]+")


@dataclass(frozen=True)
class CasePlace:
    """Which case a recording belongs to."""

    case_id: str
    variant: str
    trial: int = 1

    @property
    def folder(self) -> Path:
        """Where its recordings are, below the cassette's folder."""
        parts = [self.variant, *self.case_id.split("/"), *([f"trial-{self.trial}"] if self.trial > 1 else [])]
        return Path(*map(file_name, parts))


def file_name(text: str) -> str:
    """A name as a file system takes it, whatever it was; different names stay different, also where case is ignored."""
    plain = _ODD.sub("_", text.lower()).strip(". ")[:_LONGEST_NAME]
    if plain == text and plain:
        return plain
    return f"{plain or '_'}~{hashlib.sha256(text.encode(errors='replace')).hexdigest()[:6]}"
