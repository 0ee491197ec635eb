"""The shape of a commentary: what the contract asks of every page that has enough to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import Check, commentaries

from technoshare_commentator.quality.scorers import (
    no_leftovers,
    no_repeated_sentences,
    schema_validity,
    similar_tech_format,
    slack_completeness,
    slack_formatting,
    summary_sentence_count,
    theme_fits,
    theme_known,
    theme_prefix,
    tldr_sentence_count,
)

if TYPE_CHECKING:
    from technoshare_commentator.domain import LinkResult

pytestmark = commentaries()


def test_structure(output: LinkResult, check: Check) -> None:
    check(
        output,
        schema_validity,
        tldr_sentence_count,
        summary_sentence_count,
        slack_formatting,
        slack_completeness,
        theme_prefix,
    )


def test_content_of_the_parts(output: LinkResult, check: Check) -> None:
    check(output, no_repeated_sentences, no_leftovers, theme_known, theme_fits, similar_tech_format)
