from __future__ import annotations

from contextlib import nullcontext
from typing import Any

import pytest
from answers import SCORES, answer, questions


@pytest.mark.eval(name="answers")
@pytest.mark.parametrize("question", [pytest.param(question, id=name) for name, question in questions().items()])
async def test_answer(question: str, eval_bag: Any) -> None:
    eval_bag.answer = await answer(question, nullcontext)
    eval_bag.scores = {name: score(question, eval_bag.answer) for name, score in SCORES.items()}
    assert all(eval_bag.scores.values())
