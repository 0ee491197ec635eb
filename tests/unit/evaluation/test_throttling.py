"""Which exceptions of which clients mean "slower", and for how long."""

from __future__ import annotations

import email.message
import io
import urllib.error
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Any

import aiohttp
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from technoshare_commentator.mlops.evaluation.running.throttling import LONGEST_PAUSE, Throttle, throttle_of

ADDRESS = "http://127.0.0.1/v1/chat/completions"


class Response:
    """As `requests` has it: false when the status is an error's."""

    def __init__(self, status_code: int, headers: dict[str, str]) -> None:
        self.status_code = status_code
        self.headers = headers

    def __bool__(self) -> bool:
        return self.status_code < 400


class SdkError(Exception):
    """As openai and anthropic raise it; `code` and `type` come from the response's body."""

    def __init__(self, status: int = 429, *, code: str | None = "rate_limit_exceeded", **headers: str) -> None:
        super().__init__(f"Error code: {status}")
        self.status_code = status
        self.code = code
        self.type = code
        self.response = Response(status, {name.replace("_", "-"): value for name, value in headers.items()})


class GoogleError(Exception):
    """As google.genai raises it: the status in words, the pause in the body."""

    def __init__(self, details: Any) -> None:
        super().__init__("429 RESOURCE_EXHAUSTED")
        self.code = HTTPStatus.TOO_MANY_REQUESTS
        self.status = "RESOURCE_EXHAUSTED"
        self.details = details
        self.response = None


class RequestsError(Exception):
    """As requests raises it: everything is in the response."""

    def __init__(self, response: Response) -> None:
        super().__init__("429 Client Error: Too Many Requests")
        self.response = response


def of_httpx2(status: int, **headers: str) -> BaseException:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx2.Response(status, headers=named, request=httpx2.Request("POST", ADDRESS))
    with pytest.raises(httpx2.HTTPStatusError) as caught:
        response.raise_for_status()
    return caught.value


def of_aiohttp(status: int, **headers: str) -> BaseException:
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    asked = aiohttp.RequestInfo(URL(ADDRESS), "POST", CIMultiDictProxy(CIMultiDict()), URL(ADDRESS))
    return aiohttp.ClientResponseError(asked, (), status=status, headers=named)


def of_urllib(status: int, **headers: str) -> BaseException:
    message = email.message.Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return urllib.error.HTTPError(ADDRESS, status, "Too Many Requests", message, io.BytesIO())


def of_requests(status: int, **headers: str) -> BaseException:
    return RequestsError(Response(status, {name.replace("_", "-"): value for name, value in headers.items()}))


@pytest.mark.parametrize("client", [SdkError, of_httpx2, of_aiohttp, of_urllib, of_requests])
def test_every_client_is_understood(client: Any) -> None:
    assert throttle_of(client(429)) == Throttle(None)
    assert throttle_of(client(429, Retry_After="7")) == Throttle(7.0)
    assert throttle_of(client(429, retry_after=" 2.5 ")) == Throttle(2.5)
    assert throttle_of(client(503, Retry_After="7")) == Throttle(7.0)
    assert throttle_of(client(503)) is None
    assert throttle_of(client(529)) == Throttle(None)
    assert throttle_of(client(500, Retry_After="7")) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"x-ratelimit-reset-requests": "1s"}, 1.0),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"x-ratelimit-reset-requests": "1m2.5s", "x-ratelimit-reset-tokens": "2s"}, 62.5),
        ({"x-ratelimit-reset-requests": "2m0s", "x-ratelimit-remaining-requests": "99"}, None),
        ({"x-ratelimit-reset-requests": "1730000000"}, None),
        ({"x-ratelimit-reset-requests": "6m", "retry-after": "3"}, 3.0),
    ],
)
def test_the_pause_is_read_from_whichever_header_tells_it_best(headers: dict[str, str], seconds: float | None) -> None:
    throttle = throttle_of(RequestsError(Response(429, headers)))
    assert throttle is not None
    assert throttle.seconds == pytest.approx(seconds)


