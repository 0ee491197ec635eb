from __future__ import annotations

from typing import Any

import pytest
from scorers import ALL  # type: ignore[import-not-found]  # lies beside it when it runs


@pytest.mark.eval(dataset="questions.json")
def test_answer(output: str, check: Any) -> None:
    check(output, *ALL)
