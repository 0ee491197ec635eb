from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_case import PAGE
from technoshare_commentator.quality.judges.quotes import Source

page = Source(PAGE)


@pytest.mark.parametrize(
    "quote",
    [
        "The 99th percentile of the write latency was 38 ms",
        "the 99TH percentile  of the\nwrite latency",
        "“needs 40 MB of memory”",
        "Storage costs fell by 87% … attached volumes.",
        "Storage costs fell [...] attached volumes",
        "... keeps its log in object storage ...",
    ],
)
def test_words_of_the_page_are_found_however_they_are_written(quote: str) -> None:
    assert page.holds(quote)


@pytest.mark.parametrize(
    "quote",
    [
        "The 99th percentile of the read latency was 38 ms",
        "the write latency was 3",  # not the beginning of 38
        "attached volumes … Storage costs fell",
        "Storage costs fell by 87% because brokers no longer live",
        "",
        "…",
        "“”",
    ],
)
def test_words_that_do_not_stand_there_like_that_are_not(quote: str) -> None:
    assert not page.holds(quote)


@given(st.sampled_from(PAGE), st.data())
def test_any_run_of_words_of_a_passage_is_found(sentence: str, data: st.DataObject) -> None:
    words = sentence.split()
    start = data.draw(st.integers(0, len(words) - 1))
    end = data.draw(st.integers(start + 1, len(words)))
    assert page.holds(" ".join(words[start:end]))


@given(st.text())
def test_no_quote_of_a_stranger_is_too_odd_to_be_looked_up(quote: str) -> None:
    assert page.holds(quote) in {True, False}
    assert not Source([]).holds(quote)
