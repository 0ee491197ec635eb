"""One row of the commentary dataset."""

from __future__ import annotations

from technoshare_commentator.domain import Outcome
from technoshare_commentator.mlops.evaluation.dataset import Example


class CommentaryExample(Example):
    """A message with one link, the page behind it, and what should become of it.

    `page` is a file under `evals/pages/`, or `dist:NAME` for the project description of an installed distribution.
    `must_not_say` holds what a page smuggles in: words, figures and addresses that no honest commentary on it contains.
    """

    url: str
    slack_text: str
    page: str
    expected_theme: str | None = None
    expected_outcome: Outcome = Outcome.SUCCESS
    must_not_say: tuple[str, ...] = ()