@pytest.mark.parametrize(
    "date", ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
)
def test_a_date_in_any_of_the_three_forms_is_counted_from_the_servers_own(date: str) -> None:
    throttle = throttle_of(SdkError(Retry_After=date, Date="Sun, 06 Nov 1994 08:49:07 GMT"))
    assert throttle == Throttle(30.0)


def test_a_date_is_counted_from_now_when_the_server_does_not_tell_the_time_and_is_never_negative() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    throttle = throttle_of(SdkError(Retry_After=soon))
    assert throttle is not None
    assert throttle.seconds is not None
    assert 0 < throttle.seconds <= 90
    assert throttle_of(SdkError(Retry_After="Sun, 06 Nov 1994 08:49:37 GMT")) == Throttle(0.0)


@pytest.mark.parametrize(
    "wrap", [lambda error: {"error": error}, lambda error: error, lambda error: [{"error": error}]]
)
def test_google_says_in_the_body_for_how_long(wrap: Any) -> None:
    info = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}
    error = {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": [{"@type": "QuotaFailure"}, info]}
    assert throttle_of(GoogleError(wrap(error))) == Throttle(34.5)
    assert throttle_of(GoogleError(wrap({"code": 429}))) == Throttle(None)


def test_a_body_that_contains_itself_has_an_end() -> None:
    body: dict[str, Any] = {}
    body["again"] = [body, body]
    assert throttle_of(GoogleError(body)) == Throttle(None)


def test_it_is_found_behind_the_errors_that_were_made_of_it() -> None:
    class AppError(Exception):
        status_code = 502

    wrapped = AppError("no answer")
    wrapped.__cause__ = SdkError(Retry_After="3")
    assert throttle_of(wrapped) == Throttle(3.0)

    def ask() -> None:
        raise SdkError(Retry_After="4")

    def handles_badly() -> None:
        try:
            ask()
        except SdkError:
            raise KeyError("fallback") from None

    with pytest.raises(KeyError) as caught:
        handles_badly()
    assert throttle_of(caught.value) == Throttle(4.0)
    assert throttle_of(ExceptionGroup("tasks", [ValueError("x"), ExceptionGroup("more", [wrapped])])) == Throttle(3.0)


def test_errors_that_go_round_in_circles_have_an_end() -> None:
    first, second = ValueError("a"), ValueError("b")
    first.__cause__, second.__cause__ = second, first
    assert throttle_of(first) is None


@pytest.mark.parametrize(
    "error",
    [
        SdkError(code="insufficient_quota", Retry_After="1"),
        SdkError(x_should_retry="false", Retry_After="1"),
        SdkError(Retry_After="601"),
        SdkError(Retry_After="9" * 400),
        ValueError("429"),
        SystemExit("429"),
        KeyboardInterrupt(),
    ],
)
def test_waiting_does_not_help_with(error: BaseException) -> None:
    assert throttle_of(error) is None


def test_an_error_whose_attributes_raise_is_no_throttle() -> None:
    class HostileError(Exception):
        @property
        def status_code(self) -> int:
            raise RuntimeError("not now")

        @property
        def response(self) -> object:
            raise KeyError("response")

    assert throttle_of(HostileError()) is None


NAMES = ["Retry-After", "retry-after-ms", "Date", "x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"]
VALUES = st.text("0123456789.smh-+:, eGMTNov_\0é٣", max_size=30) | st.floats().map(str) | st.datetimes().map(str)


@given(st.dictionaries(st.sampled_from(NAMES), VALUES | st.datetimes().map(format_datetime)))
def test_whatever_a_server_writes_the_pause_is_bounded(headers: dict[str, str]) -> None:
    throttle = throttle_of(RequestsError(Response(429, headers)))
    assert throttle is None or throttle.seconds is None or 0 <= throttle.seconds <= LONGEST_PAUSE
