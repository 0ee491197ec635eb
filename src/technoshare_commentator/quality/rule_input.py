"""What a rule looks at: one commentary with everything it was made from and rendered to."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding import GroundedItem, SentenceSupport, ground, support_sentences

if TYPE_CHECKING:
    from technoshare_commentator.domain import Commentary, Evidence, Facts
    from technoshare_commentator.prompts import ProjectContext

_QUOTED_CHARACTERS = 120


@dataclass(frozen=True)
class RuleInput:
    """A commentary, the facts and evidence under it, the Slack text it became, and the team's themes."""

    commentary: Commentary
    facts: Facts
    evidence: Evidence
    slack_text: str
    context: ProjectContext

    @cached_property
    def grounded(self) -> tuple[GroundedItem, ...]:
        """Every item with its numbers and names and what supports them; computed once for the rules that ask."""
        return ground(self.commentary, self.evidence, self.context)

    @cached_property
    def sentences(self) -> tuple[SentenceSupport, ...]:
        """Every sentence with the snippets that support it and what is wrong with it."""
        return support_sentences(self.commentary, self.evidence, self.context)


def counted(number: int, noun: str) -> str:
    """Return "1 item" or "3 items"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def quoted(text: str) -> str:
    """Return `text` the way a reason shows it: quoted, escaped, and shortened when it is long."""
    shown = text if len(text) <= _QUOTED_CHARACTERS else f"{text[: _QUOTED_CHARACTERS - 1]}…"
    return repr(shown)
