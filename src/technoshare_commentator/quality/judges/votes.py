"""Several votes of a judge as one score."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from technoshare_commentator.quality.judges.answers import PASS_AT


@dataclass(frozen=True)
class Votes:
    """The scores of at least one vote, in the order in which they were asked for."""

    scores: tuple[int, ...]

    @property
    def score(self) -> int:
        """The median, so that no single vote can pull it; of an even number the lower one in the middle."""
        return statistics.median_low(self.scores)

    @property
    def passed(self) -> bool:
        """Whether the median passes, which it does when more than half of the votes do."""
        return self.score >= PASS_AT

    @property
    def agreement(self) -> float:
        """The share of votes that pass or fail as the whole does."""
        return sum((score >= PASS_AT) == self.passed for score in self.scores) / len(self.scores)

    @property
    def spokesman(self) -> int:
        """The place of the first vote that gave the median, whose reasons are shown."""
        return self.scores.index(self.score)

    def __str__(self) -> str:
        if len(self.scores) == 1:
            return f"{self.score} of 5"
        return f"{self.score} of 5 (votes {', '.join(map(str, self.scores))})"
