"""The suite as a script over DeepEval's own concurrency."""

# mypy: disable-error-code="import-not-found, no-any-return, untyped-decorator"
# DeepEval is installed in an environment of its own, where nobody checks types.

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from answers import answer, questions
from deepeval.dataset import EvaluationDataset, Golden
from deepeval.evaluate.configs import AsyncConfig
from deepeval.tracing import observe, update_current_trace
from deepeval.tracing.tracing import Observer
from metrics import metrics

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


def step(name: str) -> AbstractContextManager[Any]:
    return Observer("custom", func_name=name)


@observe()
async def task(question: str) -> str:
    answered = await answer(question, step)
    update_current_trace(input=question, output=answered)
    return answered


if __name__ == "__main__":
    dataset = EvaluationDataset(goldens=[Golden(input=question) for question in questions().values()])
    for golden in dataset.evals_iterator(metrics=metrics(), async_config=AsyncConfig(max_concurrent=100)):
        dataset.evaluate(asyncio.create_task(task(golden.input)))
