"""Cassettes: model calls of an evaluation, recorded once and replayed without network or key.

    from openai import AsyncOpenAI
    from technoshare_commentator.mlops.evaluation.recording import async_client

    client = AsyncOpenAI(api_key=os.environ.get("OPENAI_API_KEY", "unused"), http_client=async_client())

While a case or one of its scorers runs under `pytest`, what such a client asks is replayed or recorded, as
`--eval-record` says; anywhere else the client is an ordinary one. Importing this imports no HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops.evaluation.recording.failures import MissingRecordingError, RecordingError

if TYPE_CHECKING:
    import httpx2

__all__ = ["MissingRecordingError", "RecordingError", "async_client", "client"]


def async_client(**settings: Any) -> httpx2.AsyncClient:
    """Return an `httpx2.AsyncClient` whose requests can be recorded; `settings` are those of httpx2's."""
    from technoshare_commentator.mlops.evaluation.recording import clients  # noqa: PLC0415 - who asks for one pays

    return clients.RecordedAsyncClient(**{**clients.defaults(), **settings})


def client(**settings: Any) -> httpx2.Client:
    """Return an `httpx2.Client` whose requests can be recorded; `settings` are those of httpx2's."""
    from technoshare_commentator.mlops.evaluation.recording import clients  # noqa: PLC0415 - as above

    return clients.RecordedClient(**{**clients.defaults(), **settings})
