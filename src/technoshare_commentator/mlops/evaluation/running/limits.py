"""What all workers of a session on one machine keep to together: a rate, servers' wishes to go slower, and a budget.

Workers share one small file. Whoever wants to start a request looks into it under a lock, notes the request if it may
start now, and otherwise sleeps without the lock and looks again; so nothing is reserved that a killed worker could
leave unused, and the kernel gives back what it had locked. Times are `time.monotonic()`, one clock for all processes of
a machine. If the file cannot be used, each worker keeps to the limits on its own, which is said once.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import math
import os
import random
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from technoshare_commentator.mlops.evaluation.running import slots
from technoshare_commentator.mlops.evaluation.running.pacing import PACKED_SIZE, Pace, unpacked
from technoshare_commentator.mlops.evaluation.running.slots import request_slot, request_slot_sync
from technoshare_commentator.mlops.evaluation.running.throttling import Throttle, throttle_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["ATTEMPTS", "Limits", "Throttle", "request_slot", "request_slot_sync", "throttle_of"]

ATTEMPTS = 6  # of a case that servers refuse; then its error stands
STATE_FILE = "limits.state"

_LONGEST_NAP = 0.5  # seconds; what others note meanwhile changes how long there is to wait

logger = logging.getLogger(__name__)
_random = (
    random.SystemRandom()
)  # plugins reseed the other one, alike in all workers, and tests have their own use for it


class Limits:
    """Says when the next request may start, and hears how it went."""

    def __init__(
        self, folder: Path | None, *, per_minute: float | None = None, max_cost_usd: float | None = None
    ) -> None:
        """Take the folder that the workers share (None: there is one process), and what was configured, above 0.

        At most `per_minute` requests start in any minute, evenly spaced; after a lull a tenth of a second's worth of
        them comes at once. Once finished cases have cost `max_cost_usd`, nothing new starts.
        """
        self.attempts = ATTEMPTS
        self.max_cost_usd = max_cost_usd
        self._most = math.inf if per_minute is None else per_minute
        self._board = _Board(folder)
        self._turn_of_threads = threading.Lock()
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def slot(self) -> float:
        """Wait until the next case may start, or `exhausted`; return when it began, for `throttled` and `succeeded`."""
        return await self._wait(heed_budget=True)

    async def request(self) -> float:
        """Wait until a running case may make a further request; the budget stops no case halfway."""
        return await self._wait(heed_budget=False)

    def request_sync(self) -> float:
        """Wait as `request` does, blocking the thread."""
        with self._turn_of_threads:
            while True:
                wait, now = self._try(heed_budget=False)
                if wait <= 0:
                    return now
                time.sleep(min(wait, _LONGEST_NAP))

    def throttled(self, pause: Throttle, began: float) -> None:
        """Hear from a request that a server wants fewer: everybody pauses and then goes slower."""
        jitter = _random.uniform(0.5, 1.0)
        with self._board.open() as pace:
            pace.refused(time.monotonic(), pause, began, self._most, jitter)

    def succeeded(self, began: float) -> None:
        """Hear that a request got its answer: after refusals everybody goes a little faster again."""
        if self._board.last_seen.was_refused:
            with self._board.open() as pace:
                pace.accepted(began, self._most)

    def spend(self, usd: float | None) -> None:
        """Add what a finished case has cost; None where that is unknown."""
        if usd is not None and 0 < usd < math.inf:
            with self._board.open() as pace:
                pace.spent_usd += usd

    @property
    def spent_usd(self) -> float:
        """What the finished cases of all workers have cost."""
        with self._board.open() as pace:
            return pace.spent_usd

    @property
    def exhausted(self) -> bool:
        """Whether the budget is spent."""
        return self.max_cost_usd is not None and self.spent_usd >= self.max_cost_usd

    @property
    def pause_seconds(self) -> float:
        """How much longer a server wants to be left alone."""
        with self._board.open() as pace:
            return max(0.0, pace.paused_until - time.monotonic())

    @contextmanager
    def case(self, *, is_paid: bool = True, replays: bool = False) -> Iterator[None]:
        """Have `request_slot` heed these limits in this block and in what it starts.

        The first request is paid for, if it `is_paid`. In a case that `replays` recordings requests are free, but for
        those that are sent all the same, which is for `live_slot` to say.
        """
        with slots.of_case(self, is_paid=is_paid, replays=replays):
            yield

    async def _wait(self, *, heed_budget: bool) -> float:
        turn = self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())
        async with turn:  # first come, first served; and one looks into the file, not a hundred
            while True:
                wait, now = self._try(heed_budget=heed_budget)
                if wait <= 0:
                    return now
                await asyncio.sleep(min(wait, _LONGEST_NAP))

    def _try(self, *, heed_budget: bool) -> tuple[float, float]:
        """Start if that may be now; return how long there is to wait, and the time."""
        with self._board.open() as pace:
            now = time.monotonic()
            if heed_budget and self.max_cost_usd is not None and pace.spent_usd >= self.max_cost_usd:
                return 0.0, now
            wait = pace.wait(now, self._most)
            if wait <= 0:
                pace.start(now, self._most)
            return wait, now


class _Board:
    """The state that the workers share, in memory where there is no file."""

    def __init__(self, folder: Path | None) -> None:
        self.last_seen = Pace()
        self._path = folder / STATE_FILE if folder is not None else None
        self._mine = threading.Lock()
        if folder is not None:
            with suppress(OSError):  # opening the file will tell
                folder.mkdir(parents=True, exist_ok=True)

    @contextmanager
    def open(self) -> Iterator[Pace]:
        """Hold the state exclusively; what is changed in it is kept. Nothing in the block may wait."""
        with self._mine:
            file = self._lock()
            try:
                yield self.last_seen
            finally:
                if file is not None:
                    self._keep(file)

    def _lock(self) -> int | None:
        """Lock and read the file; None where there is none that can be used."""
        if self._path is None:
            return None
        try:
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            self._do_without(error)
            return None
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.last_seen = unpacked(os.pread(file, PACKED_SIZE, 0)) or self.last_seen  # none in a new or torn file
        except OSError as error:
            os.close(file)
            self._do_without(error)
            return None
        return file

    def _keep(self, file: int) -> None:
        try:
            os.pwrite(file, self.last_seen.packed(), 0)
            fcntl.flock(file, fcntl.LOCK_UN)  # closing would leave it to a process forked off in this moment
        except OSError as error:
            self._do_without(error)
        finally:
            os.close(file)

    def _do_without(self, error: OSError) -> None:
        logger.warning(
            "each worker keeps to rate limits and budget on its own: %s cannot be used: %s", self._path, error
        )
        self._path = None
