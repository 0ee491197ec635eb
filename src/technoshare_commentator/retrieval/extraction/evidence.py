"""From a document to evidence: the frame left out, the rest cut into snippets, the coverage judged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technoshare_commentator.domain import Evidence
from technoshare_commentator.errors import SourceError
from technoshare_commentator.retrieval.extraction.boilerplate import page_text
from technoshare_commentator.retrieval.extraction.coverage import judge
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind
from technoshare_commentator.retrieval.extraction.formats.html import PAYWALL_GAP
from technoshare_commentator.retrieval.extraction.snippets import SNIPPET_LIMIT, cut

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Origin:
    """Where a document came from: the link as shared, where it led, every URL read, and which source read it.

    `title` stands in for a document that names none.
    """

    url: str
    final_url: str
    adapter_name: str
    title: str = ""
    sources: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)


def build_evidence(document: Document, origin: Origin, *, limit: int = SNIPPET_LIMIT) -> Evidence:
    """Turn a document into evidence of at most `limit` snippets; raise `SourceError` when no prose is left."""
    kept, paywalled = page_text(document.blocks)
    snippets, total = cut(kept, limit)
    gaps = list(document.gaps)
    if paywalled and PAYWALL_GAP not in gaps:
        gaps.append(PAYWALL_GAP)
    if total > len(snippets):
        gaps.append(f"the page is {_words(kept):,} words; the first {len(snippets)} of {total:,} passages were read")
    coverage, reason = judge(snippets, gaps)
    if not snippets:
        raise SourceError(
            f"no readable text was found behind {origin.url!r} ({reason}); if a browser shows text there, save the "
            "page and run `technoshare comment FILE.html`"
        )
    return Evidence(
        url=origin.url,
        final_url=origin.final_url,
        title=document.title or origin.title or origin.final_url,
        adapter_name=origin.adapter_name,
        coverage=coverage,
        coverage_reason=reason,
        snippets=snippets,
        sources=origin.sources or (origin.final_url,),
        metadata={**document.metadata, **origin.metadata},
    )


def _words(blocks: list[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks if block.kind is not Kind.HEADING)
