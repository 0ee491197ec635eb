# mypy: disable-error-code="import-not-found"
# DeepEval is installed in an environment of its own, where nobody checks types.

from __future__ import annotations

import asyncio
from contextlib import nullcontext

import pytest
from answers import answer, questions
from deepeval import assert_test
from deepeval.test_case import LLMTestCase
from metrics import metrics


@pytest.mark.parametrize("question", [pytest.param(question, id=name) for name, question in questions().items()])
def test_answer(question: str) -> None:
    answered = asyncio.run(answer(question, nullcontext))
    assert_test(LLMTestCase(input=question, actual_output=answered), metrics())
