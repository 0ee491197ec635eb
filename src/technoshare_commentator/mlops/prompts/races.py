"""What several who change one registry do to one another, and MLflow lets happen: read and write in spite of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_HALF_DELETED = "is registered as a model, not a prompt"  # a version's tags go before it does
_TIMES, _SECONDS = 50, 0.1
_ROW_IS_THERE = ("UNIQUE constraint", "duplicate key", "Duplicate entry")  # as SQLite, PostgreSQL and MySQL say it
_RACES = 5


def read(question: Callable[[], T]) -> T:
    """Ask again, for some seconds, while somebody is deleting a version."""
    for _ in range(_TIMES):
        try:
            return question()
        except Exception as error:
            if _HALF_DELETED not in str(error):
                raise
            time.sleep(_SECONDS)
    return question()


def write(setting: Callable[[], object]) -> None:
    """Set an alias or a tag; MLflow inserts where it sees none, and who loses that race replaces it in the next."""
    for _ in range(_RACES):
        try:
            setting()
        except Exception as error:
            if not any(said in str(error) for said in _ROW_IS_THERE):
                raise
        else:
            return
    setting()
