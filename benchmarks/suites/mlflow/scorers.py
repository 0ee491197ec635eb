"""The task and the five scores, in the idiom of MLflow."""

from __future__ import annotations

from typing import Any

import mlflow
from answers import SCORES, answer
from mlflow.genai.scorers import Scorer, scorer


@mlflow.trace
async def task(question: str) -> str:
    return await answer(question, mlflow.start_span)


def _scorer(name: str) -> Scorer:
    def scored(inputs: dict[str, Any], outputs: str) -> bool:
        return SCORES[name](inputs["question"], outputs)

    return scorer(scored, name=name)


ALL = [_scorer(name) for name in SCORES]
