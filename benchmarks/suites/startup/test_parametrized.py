from __future__ import annotations

import pytest
from answers import questions


@pytest.mark.parametrize("question", [pytest.param(question, id=name) for name, question in questions().items()])
def test_answer(question: str) -> None:
    assert question
