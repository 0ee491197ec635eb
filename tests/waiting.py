"""Waiting for what other threads and processes do, as long as a busy machine may need."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


def until(condition: Callable[[], T], *, every_seconds: float = 0.01) -> T:
    """Return what the condition gives as soon as that is true; fail where it takes far too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        assert time.monotonic() < end, "what was waited for has not happened"
        time.sleep(every_seconds)
    return found


def until_gone(group: int) -> None:
    """Wait until no process of a group is left; one that has died but was not waited for counts as gone at its end."""
    until(lambda: _is_gone(group))


def _is_gone(group: int) -> bool:
    with suppress(PermissionError):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
    return False
