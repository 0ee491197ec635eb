"""What a commentary says stands on its page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import Check, commentaries

from technoshare_commentator.quality.scorers import (
    english,
    facts_cited,
    names_supported,
    numbers_supported,
    sentences_supported,
)

if TYPE_CHECKING:
    from technoshare_commentator.domain import LinkResult

pytestmark = commentaries()


def test_numbers_and_names_come_from_the_page(output: LinkResult, check: Check) -> None:
    check(output, numbers_supported, names_supported, facts_cited)


def test_every_sentence_says_what_its_snippet_says(output: LinkResult, check: Check) -> None:
    check(output, sentences_supported)


def test_the_reader_gets_english(output: LinkResult, check: Check) -> None:
    check(output, english)
