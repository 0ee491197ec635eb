"""The five scores as scorers of this project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from answers import SCORES

from technoshare_commentator.mlops.evaluation.scorer import scorer

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.scorer import Scorer


def _scorer(name: str) -> Scorer:
    def scored(output: str, example: Any) -> bool:
        return SCORES[name](example.question, output)

    return scorer(name=name)(scored)


ALL = [_scorer(name) for name in SCORES]
