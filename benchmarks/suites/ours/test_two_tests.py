from __future__ import annotations

from typing import Any

import pytest
from scorers import ALL  # type: ignore[import-not-found]  # lies beside it when it runs

asked = pytest.mark.eval(dataset="questions.json")


@asked
def test_content(output: str, check: Any) -> None:
    check(output, *ALL[:3])


@asked
def test_manners(output: str, check: Any) -> None:
    check(output, *ALL[3:])
