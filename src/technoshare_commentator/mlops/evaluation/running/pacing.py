"""How fast requests may start: arithmetic alone, over times that are given, in seconds of one clock.

A configured rate is kept by the generic cell rate algorithm (ITU-T I.371, a leaky bucket without a bucket). Refusals
of servers are answered as TCP answers lost packets: the rate falls to 0.7 of itself (the factor of CUBIC, RFC 9438) and
rises again step by step.
"""

from __future__ import annotations

import math
import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.running.throttling import LONGEST_PAUSE

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.running.throttling import Throttle

MINUTE = 60.0
EARLY = 0.1  # seconds a request may come before it is due, so that waking up late does not add up to a lower rate

_FALL = 0.7  # what a refusal leaves of the rate
_RISE = 1.0  # requests a minute that a success adds: what a fall took is back within half a minute, at any rate
_STEEPEST_RISE = 0.05  # but no more than this part of the rate: at six a minute every fourth request would be refused
_LEAST_RATE = 1.0  # a minute; lower, and nothing would tell a session from one that hangs
_FIRST_GUESS = 120.0  # a minute, when a server refuses before it has accepted anything
_ENOUGH_TO_TELL = 10  # accepted requests; fewer count as so many
_FIRST_PAUSE, _LONGEST_BACK_OFF = 1.0, 60.0  # seconds, where the server does not say for how long
_MOST_DOUBLINGS = 6

_NUMBERS, _CHECKSUM = struct.Struct("<9d"), struct.Struct("<I")
PACKED_SIZE = _NUMBERS.size + _CHECKSUM.size


def interval(per_minute: float) -> float:
    """Seconds from one request to the next at a steady rate.

    With it no minute, wherever it begins, holds more than `per_minute` requests: from the first to the one after
    `per_minute` others it takes that many intervals less `EARLY`, which is a minute.
    """
    return (MINUTE + EARLY) / per_minute


@dataclass(slots=True)
class Pace:
    """What has been granted, refused and spent so far; `math.inf` requests a minute is no limit."""

    due: float = 0.0  # when the next request is, at a steady rate
    paused_until: float = 0.0
    per_minute: float = math.inf  # what refusals have left of the rate
    before: float = math.inf  # the same before the last of them
    refusals: float = 0.0  # in a row
    slowed_at: float = -math.inf  # requests that were under way by then are no news when they are refused as well
    since: float = -math.inf  # the first request after the last pause, and how many have not been refused since
    granted: float = 0.0
    spent_usd: float = 0.0

    @property
    def was_refused(self) -> bool:
        """Whether a server's refusal still slows requests down."""
        return self.refusals > 0 or self.per_minute < math.inf

    def wait(self, now: float, most: float) -> float:
        """Seconds until the next request may start, 0 when it may now; `most` is the configured rate a minute."""
        due = now + EARLY + interval(min(most, self.per_minute))
        self.due = min(self.due, due)  # the rate may have risen since
        return max(0.0, self.paused_until - now, self.due - EARLY - now)

    def start(self, now: float, most: float) -> None:
        """Note a request that starts now, which it may."""
        if self.since < self.paused_until:
            self.since, self.granted = now, 0.0
        self.granted += 1
        self.due = max(self.due, now) + interval(min(most, self.per_minute))

    def refused(self, now: float, throttle: Throttle, began: float, most: float, jitter: float) -> None:
        """Pause and slow down, after a request that `began` then; `jitter` shortens pauses of our own, 0.5 to 1.

        Of requests that were under way together only the first refusal slows down, or a volley would bring everything
        to a halt; while the pause lasts, the others only tell better what the server had accepted.
        """
        is_news = began > self.slowed_at
        if began >= self.since:
            self.granted = max(0.0, self.granted - 1)
        if is_news and self.granted:
            self.refusals = 0.0  # others have been accepted since the last one
        self._pause(now, throttle.seconds, jitter, is_news=is_news)
        if is_news:
            self.before = self.per_minute
            self.refusals += 1
            self.slowed_at = now
        if is_news or now < self.paused_until:
            self.per_minute = max(_LEAST_RATE, self._rate_after_refusals(most))

    def accepted(self, began: float, most: float) -> None:
        """Speed up a little, after a request that `began` then; one from before the last refusal proves nothing."""
        if began <= self.slowed_at:
            return
        self.refusals = 0.0
        self.per_minute += min(_RISE, self.per_minute * _STEEPEST_RISE)
        if self.per_minute >= most:
            self.per_minute = math.inf

    def _pause(self, now: float, asked: float | None, jitter: float, *, is_news: bool) -> None:
        back_off = jitter * min(_LONGEST_BACK_OFF, _FIRST_PAUSE * 2.0 ** min(self.refusals, _MOST_DOUBLINGS))
        if asked is None:
            pause = back_off if is_news else 0.0
        else:  # the server's word; but one who says "now" and refuses again has not been waited for long enough
            pause = max(asked, jitter * _FIRST_PAUSE if is_news and self.refusals else 0.0)
        self.paused_until = max(self.paused_until, now + min(pause, LONGEST_PAUSE))

    def _rate_after_refusals(self, most: float) -> float:
        rate = min(most, self.before)
        if self.granted == 0:  # that is due to what came before, or to a pause that was too short, not to this rate
            return min(rate, _FIRST_GUESS)
        # What the server has taken, over the time until it takes more; a handful says little.
        seconds = max(1.0, self.paused_until - self.since)
        return _FALL * min(rate, max(self.granted, _ENOUGH_TO_TELL) * MINUTE / seconds)

    def packed(self) -> bytes:
        """The numbers as bytes, with a checksum."""
        numbers = _NUMBERS.pack(*(getattr(self, name) for name in self.__slots__))
        return numbers + _CHECKSUM.pack(zlib.crc32(numbers))


def unpacked(content: bytes) -> Pace | None:
    """Read what `Pace.packed` made; None for anything else."""
    numbers, checksum = content[: _NUMBERS.size], content[_NUMBERS.size :]
    if len(numbers) != _NUMBERS.size or checksum != _CHECKSUM.pack(zlib.crc32(numbers)):
        return None
    return Pace(*_NUMBERS.unpack(numbers))
