"""What a source of evidence is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.retrieval.fetching.fetch import Fetcher


class Source(Protocol):
    """Reads the links of one kind of place."""

    def matches(self, url: SplitResult) -> bool:
        """Whether a link belongs here, judged by its parsed host and path."""
        ...

    async def read(self, link: Link, fetcher: Fetcher) -> Evidence:
        """Return the evidence behind a link that matches; raise `SourceError` when nothing can be read."""
        ...
