"""Whether what a commentary says stands on its page: deterministic, without a model."""

from technoshare_commentator.quality.grounding.items import GroundedItem, ground
from technoshare_commentator.quality.grounding.occurrences import Grounding, Kind, Support
from technoshare_commentator.quality.grounding.passages import Passage, evidence_passages, theme_passage

__all__ = ["GroundedItem", "Grounding", "Kind", "Passage", "Support", "evidence_passages", "ground", "theme_passage"]
