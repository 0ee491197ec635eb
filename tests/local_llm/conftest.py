"""Tests with a real language model: minutes of computing, so they run when they are asked for (`make test-llm`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent


def pytest_ignore_collect(config: pytest.Config) -> bool | None:
    """Collect nothing here unless the command line names this folder or a file in it."""
    asked = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
    return None if any(path.resolve().is_relative_to(HERE) for path in asked) else True
