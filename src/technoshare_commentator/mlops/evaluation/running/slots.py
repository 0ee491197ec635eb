"""Waiting for a turn, from within a case: what tasks, scorers and their clients call before each request to a model."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator


class Gatekeeper(Protocol):
    """Lets requests start one after the other, at the session's rate."""

    async def request(self) -> float:
        """Wait for a turn and return when it came."""
        ...

    def request_sync(self) -> float:
        """Wait likewise, blocking the thread."""
        ...


async def request_slot() -> None:
    """Wait until a case may make its next request to a model; for tasks and clients that make more than one.

    Every case begins with one request paid for, so the first call in it returns at once; outside an evaluation, and in
    a case that is replayed, all do.
    """
    case = _current_case.get()
    if case is not None and not case.replays and not case.takes_the_first():
        await case.gatekeeper.request()


def request_slot_sync() -> None:
    """Wait as `request_slot` does, blocking the thread: for tasks that are plain functions, never in a coroutine."""
    case = _current_case.get()
    if case is not None and not case.replays and not case.takes_the_first():
        case.gatekeeper.request_sync()


async def live_slot() -> None:
    """Wait until a case that is replayed may send what has no recording; for whoever replays, elsewhere free."""
    case = _current_case.get()
    if case is not None and case.replays:
        await case.gatekeeper.request()


def live_slot_sync() -> None:
    """Wait as `live_slot` does, blocking the thread."""
    case = _current_case.get()
    if case is not None and case.replays:
        case.gatekeeper.request_sync()


@contextmanager
def of_case(gatekeeper: Gatekeeper, *, is_paid: bool, replays: bool) -> Iterator[None]:
    """Ask this gatekeeper in this block and in what it starts."""
    token = _current_case.set(_Case(gatekeeper, is_paid=is_paid, replays=replays))
    try:
        yield
    finally:
        _current_case.reset(token)


class _Case:
    """A case that is running, wherever its requests are made: in several tasks or threads at once."""

    def __init__(self, gatekeeper: Gatekeeper, *, is_paid: bool, replays: bool) -> None:
        self.gatekeeper = gatekeeper
        self.replays = replays
        self._first = threading.Lock()
        if not is_paid:
            self.takes_the_first()

    def takes_the_first(self) -> bool:
        return self._first.acquire(blocking=False)  # never given back


_current_case: ContextVar[_Case | None] = ContextVar("current_case", default=None)
