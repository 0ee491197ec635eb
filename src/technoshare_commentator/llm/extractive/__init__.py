"""The model that needs no model: it writes both stages by ranking and quoting the sentences of the page."""

from technoshare_commentator.llm.extractive.analyst import ExtractiveAnalyst

__all__ = ["ExtractiveAnalyst"]
