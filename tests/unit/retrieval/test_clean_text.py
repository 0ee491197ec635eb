from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.clean_text import tidy, tidy_heading


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  two \n\t lines  ", "two lines"),
        ("non\u00a0breaking\u202fspaces\u3000here", "non breaking spaces here"),
        ("zero\u200bwidth\ufeff and\u2060 joined", "zerowidth and joined"),
        ("soft\u00adhyphen", "softhyphen"),
        ("bell\x07 and null\x00", "bell and null"),
        ("\u202eright to left\u202c", "right to left"),
        ("cafe\u0301", "caf\u00e9"),
        ("icon \ue001 font", "icon font"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("hidden\U000e0049\U000e0067 tags", "hidden tags"),
        ("written in Rust \U0001f980, which is fast", "written in Rust, which is fast"),
        ("\U0001f680 Launch", "Launch"),
        ("done \u2705", "done"),
        ("5 \u00d7 3 \u2192 15 \u20ac \u00b1 2 \u00b0C", "5 \u00d7 3 \u2192 15 \u20ac \u00b1 2 \u00b0C"),
        ("a line\u2028break", "a line break"),
        ("", ""),
    ],
)
def test_only_what_a_reader_sees_stays(raw: str, clean: str) -> None:
    assert tidy(raw) == clean


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Training a model[[training-a-model]]", "Training a model"),
        ("Install {#install}", "Install"),
        ("Usage\u00b6", "Usage"),
        ("Usage #", "Usage"),
        ("C#", "C#"),
        ("Issue #12", "Issue #12"),
    ],
)
def test_anchors_are_taken_off_headings(raw: str, clean: str) -> None:
    assert tidy_heading(raw) == clean


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_becomes_one_clean_line(text: str) -> None:
    clean = tidy(text)
    assert clean == clean.strip()
    assert not any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs", "Cn"} for character in clean)
    assert "\n" not in clean
    assert "  " not in clean
    assert unicodedata.is_normalized("NFC", clean)
    clean.encode()
