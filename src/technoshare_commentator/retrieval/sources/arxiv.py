"""arXiv papers: metadata and abstract through the export API, the text from the paper's HTML, else its PDF."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote, urlsplit

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.content_type import detect, parse_content_type
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind
from technoshare_commentator.retrieval.extraction.evidence import Origin, build_evidence
from technoshare_commentator.retrieval.extraction.extract import extract, off_the_loop
from technoshare_commentator.retrieval.sources.arxiv_record import Record, parse_record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from urllib.parse import SplitResult

    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.retrieval.fetching.fetch import Fetcher

ADAPTER = "arxiv"
API_URL = "https://export.arxiv.org"
SITE_URL = "https://arxiv.org"
HOSTS = frozenset({"arxiv.org", "www.arxiv.org", "export.arxiv.org", "browse.arxiv.org"})
ABSTRACT = "Abstract"
_ATOM_TYPES = frozenset({"application/atom+xml", "application/xml", "text/xml"})
# Identifiers since April 2007, and those before (https://info.arxiv.org/help/arxiv_identifier.html).
_IDENTIFIER = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]{2,12}(?:\.[A-Z]{2})?/\d{7})(v\d{1,3})?", re.ASCII)
_PATH = re.compile(r"/(?:abs|pdf|html|format|ps)/(.+?)(?:\.pdf)?/?")
_LEAST_WORDS = 300  # a page with fewer is arXiv's word that there is no HTML of this paper


@dataclass(frozen=True)
class Paper:
    """A paper's identifier, and the version (`v2`) when the link names one."""

    identifier: str
    version: str = ""

    @property
    def name(self) -> str:
        """Identifier and version, the way arXiv's addresses hold it."""
        return f"{self.identifier}{self.version}"


@dataclass(frozen=True)
class _Found:
    """What was read of a paper: any part may be missing, and `gaps` says why."""

    record: Record | None = None
    document: Document | None = None
    sources: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def paper_of(url: SplitResult) -> Paper | None:
    """Return the paper a link shows (abs, pdf or html page, any version, old and new identifiers), else None."""
    if (url.hostname or "").rstrip(".").lower() not in HOSTS or "@" in url.netloc:
        return None
    path = _PATH.fullmatch(unquote(url.path))
    found = _IDENTIFIER.fullmatch(path.group(1)) if path else None
    return Paper(found.group(1), found.group(2) or "") if found else None


def evidence_from_full_text(paper: Paper, body: bytes, content_type: str, *, url: str) -> Evidence:
    """Turn the full text of a paper (HTML, PDF or plain text) that is already here into evidence.

    `url` is the link as shared. Raises `SourceError` when there is no prose.
    """
    media_type, charset = parse_content_type(content_type)
    document = extract(body, detect(body, media_type, url), charset)
    return _evidence(paper, _Found(document=document, sources=(url,)), url)


class ArxivSource:
    """Papers on arXiv; listings, searches and author pages are webpages."""

    def __init__(self, *, api_url: str = API_URL, site_url: str = SITE_URL) -> None:
        self._api_url = api_url.rstrip("/")
        self._site_url = site_url.rstrip("/")

    def matches(self, url: SplitResult) -> bool:
        """Whether the link shows one paper."""
        return url.scheme in {"http", "https"} and paper_of(url) is not None

    async def read(self, link: Link, fetcher: Fetcher) -> Evidence:
        """Ask for record and full text at once; either alone still gives evidence, of partial coverage."""
        paper = paper_of(urlsplit(link.url))
        if paper is None:
            raise FetchFailedError(f"{link.url!r} does not show a paper; share its abstract page")
        record, text = await asyncio.gather(self._record(paper, fetcher), self._full_text(paper, fetcher))
        if isinstance(record, FetchFailedError) and text.document is None:
            raise record
        found = text
        if isinstance(record, FetchFailedError):
            gap = f"the paper's record could not be read ({_short(record)})"
            found = replace(text, gaps=(*text.gaps, gap))
        else:
            found = replace(text, record=record[0], sources=(record[1], *text.sources))
        return await off_the_loop(_evidence, paper, found, link.url)

    async def _record(self, paper: Paper, fetcher: Fetcher) -> tuple[Record, str] | FetchFailedError:
        url = f"{self._api_url}/api/query?id_list={quote(paper.name, safe='/')}&max_results=1"
        try:
            page = await fetcher.fetch(url, accept="application/atom+xml", is_accepted=_ATOM_TYPES.__contains__)
            return parse_record(page.body, paper.name), page.final_url
        except FetchFailedError as error:
            return error

    async def _full_text(self, paper: Paper, fetcher: Fetcher) -> _Found:
        reasons = []
        for form in ("html", "pdf"):
            url = f"{self._site_url}/{form}/{paper.name}"
            try:
                page = await fetcher.fetch(url)
                media_type, charset = parse_content_type(page.content_type)
                kind = detect(page.body, media_type, page.final_url)
                document = await off_the_loop(extract, page.body, kind, charset)
            except FetchFailedError as error:
                reasons.append(f"{form}: {_short(error)}")
                continue
            if _words(document.blocks) >= _LEAST_WORDS:
                return _Found(document=document, sources=(page.final_url,))
            reasons.append(f"{form}: too little text")
        return _Found(gaps=(f"the paper's full text could not be reached ({', '.join(reasons)})",))


def _evidence(paper: Paper, found: _Found, url: str) -> Evidence:
    document = found.document or Document(title="", blocks=())
    record = found.record
    blocks: Iterable[Block] = document.blocks
    if record is not None:
        abstract = (Block(Kind.HEADING, ABSTRACT, level=1), Block(Kind.PROSE, record.abstract))
        blocks = (*abstract, Block(Kind.HEADING, "", level=1), *_without_abstract(document.blocks))
    origin = Origin(
        url=url,
        final_url=f"{SITE_URL}/abs/{paper.name}",
        adapter_name=ADAPTER,
        title=f"arXiv:{paper.name}",
        sources=found.sources,
        metadata={"arxiv_id": paper.name, **(record.metadata if record else {})},
    )
    title = record.title if record else document.title
    merged = replace(document, title=title, blocks=tuple(blocks), gaps=(*document.gaps, *found.gaps))
    return build_evidence(merged, origin)


def _without_abstract(blocks: Iterable[Block]) -> Iterator[Block]:
    """Leave out the paper's own abstract section: the record's has no formulas torn apart."""
    inside = False
    for block in blocks:
        if block.kind is Kind.HEADING:
            inside = block.text.strip(" .:").casefold() == ABSTRACT.casefold()
        if not inside:
            yield block


def _words(blocks: Iterable[Block]) -> int:
    return sum(len(block.text.split()) for block in blocks if block.kind is not Kind.HEADING)


def _short(error: FetchFailedError) -> str:
    return str(error).partition(";")[0]
