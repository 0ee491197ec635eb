from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.retrieval.extraction.document import Block, Kind
from technoshare_commentator.retrieval.extraction.snippets import SNIPPET_CHARACTERS, cut, pack
from technoshare_commentator.sentences import split_sentences

WORDS = st.sampled_from(["the", "index", "engine", "stores", "every", "row", "memory", "reads", "back", "quickly"])
SENTENCE = st.lists(WORDS, min_size=3, max_size=30).map(lambda words: " ".join(words).capitalize() + ".")
PARAGRAPH = st.lists(SENTENCE, min_size=1, max_size=12).map(" ".join)
BLOCKS = st.lists(
    st.one_of(
        PARAGRAPH.map(lambda text: Block(Kind.PROSE, text)),
        PARAGRAPH.map(lambda text: Block(Kind.ITEM, text)),
        WORDS.map(lambda word: Block(Kind.HEADING, word.title(), level=2)),
    ),
    max_size=12,
)


@settings(max_examples=100, deadline=None)
@given(BLOCKS)
def test_no_sentence_is_lost_and_the_order_is_kept(blocks: list[Block]) -> None:
    snippets, total = cut(blocks)
    before = [
        sentence for block in blocks if block.kind is not Kind.HEADING for sentence in split_sentences(block.text)
    ]
    after = [sentence for snippet in snippets for sentence in split_sentences(snippet.text)]
    assert after == before
    assert total == len(snippets)
    assert [snippet.id for snippet in snippets] == [f"s{n}" for n in range(1, total + 1)]


@settings(max_examples=100, deadline=None)
@given(PARAGRAPH)
def test_a_snippet_is_short_or_one_sentence_and_always_ends_where_a_sentence_does(paragraph: str) -> None:
    for snippet in cut([Block(Kind.PROSE, paragraph)])[0]:
        assert len(snippet.text) <= SNIPPET_CHARACTERS or len(split_sentences(snippet.text)) == 1
        assert snippet.text.endswith(".")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=300))
def test_any_text_keeps_its_characters(text: str) -> None:
    snippets, _ = cut([Block(Kind.PROSE, text)])
    folded = re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", "".join(snippet.text for snippet in snippets)) == folded


def test_a_sentence_that_is_longer_than_a_snippet_stays_whole() -> None:
    long = "The index " + "and the cache " * 60 + "are rebuilt."
    snippets, _ = cut([Block(Kind.PROSE, f"It begins here. {long} It ends here.")])
    assert [snippet.text for snippet in snippets] == ["It begins here.", long, "It ends here."]


def test_neighbouring_paragraphs_and_items_stay_apart_and_know_their_heading() -> None:
    snippets, _ = cut(
        [
            Block(Kind.PROSE, "Before any heading."),
            Block(Kind.HEADING, "First", level=2),
            Block(Kind.PROSE, "One."),
            Block(Kind.ITEM, "an item of a list"),
            Block(Kind.ITEM, "another item of it"),
            Block(Kind.HEADING, "Empty", level=2),
            Block(Kind.HEADING, "Second", level=2),
            Block(Kind.PROSE, "Two."),
        ]
    )
    assert [(snippet.section, snippet.text) for snippet in snippets] == [
        ("", "Before any heading."),
        ("First", "One."),
        ("First", "an item of a list"),
        ("First", "another item of it"),
        ("Second", "Two."),
    ]


def test_more_than_the_limit_is_cut_and_counted() -> None:
    snippets, total = cut([Block(Kind.PROSE, f"Paragraph {n} stands here.") for n in range(10)], limit=3)
    assert [snippet.id for snippet in snippets] == ["s1", "s2", "s3"]
    assert total == 10


def test_sentences_are_packed_up_to_the_size_exactly() -> None:
    assert list(pack(["aaaa", "bbbb", "cc", "dddddddddddd"], size=9)) == ["aaaa bbbb", "cc", "dddddddddddd"]
    assert list(pack([])) == []
