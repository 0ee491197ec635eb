"""Where commands print their tables."""

from __future__ import annotations

import os
import sys

from rich.console import Console

_WIDTH_OF_FILES = 120


def make_console() -> Console:
    """The terminal, or lines wide enough for a table where there is none."""
    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _WIDTH_OF_FILES
    return Console(width=width, highlight=False)
