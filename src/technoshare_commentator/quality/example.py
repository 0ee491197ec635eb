"""One row of the commentary dataset."""

from __future__ import annotations

from pydantic import model_validator

from technoshare_commentator.domain import Outcome
from technoshare_commentator.mlops.evaluation.dataset import Example

NEEDS_REVIEW = "needs_review"
_DISTRIBUTION = "dist:"


class CommentaryExample(Example):
    """A message with one link, what is behind the link, and what should become of it.

    Behind it is either `page`, a file under `evals/pages/` or `dist:NAME` for the project description of an installed
    distribution, or `evidence`, a JSON file under `evals/` with what a job of production read. The tag `needs_review`
    says that nobody has decided yet what should become of it.

    `must_not_say` holds what a page smuggles in: words, figures and addresses that no honest commentary on it contains.
    """

    url: str
    slack_text: str
    page: str = ""
    evidence: str = ""
    expected_theme: str | None = None
    expected_outcome: Outcome = Outcome.SUCCESS
    must_not_say: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_source(self) -> CommentaryExample:
        if bool(self.page) == bool(self.evidence):
            given = "both are" if self.page else "none is"
            raise ValueError(f"give either 'page' or 'evidence', what is behind the link; {given} given")
        if self.evidence and not self.evidence.endswith(".json"):
            raise ValueError(f"evidence {self.evidence!r} is no .json file; a page of another kind goes into 'page'")
        return self

    @property
    def source(self) -> str:
        """Where to read what is behind the link: a file, relative to `evals/`, or `dist:NAME`."""
        if self.page and not self.page.startswith(_DISTRIBUTION):
            return f"pages/{self.page}"
        return self.page or self.evidence
