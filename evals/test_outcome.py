"""What becomes of a link: good pages are answered, hopeless ones are stopped by a rule that says why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from suite import Check, commentaries, examples

from technoshare_commentator.domain import LinkResult, Outcome
from technoshare_commentator.quality.scorers import expected_outcome, expected_theme

if TYPE_CHECKING:
    from technoshare_commentator.quality.example import CommentaryExample


@examples()
def test_outcome(example: CommentaryExample, output: LinkResult, check: Check) -> None:
    check(output, expected_outcome)
    posted = output.receipt is not None
    assert posted == (example.expected_outcome is Outcome.SUCCESS)


@commentaries(lambda example: example.expected_theme is not None)
def test_theme(output: LinkResult, check: Check) -> None:
    check(output, expected_theme)
