"""What takes seconds and answers many questions is done once, however many processes ask."""

from __future__ import annotations

import fcntl
import json
import os
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], Any]) -> tuple[Path, Any]:
    """Return a folder and what `make` said, as JSON, of what it made there; another process may have had it made."""
    base = temporary.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    made = folder / "made.json"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            made.write_text(json.dumps(make(folder)))
    return folder, json.loads(made.read_text())


def told(outcome: pytest.RunResult) -> list[Any]:
    """A run's outcome as JSON."""
    return [outcome.ret, outcome.outlines, outcome.errlines, outcome.duration]


def heard(content: list[Any]) -> pytest.RunResult:
    """What `told` told."""
    return pytest.RunResult(*content)
