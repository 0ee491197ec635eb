"""HTML pages: hidden text out, the site's frame out by trafilatura, formulas and layout tables made readable."""

from __future__ import annotations

import json
import re
from typing import Any

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.clean_text import tidy, tidy_heading
from technoshare_commentator.retrieval.extraction.document import Block, Document, Kind
from technoshare_commentator.retrieval.extraction.formats.hidden import detach, remove_hidden
from technoshare_commentator.retrieval.extraction.formats.markup import blocks_of
from technoshare_commentator.retrieval.extraction.formats.plain import read_plain
from technoshare_commentator.retrieval.extraction.latex import formula
from technoshare_commentator.sentences import count_sentences

_PAPER = "//article[contains(concat(' ', normalize-space(@class), ' '), ' ltx_document ')]"
# The page's description is left out on purpose: nobody sees it, so it is no evidence and a good place for orders.
_META = {
    "author": ("author", "article:author", "citation_author", "dc.creator"),
    "date": ("article:published_time", "date", "citation_publication_date", "dc.date", "pubdate"),
    "site": ("og:site_name", "application-name"),
}
_PAPER_NOISE = frozenset(
    {
        *("ltx_bibliography", "ltx_note", "ltx_authors", "ltx_dates", "ltx_figure", "ltx_table", "ltx_float"),
        *("ltx_listing", "ltx_tag_equation", "ltx_equation", "ltx_equationgroup", "ltx_ERROR", "ltx_page_footer"),
        *("ltx_page_header", "ltx_navigation", "ltx_TOC", "ltx_pagination", "ltx_tag_section", "ltx_tag_subsection"),
        *("ltx_tag_subsubsection", "ltx_tag_appendix", "ltx_tag_item"),
    }
)
_LAYOUT = "//table[.//h1 or .//h2 or .//p or .//article or .//table or .//div]"
_CODE_LINE = re.compile(r"[{};\\]\s*$|^\s*(?://|#|\$|>>>|[-+|*/]{2})|\w\(\w*\)|==|:=|=>|->|</|\s--\w")
_MOST_CODE_LINES = 0.05
_LEAST_SENTENCES = 3
_UNPAID = re.compile(r'"isAccessibleForFree"\s*:\s*"?false', re.IGNORECASE)
PAYWALL_GAP = "the page says that the full text is for subscribers only"


def read_html(text: str) -> Document:
    """Read a whole HTML page; raise `FetchFailedError` when there is no element in it."""
    root = parse(text)
    remove_hidden(root)
    title, metadata = _title(root), _metadata(root)
    gaps = (PAYWALL_GAP,) if _is_marked_unpaid(root) else ()
    _write_out_formulas(root)
    _settle_preformatted(root)
    _unwrap_layout_tables(root)
    blocks = _paper_blocks(root) if _is_paper(root) else _article_blocks(root)
    return Document(title=title or _first_heading(blocks), blocks=blocks, metadata=metadata, gaps=gaps)


def read_fragment(markup: str) -> tuple[Block, ...]:
    """Read HTML that is content from end to end, as a renderer of Markdown writes it; no frame is looked for."""
    root = parse(f"<div>{markup}</div>")
    remove_hidden(root)
    _write_out_formulas(root)
    return blocks_of(root)


def parse(text: str) -> Any:
    """Parse HTML the forgiving way; nothing is fetched and no entity is expanded beyond HTML's own."""
    from lxml import etree, html  # noqa: PLC0415 - only reading a page needs it

    parser = html.HTMLParser(encoding="utf-8", no_network=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace").replace(b"\0", b""), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise FetchFailedError(
            f"the page holds no HTML element ({error}); open it in a browser, save it and run "
            "`technoshare comment FILE.html`"
        ) from error


def _article_blocks(root: Any) -> tuple[Block, ...]:
    import trafilatura  # noqa: PLC0415 - slow to import, and only web pages need it

    whole = blocks_of(root)
    found = trafilatura.bare_extraction(root, fast=True, include_comments=False, include_links=True)
    body = getattr(found, "body", None)
    return _with_headings(blocks_of(body), whole) if body is not None else ()


def _with_headings(blocks: tuple[Block, ...], whole: tuple[Block, ...]) -> tuple[Block, ...]:
    """Put the headings of the whole page back where the extractor fell back to paragraphs alone."""
    if any(block.kind is Kind.HEADING for block in blocks):
        return blocks
    heading_of: dict[str, Block] = {}
    heading: Block | None = None
    for block in whole:
        if block.kind is Kind.HEADING:
            heading = block
        elif heading is not None:
            heading_of.setdefault(block.text, heading)
    completed: list[Block] = []
    last: Block | None = None
    for block in blocks:
        heading = heading_of.get(block.text, last)
        if heading is not None and heading is not last:
            completed.append(heading)
        completed.append(block)
        last = heading
    return tuple(completed)


