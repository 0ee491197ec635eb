from __future__ import annotations

import mlflow
import pytest
from answers import questions
from scorers import ALL, task  # type: ignore[import-not-found]  # lies beside it when it runs


@mlflow.test
@pytest.mark.parametrize("question", [pytest.param(question, id=name) for name, question in questions().items()])
def test_answer(question: str) -> None:
    result = mlflow.genai.evaluate(data=[{"inputs": {"question": question}}], predict_fn=task, scorers=ALL)
    assert result.passed, result.reason
