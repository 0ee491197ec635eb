"""What every module of the suite needs: its dataset, its example type, the type of `check`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from technoshare_commentator.domain import Outcome
from technoshare_commentator.quality.example import CommentaryExample

Check = Callable[..., Any]
Predicate = Callable[[CommentaryExample], bool]

DATASET = "datasets/technoshare.json"
FOLDER = Path(__file__).parent


def examples(where: Predicate = lambda _: True) -> pytest.MarkDecorator:
    """Examples of the dataset, those that should be stopped included."""
    return pytest.mark.eval(dataset=DATASET, schema=CommentaryExample, where=where)


def commentaries(where: Predicate = lambda _: True) -> pytest.MarkDecorator:
    """Examples whose commentary should be posted."""
    return examples(lambda example: example.expected_outcome is Outcome.SUCCESS and where(example))
