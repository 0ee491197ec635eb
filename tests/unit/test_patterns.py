"""Python before 3.11.5 matches a group that is repeated possessively wrongly (its issue 106052): we do without."""

from __future__ import annotations

import re
from pathlib import Path

SOURCES = sorted((Path(__file__).parents[2] / "src").rglob("*.py"))


def test_no_group_is_repeated_possessively_nor_atomic() -> None:
    assert SOURCES
    found = [
        f"{path.name}: {line.strip()}"
        for path in SOURCES
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"\)(\+|\*|\?|\{[\d,]+\})\+|\(\?>", line) and re.search(r'r[f]?["\']', line)
    ]
    assert found == []
