"""httpx2 clients whose requests can be recorded; the openai SDK stands on httpx2, and takes one as `http_client`.

A response is read to its end before it is handed on, so a stream arrives at once. In a recording session the caller
sees what a replay will see: the recording, not what was on the wire.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx2

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.recording.cassette import RecordedRequest, RecordedResponse, Recording
from technoshare_commentator.mlops.evaluation.recording.requests import as_body, as_content, asked, is_credential
from technoshare_commentator.mlops.evaluation.recording.scope import current_scope
from technoshare_commentator.mlops.evaluation.running.slots import live_slot, live_slot_sync

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.recording.scope import Scope, Turn

_HEADERS_THAT_MATTER = frozenset({"content-type", "location", "x-request-id", "x-should-retry"})
_OF_THE_WIRE = frozenset({"content-encoding", "content-length", "transfer-encoding"})  # the body has been decoded


def defaults() -> dict[str, Any]:
    """What the openai SDK gives a client of its own; httpx2's are for browsing."""
    return {
        "follow_redirects": True,
        "limits": httpx2.Limits(max_connections=1000, max_keepalive_connections=100),
    }


class RecordedAsyncClient(httpx2.AsyncClient):
    """A client that replays and records where an evaluation wants it to."""

    def _transport_for_url(self, url: httpx2.URL) -> httpx2.AsyncBaseTransport:
        """Wrap whatever would be used, proxies of the environment included."""
        return RecordingAsyncTransport(super()._transport_for_url(url))


class RecordedClient(httpx2.Client):
    """The same for code that blocks."""

    def _transport_for_url(self, url: httpx2.URL) -> httpx2.BaseTransport:
        """Wrap whatever would be used, proxies of the environment included."""
        return RecordingTransport(super()._transport_for_url(url))


class RecordingAsyncTransport(httpx2.AsyncBaseTransport):
    """Stands before another transport, for clients that are made elsewhere."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        """Take who sends what has to be sent."""
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Replay an answer, or fetch and record it."""
        scope = current_scope()
        if scope is None:
            return await self._inner.handle_async_request(request)
        call = _Call(scope, request, await request.aread())
        if (replay := call.replay()) is not None:
            return replay
        try:
            await live_slot()
            call.begin()
            response = await self._inner.handle_async_request(request)
            await response.aread()
            await response.aclose()
        except BaseException:
            call.turn.given_up()
            raise
        return call.record(response)

    async def aclose(self) -> None:
        """Close the other one."""
        await self._inner.aclose()


class RecordingTransport(httpx2.BaseTransport):
    """The same for clients that block."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        """Take who sends what has to be sent."""
        self._inner = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Replay an answer, or fetch and record it."""
        scope = current_scope()
        if scope is None:
            return self._inner.handle_request(request)
        call = _Call(scope, request, request.read())
        if (replay := call.replay()) is not None:
            return replay
        try:
            live_slot_sync()
            call.begin()
            response = self._inner.handle_request(request)
            response.read()
            response.close()
        except BaseException:
            call.turn.given_up()
            raise
        return call.record(response)

    def close(self) -> None:
        """Close the other one."""
        self._inner.close()


class _Call:
    """A request of a scope, between httpx2's words and the recording's."""

    def __init__(self, scope: Scope, request: httpx2.Request, content: bytes) -> None:
        url = request.url
        self._scope = scope
        self._sent = request
        self._asked = asked(request.method, url.path, url.query.decode("ascii"), content)
        self._began = 0.0
        self.turn: Turn = scope.ask(self._asked)

    def replay(self) -> httpx2.Response | None:
        """The recorded answer, if there is one."""
        if self.turn.known is None:
            return None
        tracing.mark_replayed(replayed=True)
        return _response(self.turn.known)

    def begin(self) -> None:
        """The request is about to be sent."""
        self._began = time.monotonic()
        tracing.mark_replayed(replayed=False)

    def record(self, response: httpx2.Response) -> httpx2.Response:
        """Write the answer down, if it is one, and return it as it will be replayed."""
        headers = {name.lower(): value for name, value in response.headers.items()}
        recording = Recording(
            case=self._scope.place.case_id,
            variant=self._scope.place.variant,
            trial=self._scope.place.trial,
            asked_by=self._scope.asked_by,
            occurrence=self.turn.occurrence,
            request=RecordedRequest(method=self._asked.method, path=self._asked.path, body=self._asked.body),
            response=RecordedResponse(
                status=response.status_code,
                headers={name: value for name, value in headers.items() if name in _HEADERS_THAT_MATTER},
                body=as_body(response.content),
                seconds=round(time.monotonic() - self._began, 3),
            ),
        )
        kept = self.turn.answered(recording, _secrets_of(self._sent))
        if kept is not None:
            return _response(kept)
        as_sent = [(name, value) for name, value in headers.items() if name not in _OF_THE_WIRE]
        return httpx2.Response(response.status_code, headers=as_sent, content=response.content)


def _response(recording: Recording) -> httpx2.Response:
    answer = recording.response
    return httpx2.Response(answer.status, headers=answer.headers, content=as_content(answer.body))


def _secrets_of(request: httpx2.Request) -> frozenset[str]:
    """What the request proved itself with: whole headers, their words (`Bearer …`) and parameters."""
    given = [value for name, value in request.headers.items() if is_credential(name)]
    words = [word for value in given for word in value.split()]
    parameters = [value for name, value in request.url.params.multi_items() if is_credential(name)]
    return frozenset([*given, *words, *parameters])
