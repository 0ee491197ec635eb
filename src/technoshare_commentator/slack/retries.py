"""When a call to Slack is tried again: only where the first attempt cannot have posted anything.

`chat.postMessage` has no key by which Slack could tell a repeated message from a new one, so a message whose answer
was lost is never sent twice. slack-sdk's own handlers go further: they also repeat after a connection that broke while
waiting for the answer, and after status 500, which according to Slack may come when the work was already done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import ClientConnectorError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)

if TYPE_CHECKING:
    from slack_sdk.http_retry.async_handler import AsyncRetryHandler
    from slack_sdk.http_retry.request import HttpRequest
    from slack_sdk.http_retry.response import HttpResponse
    from slack_sdk.http_retry.state import RetryState

_ATTEMPTS_AFTER_RATE_LIMIT = 3
_ATTEMPTS_AFTER_NO_CONNECTION = 2
_SERVICE_UNAVAILABLE = 503


class _RateLimitHandler(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack asks, unless that is longer than a job can."""

    def __init__(self, longest_pause_seconds: int) -> None:
        super().__init__(max_retry_count=_ATTEMPTS_AFTER_RATE_LIMIT)
        self._longest_pause_seconds = longest_pause_seconds

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        limited = await super()._can_retry_async(state=state, request=request, response=response, error=error)
        return limited and response is not None and _pause_seconds(response) <= self._longest_pause_seconds


class _UnavailableHandler(AsyncServerErrorRetryHandler):
    """Tries again after 503 alone."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,  # noqa: ARG002 - the handler's signature
        request: HttpRequest,  # noqa: ARG002 - the handler's signature
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002 - the handler's signature
    ) -> bool:
        return response is not None and response.status_code == _SERVICE_UNAVAILABLE


def retry_handlers(longest_pause_seconds: int) -> list[AsyncRetryHandler]:
    """Handlers for a rate limit, an unavailable service and a connection that was never made."""
    return [
        _RateLimitHandler(longest_pause_seconds),
        _UnavailableHandler(max_retry_count=1),
        AsyncConnectionErrorRetryHandler(
            max_retry_count=_ATTEMPTS_AFTER_NO_CONNECTION, error_types=[ClientConnectorError]
        ),
    ]


def _pause_seconds(response: HttpResponse) -> float:
    header = next((value for name, value in response.headers.items() if name.lower() == "retry-after"), "1")
    text = header[0] if isinstance(header, list) else header
    return float(text) if text.isdigit() else float("inf")  # slack-sdk can wait for whole seconds only
