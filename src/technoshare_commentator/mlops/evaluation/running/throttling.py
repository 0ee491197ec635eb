"""When a server says "slower": reading that, and for how long, from whatever exception a client raised.

Duck typing throughout, so that no client has to be imported: openai, anthropic, httpx, httpx2, requests, aiohttp,
google.genai, google.api_core, urllib and whatever else carries a status and headers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LONGEST_PAUSE = 600.0  # seconds; who has to wait longer is better told so by the error itself
OUT_OF_MONEY = "insufficient_quota"  # OpenAI's code of a 429 that no waiting cures

_TOO_MANY_REQUESTS = 429  # RFC 6585
_UNAVAILABLE = 503  # RFC 9110: down, unless it says when it is up again
_OVERLOADED = 529  # Anthropic's; it usually does not say for how long

_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?")
_DURATION = re.compile(r"(?:[0-9]+(?:\.[0-9]*)?(?:ms|h|m|s))+")  # as Go prints them: 1s, 6m0s, 120ms
_PART_OF_DURATION = re.compile(r"([0-9]+(?:\.[0-9]*)?)(ms|h|m|s)")
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_MOST_LINKS = 100


@dataclass(frozen=True)
class Throttle:
    """A server's wish to be asked less often; `seconds` from now it may be asked again, None if it did not say."""

    seconds: float | None = None


def throttle_of(error: BaseException) -> Throttle | None:
    """Return what a server wished for, if that is why a task failed; None if asking again later makes no sense.

    Looked at are the error, what it was raised from or while handling, and the members of exception groups. Status 429
    and 529 count, 503 with a `Retry-After`. Not so: an empty account, `x-should-retry: false`, and a pause of more than
    `LONGEST_PAUSE` seconds; a session that stands still for an hour is worse than one with failed cases.
    """
    for link in _chain(error):
        status, headers = _status(link), _headers(link)
        if status in {_TOO_MANY_REQUESTS, _OVERLOADED, _UNAVAILABLE}:
            seconds = _seconds(link, headers)
            if status == _UNAVAILABLE and seconds is None:
                continue
            hopeless = _is_out_of_money(link) or headers.get("x-should-retry") == "false"
            return None if hopeless or (seconds or 0.0) > LONGEST_PAUSE else Throttle(seconds)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    waiting: list[BaseException | None] = [error]
    known: set[int] = set()
    while waiting and len(known) < _MOST_LINKS:
        link = waiting.pop()
        if link is None or id(link) in known:
            continue
        known.add(id(link))
        yield link
        if isinstance(link, BaseExceptionGroup):
            waiting.extend(link.exceptions)
        waiting += [link.__context__, link.__cause__]


def _get(holder: object, name: str) -> Any:
    try:
        return getattr(holder, name, None)
    except Exception:  # noqa: BLE001 - properties of strangers may raise anything; the case's own error is what matters
        return None


def _is_out_of_money(error: BaseException) -> bool:
    return any(isinstance(value := _get(error, name), str) and value == OUT_OF_MONEY for name in ("code", "type"))


def _status(error: BaseException) -> int | None:
    for holder in (error, _get(error, "response")):
        for name in ("status_code", "status", "code"):
            if isinstance(value := _get(holder, name), int):
                return int(value)
    return None


def _headers(error: BaseException) -> dict[str, str]:
    """Every header by its lower-case name; plain dicts do not look names up regardless of case."""
    found: dict[str, str] = {}
    for holder in (_get(error, "response"), error):
        try:
            found |= {str(name).lower(): str(value).strip() for name, value in _get(holder, "headers").items()}
        except Exception:  # noqa: BLE001, S112 - no headers, or no mapping
            continue
    return found


def _seconds(error: BaseException, headers: Mapping[str, str]) -> float | None:
    """How long the server wants to be left alone; what is most exact comes first."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    if (after := headers.get("retry-after")) is not None:
        seconds = _number(after)
        return seconds if seconds is not None else _until(after, headers.get("date"))
    if (delay := _duration(_retry_delay(_get(error, "details")))) is not None:
        return delay
    return _reset(headers)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and _NUMBER.fullmatch(text) else None


def _until(date: str, servers_now: str | None) -> float | None:
    """Seconds until an HTTP date (RFC 9110, 5.6.7), by the server's own clock where it tells the time."""
    until = _moment(date)
    if until is None:
        return None
    now = _moment(servers_now or "") or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds())


def _moment(date: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(date)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ArithmeticError, LookupError, TypeError, ValueError):  # what the parser raises for other strings
        return None


def _duration(text: str | None) -> float | None:
    if text is None or not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _PART_OF_DURATION.findall(text))


def _reset(headers: Mapping[str, str]) -> float | None:
    """When OpenAI's buckets are full again, of those that are empty."""
    resets = [
        _duration(headers.get(f"x-ratelimit-reset-{what}"))
        for what in ("requests", "tokens")
        if headers.get(f"x-ratelimit-remaining-{what}", "0") == "0"
    ]
    return max((reset for reset in resets if reset is not None), default=None)


def _retry_delay(details: object) -> str | None:
    """Google's `RetryInfo`, somewhere in the body of the response: `{"retryDelay": "34s"}`."""
    waiting = [details]
    for part in islice(waiting, _MOST_LINKS):  # it grows meanwhile
        if isinstance(part, dict):
            if isinstance(delay := part.get("retryDelay"), str):
                return delay
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    return None
