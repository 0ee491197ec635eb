"""The suite as a script over pydantic-evals."""

# mypy: disable-error-code="import-not-found, misc"
# pydantic-evals is installed in an environment of its own, where nobody checks types.

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass

from answers import SCORES, answer, questions
from pydantic_evals import Case, Dataset
from pydantic_evals.evaluators import Evaluator, EvaluatorContext


@dataclass
class Scored(Evaluator[str, str]):
    name: str

    def evaluate(self, ctx: EvaluatorContext[str, str]) -> dict[str, bool]:
        return {self.name: SCORES[self.name](ctx.inputs, ctx.output)}


async def task(question: str) -> str:
    return await answer(question, nullcontext)


if __name__ == "__main__":
    cases = [Case(name=name, inputs=question) for name, question in questions().items()]
    dataset = Dataset(name="questions", cases=cases, evaluators=[Scored(name) for name in SCORES])
    report = dataset.evaluate_sync(task)
    report.print()
    print(f"{len(report.cases)} cases")
