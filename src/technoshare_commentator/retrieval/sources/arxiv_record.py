"""A paper's record in arXiv's export API: one Atom entry, parsed without trusting it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.retrieval.extraction.clean_text import tidy

if TYPE_CHECKING:
    from collections.abc import Mapping

_ATOM = "{http://www.w3.org/2005/Atom}"
_ARXIV = "{http://arxiv.org/schemas/atom}"
_MOST_AUTHORS = 20


@dataclass(frozen=True)
class Record:
    """Title and abstract of a paper, and what else its record says."""

    title: str
    abstract: str
    metadata: Mapping[str, str] = field(default_factory=dict)


def parse_record(body: bytes, name: str) -> Record:
    """Read the API's answer about the paper `name`; raise `FetchFailedError` when there is no such paper in it."""
    from lxml import etree  # noqa: PLC0415 - only papers need it

    # No document type, no entity, no file and no address of the answer's is ever followed.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False)
    try:
        feed = etree.fromstring(body, parser=parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FetchFailedError(f"arXiv's answer about {name!r} is not valid XML ({error}); try again") from error
    entry = feed.find(f"{_ATOM}entry")
    abstract = _text(entry, f"{_ATOM}summary")
    if entry is None or not abstract or "/api/errors" in _text(entry, f"{_ATOM}id"):
        raise FetchFailedError(f"arXiv knows no paper {name!r}; check the identifier in the link")
    return Record(_text(entry, f"{_ATOM}title"), abstract, _metadata(entry))


def _metadata(entry: Any) -> dict[str, str]:
    authors = [tidy(name.text or "") for name in entry.iterfind(f"{_ATOM}author/{_ATOM}name")]
    named = ", ".join(authors[:_MOST_AUTHORS]) + (", et al." if len(authors) > _MOST_AUTHORS else "")
    found = {
        "authors": named,
        "published": _text(entry, f"{_ATOM}published"),
        "updated": _text(entry, f"{_ATOM}updated"),
        "comment": _text(entry, f"{_ARXIV}comment"),
        "journal": _text(entry, f"{_ARXIV}journal_ref"),
        "doi": _text(entry, f"{_ARXIV}doi"),
        "categories": ", ".join(
            str(category.get("term")) for category in entry.iterfind(f"{_ATOM}category") if category.get("term")
        ),
    }
    return {key: value for key, value in found.items() if value}


def _text(entry: Any, path: str) -> str:
    return tidy(entry.findtext(path) or "") if entry is not None else ""
