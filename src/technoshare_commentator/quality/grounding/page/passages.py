"""What can support a claim: the snippets of a page, what stands around them, and the themes of the team."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from technoshare_commentator.domain import Evidence
    from technoshare_commentator.prompts import Theme

_ADDRESS_MARKS = re.compile(r"[/?&=_%:.-]+")


@dataclass(frozen=True)
class Passage:
    """A text that can support a claim, under the id a report shows."""

    id: str
    text: str


def evidence_passages(evidence: Evidence) -> tuple[Passage, ...]:
    """All that can support a claim: the snippets in their order, then title and headings, metadata and addresses."""
    addresses = dict.fromkeys((evidence.url, evidence.final_url, *evidence.sources))
    described = (f"{name} {value}" for name, value in evidence.metadata.items())
    sections = dict.fromkeys(snippet.section for snippet in evidence.snippets)
    return (
        *(Passage(snippet.id, snippet.text) for snippet in evidence.snippets),
        Passage("@title", "\n".join((evidence.title, *sections))),
        Passage("@metadata", "\n".join((evidence.adapter_name, *described))),
        Passage("@url", "\n".join((*addresses, *(_ADDRESS_MARKS.sub(" ", address) for address in addresses)))),
    )


def theme_passage(theme: Theme) -> Passage:
    """Return what a project bullet may name besides the evidence: all that the project context says of its theme."""
    said = (theme.name, *theme.pains, *theme.stack, *theme.success_criteria, theme.positioning)
    return Passage("@theme", "\n".join(said))
