from __future__ import annotations

import mlflow
from answers import questions
from scorers import ALL, task  # type: ignore[import-not-found]  # lies beside it when it runs


@mlflow.test
def test_answers() -> None:
    data = [{"inputs": {"question": question}} for question in questions().values()]
    result = mlflow.genai.evaluate(data=data, predict_fn=task, scorers=ALL)
    assert result.passed, result.reason
