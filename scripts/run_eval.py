"""Run the evaluation suite, `pytest evals -n auto`, with whatever pytest options are given."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

EVALS = Path(__file__).resolve().parents[1] / "evals"

if __name__ == "__main__":
    sys.exit(pytest.main([str(EVALS), "-n", "auto", *sys.argv[1:]]))
