"""Whether what a commentary says stands on its page: deterministic, without a model."""

from technoshare_commentator.quality.grounding.items import GroundedItem, ground
from technoshare_commentator.quality.grounding.page.occurrences import Grounding, Kind, Support
from technoshare_commentator.quality.grounding.page.passages import Passage, evidence_passages, theme_passage
from technoshare_commentator.quality.grounding.problems import Problem, ProblemKind
from technoshare_commentator.quality.grounding.sentence_support import (
    SentenceChecker,
    SentenceSupport,
    support_sentences,
)

__all__ = [
    "GroundedItem",
    "Grounding",
    "Kind",
    "Passage",
    "Problem",
    "ProblemKind",
    "SentenceChecker",
    "SentenceSupport",
    "Support",
    "evidence_passages",
    "ground",
    "support_sentences",
    "theme_passage",
]
