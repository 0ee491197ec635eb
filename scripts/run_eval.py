"""Run the evaluation suite: `python scripts/run_eval.py [pytest options]` is `pytest evals -n auto [pytest options]`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

EVALS = Path(__file__).resolve().parents[1] / "evals"

if __name__ == "__main__":
    sys.exit(pytest.main([str(EVALS), "-n", "auto", *sys.argv[1:]]))
