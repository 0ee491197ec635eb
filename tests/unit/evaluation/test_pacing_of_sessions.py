"""Whole sessions against servers whose rate nobody configured, in no time."""

from __future__ import annotations

import heapq
import math
from collections import deque
from dataclasses import dataclass

import pytest

from technoshare_commentator.mlops.evaluation.running.limits import ATTEMPTS
from technoshare_commentator.mlops.evaluation.running.pacing import MINUTE, Pace
from technoshare_commentator.mlops.evaluation.running.throttling import Throttle


@dataclass
class Bucket:
    """A server with a token bucket, which says when it takes more, or does not."""

    per_minute: float
    capacity: float
    says_when: bool = True
    tokens: float = math.inf
    at: float = 0.0

    def ask(self, now: float) -> Throttle | None:
        self.tokens = min(self.capacity, self.tokens + (now - self.at) * self.per_minute / MINUTE)
        self.at = now
        if self.tokens >= 1:
            self.tokens -= 1
            return None
        return Throttle(math.ceil((1 - self.tokens) * MINUTE / self.per_minute) if self.says_when else None)


@pytest.mark.parametrize("says_when", [True, False])
@pytest.mark.parametrize(("per_minute", "capacity"), [(600, 10), (60, 60), (60, 1), (6, 6)])
def test_cases_get_through_to_a_server_whose_rate_nobody_knows(
    per_minute: float, capacity: float, *, says_when: bool
) -> None:
    session = Session(Bucket(per_minute, capacity, says_when), cases=200, concurrency=32)
    ideal = (200 - capacity) * MINUTE / per_minute
    assert session.run() <= 2 * ideal + 30
    assert len(session.tries) == 200
    assert max(session.tries) <= ATTEMPTS


class Session:
    """What the engine does with cases, in no time."""

    def __init__(self, server: Bucket, cases: int, concurrency: int) -> None:
        self.tries: list[int] = []
        self._server = server
        self._pace = Pace()
        self._left = cases - concurrency
        self._waiting = deque([1] * concurrency)  # the attempt that each is at
        self._flying: list[tuple[float, float, int, Throttle | None]] = []

    def run(self) -> float:
        """Return how many seconds it takes."""
        now = 1000.0
        while (self._waiting or self._flying) and now < 10_000:
            wait = self._pace.wait(now, math.inf) if self._waiting else math.inf
            if wait == 0:
                self._start(now)
            elif self._flying and self._flying[0][0] <= now + wait:
                now = self._flying[0][0]
                self._end(now)
            else:
                now += wait
        return now - 1000.0

    def _start(self, now: float) -> None:
        self._pace.start(now, math.inf)
        answer = self._server.ask(now)
        heapq.heappush(self._flying, (now + (0.05 if answer else 2.0), now, self._waiting.popleft(), answer))

    def _end(self, now: float) -> None:
        _, began, attempt, answer = heapq.heappop(self._flying)
        if answer is not None:
            self._pace.refused(now, answer, began, math.inf, 0.75)
            self._waiting.append(attempt + 1)
            return
        self._pace.accepted(began, math.inf)
        self.tries.append(attempt)
        if self._left:
            self._left -= 1
            self._waiting.append(1)
