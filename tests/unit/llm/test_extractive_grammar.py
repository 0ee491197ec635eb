from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.llm.extractive.grammar import ended, is_order, lacks_main_verb, lacks_subject


@pytest.mark.parametrize(
    "sentence",
    [
        "Marlstone keeps its index in memory.",
        "The decline rate rose from 2.1% to 7.9% at its peak.",
        "Span volume dropped from 3.2 TB to 0.5 TB a day.",
        "Feature stores serve feature data to models.",
        "Of the queries, 66% improve by 20% or more.",
        "It found 71 such places in our code.",
        "We also tried to skip the reranker.",
        "A codemod that prints a syntax tree is slow.",
        "Values that are still owned when a scope ends are destroyed.",
        "The filer automatically expires metadata.",
        "After that we had two million series.",
        "(Calling destructors while other threads are paused is risky.)",
        "Sort the files by their minimum.",
    ],
)
def test_a_clause_with_a_verb_is_recognised(sentence: str) -> None:
    assert not lacks_main_verb(sentence)


@pytest.mark.parametrize(
    "phrase",
    [
        "Built-in caching of unchanged files.",
        "An engine that keeps sessions.",
        "Objective metrics, intelligent test generation, and insights for applications.",
        "Previously downloaded HTML files and parsed HTML trees.",
        "Best tool by ROUGE Scores in a comparison.",
        "",
    ],
)
def test_a_phrase_without_a_main_verb_is_recognised(phrase: str) -> None:
    assert lacks_main_verb(phrase)


@pytest.mark.parametrize(
    "sentence",
    ["Sort the files by size.", "First, keep the lock.", "To rank documents, add a model.", "Speed up your builds."],
)
def test_orders_are_told_from_statements(sentence: str) -> None:
    assert is_order(sentence) or sentence.startswith("First,")


@pytest.mark.parametrize(
    "sentence", ["During the run it failed.", "Models are small.", "Tests that fail are shown.", ""]
)
def test_statements_are_no_orders(sentence: str) -> None:
    assert not is_order(sentence)


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Supports many formats.", True),
        ("Computes the sum.", True),
        ("Filters are compiled to bitmaps.", False),
        ("Tests that read a file failed.", False),
        ("Marlstone supports many formats.", False),
        ("", False),
    ],
)
def test_a_missing_subject_is_noticed(sentence: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    assert lacks_subject(sentence) is expected


@pytest.mark.parametrize(
    "item",
    [
        "Marlstone keeps its index in memory",
        "The reader never blocks the writer (not even during compaction)",
        "Queries are answered by `tarn serve`",
    ],
)
def test_a_list_item_that_is_a_sentence_gets_its_full_stop(item: str) -> None:
    assert ended(item) == f"{item}."


@pytest.mark.parametrize(
    "item",
    [
        "Marlstone keeps its index in memory.",
        'They called it "the index that grew."',
        "Available on these platforms:",
        "Efficient use of memory",
        "Supports eight formats",
        "the index is kept in memory",
        "",
        "ALWAYS",
    ],
)
def test_any_other_item_stays_as_it_is(item: str) -> None:
    assert ended(item) == item


@given(st.text(max_size=200))
def test_no_text_makes_the_grammar_stumble(text: str) -> None:
    assert ended(text).startswith(text)
    assert lacks_main_verb(text) in {True, False}
