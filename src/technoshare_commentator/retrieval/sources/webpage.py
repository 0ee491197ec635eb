"""Any page: what it is, is decided by what comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.retrieval.extraction.content import WEBPAGE, evidence_from_bytes
from technoshare_commentator.retrieval.extraction.evidence import Origin
from technoshare_commentator.retrieval.extraction.extract import off_the_loop

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.retrieval.fetching.fetch import Fetcher


class WebpageSource:
    """The source of last resort: HTML, Markdown, reStructuredText and plain text; a PDF is read as one."""

    adapter_name = WEBPAGE

    def matches(self, url: SplitResult) -> bool:
        """Every http and https link."""
        return url.scheme in {"http", "https"}

    async def read(self, link: Link, fetcher: Fetcher) -> Evidence:
        """Fetch the page and extract its text in a thread of its own."""
        page = await fetcher.fetch(link.url)
        origin = Origin(link.url, page.final_url, self.adapter_name, sources=(page.final_url,))
        return await off_the_loop(evidence_from_bytes, page.final_url, page.body, page.content_type, origin=origin)
