"""The port `Retriever`: the first source that matches a link reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from technoshare_commentator.errors import FetchRefusedError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.retrieval.fetching.fetch import Fetcher
    from technoshare_commentator.retrieval.sources.source import Source


class Retriever:
    """Reads links over one fetcher; the order of `sources` is their precedence, the most special first."""

    def __init__(self, fetcher: Fetcher, sources: Sequence[Source]) -> None:
        self._fetcher = fetcher
        self._sources = tuple(sources)

    async def retrieve(self, link: Link) -> Evidence:
        """Return the evidence behind `link`; raise `SourceError` when nothing can be read."""
        try:
            url = urlsplit(link.url)
        except ValueError as error:
            raise FetchRefusedError(f"{link.url!r} is not a valid URL ({error}); check how it is spelled") from None
        for source in self._sources:
            if source.matches(url):
                return await source.read(link, self._fetcher)
        raise FetchRefusedError(
            f"{link.url!r} will not be fetched: its scheme is {url.scheme!r}; only http and https links are read"
        )

    async def aclose(self) -> None:
        """Close the fetcher's connections."""
        await self._fetcher.aclose()