def _is_paper(root: Any) -> bool:
    return bool(root.xpath(_PAPER))


def _paper_blocks(root: Any) -> tuple[Block, ...]:
    """LaTeXML names every part of a paper, so nothing needs to be guessed."""
    for element in [found for found in root.iter() if not _PAPER_NOISE.isdisjoint((found.get("class") or "").split())]:
        detach(element)
    return blocks_of(root.xpath(_PAPER)[0])


def _write_out_formulas(root: Any) -> None:
    """Put the readable form of every MathML formula where it stood; a formula without TeX gives its own characters."""
    for element in list(root.iter("math")):
        tex = element.get("alttext") or "".join(element.xpath(".//annotation[contains(@encoding, 'tex')]/text()"))
        written = formula(tex) if tex else "".join(element.itertext())
        element.tail = f"{written}{element.tail or ''}"
        detach(element)


def _settle_preformatted(root: Any) -> None:
    """Take out preformatted code, which the extractor would pass on as text, and make paragraphs of preformatted prose.

    Mail archives and standards documents keep whole texts in `<pre>`.
    """
    from lxml import etree  # noqa: PLC0415 - only reading a page needs it

    for element in list(root.iter("pre")):
        text = "".join(element.itertext())
        marked_as_code = element.get("class") or any(child.tag != "a" for child in element)
        if marked_as_code or not _is_wrapped_prose(text):
            detach(element)
            continue
        element.clear(keep_tail=True)
        element.tag = "div"
        for block in read_plain(text).blocks:
            etree.SubElement(element, "h2" if block.kind is Kind.HEADING else "p").text = block.text


def _is_wrapped_prose(text: str) -> bool:
    lines = [line for line in text.split("\n") if line.strip()]
    coded = sum(_CODE_LINE.search(line) is not None for line in lines)
    return coded <= _MOST_CODE_LINES * len(lines) and count_sentences(text) >= _LEAST_SENTENCES


def _unwrap_layout_tables(root: Any) -> None:
    """Pages older than CSS keep their text in tables: one that holds paragraphs is layout, not data."""
    for table in root.xpath(_LAYOUT):
        for part in table.iter("table", "tbody", "thead", "tfoot", "tr", "td", "th"):
            part.tag = "div"
            for attribute in ("width", "bgcolor", "border", "cellpadding", "cellspacing"):
                part.attrib.pop(attribute, None)


def _title(root: Any) -> str:
    named = _meta_content(root, ("og:title", "citation_title", "twitter:title")) or root.findtext(".//title") or ""
    headings = [clean for found in root.xpath("//h1") if (clean := tidy_heading("".join(found.itertext())))]
    # A page with one <h1> says there what it is; <title> often carries the site's name as well.
    return headings[0] if len(headings) == 1 else tidy_heading(named) or (headings[0] if headings else "")


def _first_heading(blocks: tuple[Block, ...]) -> str:
    return next((block.text for block in blocks if block.kind is Kind.HEADING), "")


def _metadata(root: Any) -> dict[str, str]:
    found = {key: tidy(_meta_content(root, names)) for key, names in _META.items()}
    found["language"] = tidy(root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")
    links = root.xpath("//link[@rel='canonical']/@href")
    found["canonical_url"] = tidy(str(links[0])) if links else ""
    return {key: value for key, value in found.items() if value}


def _meta_content(root: Any, names: tuple[str, ...]) -> str:
    for name in names:
        for element in root.iter("meta"):
            if (element.get("property") or element.get("name") or "").lower() == name and element.get("content"):
                return str(element.get("content"))
    return ""


def _is_marked_unpaid(root: Any) -> bool:
    """Whether the page's schema.org data says `isAccessibleForFree: false` about the page itself."""
    for script in root.iter("script"):
        if script.get("type") != "application/ld+json" or not _UNPAID.search(script.text or ""):
            continue
        try:
            data = json.loads(script.text)
        except (ValueError, RecursionError):
            continue
        entries = data.get("@graph", [data]) if isinstance(data, dict) else data
        if isinstance(entries, list) and any(_says_unpaid(entry) for entry in entries):
            return True
    return False


def _says_unpaid(entry: object) -> bool:
    return isinstance(entry, dict) and str(entry.get("isAccessibleForFree")).lower() == "false"
