"""Text of strangers on one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.visible_line import visible_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\n\nlines\tand\u00a0more ", "two lines and more"),
        ("\x1b[31mred\x1b[0m\x07\x9b2J", "[31mred[0m2J"),
        ("a\u202eb\u2066c\u200fd\u061ce", "abcde"),
        ("zero\u200bwidth\ufeff and soft\u00adhyphen", "zerowidth and softhyphen"),
        ("a \u200b b", "a b"),
        ("lone \ud83d surrogate", "lone surrogate"),
        ("tagged\U000e0041\U000e0042", "tagged"),
        ("family 👩‍👩‍👧 and \u0915\u200d", "family 👩‍👩‍👧 and \u0915\u200d"),
        ("café, 日本, ±5 µs", "café, 日本, ±5 µs"),
        (" \u200b ", ""),
    ],
)
def test_only_what_is_seen_stays(text: str, line: str) -> None:
    assert visible_line(text) == line


@given(st.text())
def test_a_visible_line_stays_as_it_is(text: str) -> None:
    assert visible_line(visible_line(text)) == visible_line(text)
