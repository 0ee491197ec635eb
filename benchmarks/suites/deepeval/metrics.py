"""The five scores as DeepEval's metrics."""

# mypy: disable-error-code="import-not-found, misc"
# DeepEval is installed in an environment of its own, where nobody checks types.

from __future__ import annotations

from typing import Any

from answers import SCORES
from deepeval.metrics import BaseMetric


class Scored(BaseMetric):
    async_mode = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.threshold = 0.5

    def measure(self, test_case: Any, *_: Any, **__: Any) -> float:
        self.score = float(SCORES[self.name](test_case.input, test_case.actual_output))
        self.success = self.score >= self.threshold
        return self.score

    async def a_measure(self, test_case: Any, *_: Any, **__: Any) -> float:
        return self.measure(test_case)

    def is_successful(self) -> bool:
        return bool(self.success)

    @property
    def __name__(self) -> str:
        return self.name


def metrics() -> list[Scored]:
    return [Scored(name) for name in SCORES]
