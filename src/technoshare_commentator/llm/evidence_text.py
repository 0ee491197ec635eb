"""Evidence and facts as text of a prompt: data that cannot end its own delimiters or pose as another speaker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from technoshare_commentator.domain import Evidence, Fact, Snippet
    from technoshare_commentator.prompts import ProjectContext, Theme

# What local servers turn into control tokens wherever it stands, and the lines that our own prompts delimit data with.
_CONTROL = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|</?s>|<(?:start|end)_of_turn>|<(?:bos|eos|pad|unk)>|\[/?INST\]|<</?SYS>>", re.IGNORECASE
)
_DELIMITER = re.compile(r"\b(BEGIN|END)(\s+)(EVIDENCE|FACTS|COMMENTARY)\b", re.IGNORECASE)
_REMOVED = "[mark removed]"


def as_data(text: str) -> str:
    """Return a stranger's text on one line, without control tokens and without our delimiters."""
    return _DELIMITER.sub(_REMOVED, _CONTROL.sub(_REMOVED, visible_line(text)))


def evidence_lines(snippets: Iterable[Snippet]) -> str:
    """One line a passage: its id, the heading it stood under, its text."""
    return "\n".join(
        f"[{snippet.id}] {f'({as_data(snippet.section)}) ' if snippet.section else ''}{as_data(snippet.text)}"
        for snippet in snippets
    )


def within(evidence: Evidence, characters: int) -> tuple[Sequence[Snippet], str]:
    """Return the passages that fit into `characters`, in the order of the page, and what to say of the coverage."""
    taken = 0
    for number, snippet in enumerate(evidence.snippets):
        taken += len(snippet.text) + len(snippet.section)
        if taken > characters and number:
            return evidence.snippets[:number], f"partial, the first {number} of {len(evidence.snippets)} passages"
    return evidence.snippets, str(evidence.coverage)


def fact_lines(facts: Iterable[Fact]) -> str:
    """One line a fact, numbered."""
    return "\n".join(f"{number}. {as_data(fact.text)}" for number, fact in enumerate(facts, start=1))


def theme_lines(context: ProjectContext) -> str:
    """All themes, each with what hurts, what it works with, and when it has succeeded."""
    return "\n\n".join(_theme(theme) for theme in context.themes)


def _theme(theme: Theme) -> str:
    return "\n".join(
        (
            f"## {theme.name}",
            f"It hurts when: {'; '.join(theme.pains)}.",
            f"It works with: {'; '.join(theme.stack)}.",
            f"It has succeeded when: {'; '.join(theme.success_criteria)}.",
        )
    )
