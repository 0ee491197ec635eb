"""The three questions: what each looks at, and what its judge is shown of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from technoshare_commentator.llm.evidence_text import as_data, evidence_lines, fact_lines, theme_lines, within
from technoshare_commentator.quality.judges.answers import Faithfulness, Hallucination, Relevance
from technoshare_commentator.quality.judges.quotes import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from technoshare_commentator.domain import Commentary, Evidence, Fact, Facts
    from technoshare_commentator.prompts import ProjectContext
    from technoshare_commentator.quality.judges.answers import Judgement

_SHARE_OF_FACTS = 4  # facts that no passage shows may take a quarter of the characters that passages may
_NO_FACTS = "(none)"


@dataclass(frozen=True)
class Item:
    """A part of the commentary to be judged; `place` is how people call it, for instance "summary 3"."""

    place: str
    text: str


@dataclass(frozen=True)
class Shown:
    """What a judge sees of a result: passages that fit, and facts that do not stand in them word for word."""

    evidence: Evidence
    passages: str
    coverage: str
    facts: tuple[Fact, ...]
    context: ProjectContext
    source: Source

    @classmethod
    def of(cls, evidence: Evidence, facts: Facts | None, context: ProjectContext, characters: int) -> Self:
        """Cut a result down to what fits into `characters`."""
        snippets, coverage = within(evidence, characters)
        texts = [as_data(text) for snippet in snippets for text in (snippet.section, snippet.text)]
        texts.insert(0, as_data(evidence.title))
        unseen = _unseen(facts.facts if facts else (), Source(texts), characters // _SHARE_OF_FACTS)
        source = Source([*texts, *(as_data(fact.text) for fact in unseen)])
        return cls(evidence, evidence_lines(snippets), coverage, unseen, context, source)

    def variables(self, items: Sequence[Item]) -> dict[str, str]:
        """The variables that all prompts of judges have."""
        return {
            "title": as_data(self.evidence.title),
            "url": as_data(self.evidence.url),
            "coverage": self.coverage,
            "evidence": self.passages,
            "commentary": "\n".join(f"{number}. {as_data(item.text)}" for number, item in enumerate(items, start=1)),
        }


@dataclass(frozen=True)
class Question:
    """What a judge decides, and about which sections, by their names for people."""

    name: str
    shape: type[Judgement]
    sections: Mapping[str, str]
    more: Callable[[Shown], dict[str, str]]

    def items(self, commentary: Commentary) -> tuple[Item, ...]:
        """The parts of a commentary that the question is about."""
        return tuple(
            Item(f"{called} {place}", text)
            for section, called in self.sections.items()
            for place, text in enumerate(getattr(commentary, section), start=1)
        )

    def variables(self, shown: Shown, items: Sequence[Item]) -> dict[str, str]:
        """What its prompt is filled with."""
        return {**shown.variables(items), **self.more(shown)}


FAITHFULNESS = Question(
    "faithfulness",
    Faithfulness,
    {"tldr": "TL;DR", "summary": "summary"},
    lambda shown: {"facts": fact_lines(shown.facts) or _NO_FACTS},
)
RELEVANCE = Question(
    "relevance", Relevance, {"projects": "project"}, lambda shown: {"themes": theme_lines(shown.context)}
)
HALLUCINATION = Question("hallucination", Hallucination, {"similar_tech": "similar technology"}, lambda _: {})
QUESTIONS = (FAITHFULNESS, RELEVANCE, HALLUCINATION)


def _unseen(facts: Sequence[Fact], passages: Source, characters: int) -> tuple[Fact, ...]:
    """The facts that say what the passages do not say word for word, as many as fit."""
    found: list[Fact] = []
    for fact in facts:
        if passages.holds(as_data(fact.text)):
            continue
        characters -= len(fact.text)
        if characters < 0:
            break
        found.append(fact)
    return tuple(found)
