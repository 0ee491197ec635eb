"""The suite as a script over `mlflow.genai.evaluate`."""

from __future__ import annotations

import mlflow
from answers import questions
from scorers import ALL, task  # type: ignore[import-not-found]  # lies beside it when it runs

if __name__ == "__main__":
    mlflow.set_experiment("benchmark")
    data = [{"inputs": {"question": question}} for question in questions().values()]
    result = mlflow.genai.evaluate(data=data, predict_fn=task, scorers=ALL)
    assert result.result_df is not None
    print(result.metrics)
    print(f"{len(result.result_df)} cases")
