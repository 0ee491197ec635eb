"""Bytes to evidence by what they are; live pages, frozen pages and local files all pass here."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from technoshare_commentator.retrieval.extraction.content_type import Format, detect, parse_content_type
from technoshare_commentator.retrieval.extraction.evidence import Origin, build_evidence
from technoshare_commentator.retrieval.extraction.extract import extract

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence

WEBPAGE = "webpage"
PDF = "pdf"


def evidence_from_bytes(url: str, body: bytes, content_type: str, *, origin: Origin | None = None) -> Evidence:
    """Read `body`, served under `url` with the header `content_type`, the way a live page is read.

    The adapter is `pdf` for a PDF whatever its address, and else that of `origin` (default: a webpage at `url`).
    Raises `FetchFailedError` for what cannot be read and `SourceError` when no prose is left.
    """
    media_type, charset = parse_content_type(content_type)
    kind = detect(body, media_type, url)
    origin = origin or Origin(url=url, final_url=url, adapter_name=WEBPAGE)
    if kind is Format.PDF and origin.adapter_name == WEBPAGE:
        origin = replace(origin, adapter_name=PDF)
    return build_evidence(extract(body, kind, charset), origin)
