from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.document import Kind
from technoshare_commentator.retrieval.extraction.formats.plain import read_plain

PAPER = """Title: A paper: with a colon
Authors: Ada Lind, Bo Ek,
  Cy Dahl
arXiv: 2601.01234v1

We propose a training-
aware method for large
models. It works.

Second paragraph: it has a colon in
its first line.
"""


def test_a_head_of_key_value_lines_is_metadata_and_wrapped_lines_are_joined() -> None:
    document = read_plain(PAPER)
    assert document.title == "A paper: with a colon"
    assert document.metadata == {"authors": "Ada Lind, Bo Ek, Cy Dahl", "arxiv": "2601.01234v1"}
    assert [block.text for block in document.blocks] == [
        "We propose a training-aware method for large models. It works.",
        "Second paragraph: it has a colon in its first line.",
    ]


def test_one_line_with_a_colon_is_no_head() -> None:
    document = read_plain("Note: this tool is old.\n\nIt still works.")
    assert document.metadata == {}
    assert [block.text for block in document.blocks] == ["Note: this tool is old.", "It still works."]


def test_bullets_and_headings_are_told_from_paragraphs() -> None:
    bullets = "- the index is\n  smaller\n* the cache\n1. the third"
    text = f"RELEASE NOTES\n\nWhat is new\n-----------\n{bullets}\n\nA paragraph of text.\r\n"
    assert [(block.kind, block.text) for block in read_plain(text).blocks] == [
        (Kind.HEADING, "RELEASE NOTES"),
        (Kind.HEADING, "What is new"),
        (Kind.ITEM, "the index is smaller"),
        (Kind.ITEM, "the cache"),
        (Kind.ITEM, "the third"),
        (Kind.PROSE, "A paragraph of text."),
    ]
    assert read_plain(text).title == "RELEASE NOTES"


@pytest.mark.parametrize("text", ["", "\n\n\n", "\x00\u200b", "----\n===="])
def test_text_without_words_has_no_prose(text: str) -> None:
    assert not any(block.text.isalnum() for block in read_plain(text).blocks)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet=st.sampled_from("aB:-=*1.)\n\r \t\u2028é"), max_size=200))
def test_any_text_keeps_its_letters_in_order(text: str) -> None:
    document = read_plain(f"start\n\n{text}")
    letters = [character for character in text if character in "aBé"]
    found = [character for block in document.blocks for character in block.text if character in "aBé"]
    assert found[1:] == letters  # the first is the a of "start"
