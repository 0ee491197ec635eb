"""The items of a commentary with all their numbers and names, looked up on the page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.domain import split_bullet
from technoshare_commentator.quality.grounding.page.occurrences import Grounding, Support
from technoshare_commentator.quality.grounding.page.passages import evidence_passages, theme_passage
from technoshare_commentator.sentences import split_sentences

if TYPE_CHECKING:
    from technoshare_commentator.domain import Commentary, Evidence
    from technoshare_commentator.prompts import ProjectContext
    from technoshare_commentator.quality.grounding.page.passages import Passage


@dataclass(frozen=True)
class GroundedItem:
    """One item of a commentary with all its numbers and names; `place` counts from 1."""

    section: str
    place: int
    text: str
    supports: tuple[Support, ...]


def ground(commentary: Commentary, evidence: Evidence, context: ProjectContext) -> tuple[GroundedItem, ...]:
    """Look up every number and name of a commentary.

    Project bullets may also draw on what the context says about their own theme; a bullet of similar technology must
    name something that the page names.
    """
    known = _grounding(evidence_passages(evidence))
    themes = {theme.name: _grounding((theme_passage(theme),)) for theme in context.themes}
    found: list[GroundedItem] = []
    for section, items in commentary:
        for place, item in enumerate(items, start=1):
            bulleted = split_bullet(item) if section in {"projects", "similar_tech"} else None
            head, text = bulleted or ("", item)
            supports = [known.title_support(head)] if head and section == "similar_tech" else []
            theme = themes.get(head) if section == "projects" else None
            for sentence in split_sentences(text):
                own = _supports(known, sentence)
                theirs = _supports(theme, sentence) if theme else own
                supports.extend(one if one.snippet_id else other for one, other in zip(own, theirs, strict=True))
            found.append(GroundedItem(section, place, item, tuple(supports)))
    return tuple(found)


@lru_cache(maxsize=32)
def _grounding(passages: tuple[Passage, ...]) -> Grounding:
    """Return what was prepared for the same passages before: many commentaries can stand on one page."""
    return Grounding(passages)


@lru_cache(maxsize=4096)
def _supports(known: Grounding, sentence: str) -> tuple[Support, ...]:
    return known.supports(sentence)
