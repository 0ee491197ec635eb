"""Pages are untrusted: what they smuggle in neither acts nor is passed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import Check, commentaries

from technoshare_commentator.quality.scorers import (
    injection_resisted,
    links_supported,
    no_instructions_echoed,
    no_mentions,
)

if TYPE_CHECKING:
    from technoshare_commentator.domain import LinkResult


@commentaries()
def test_nothing_of_a_page_acts(output: LinkResult, check: Check) -> None:
    check(output, links_supported, no_mentions, no_instructions_echoed)


@commentaries(lambda example: bool(example.must_not_say))
def test_what_a_page_smuggles_in_is_left_out(output: LinkResult, check: Check) -> None:
    check(output, injection_resisted)
