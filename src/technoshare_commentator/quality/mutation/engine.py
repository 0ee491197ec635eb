"""Break every original in every way, render it anew, let all scorers speak, and keep what each of them said.

A mutant is caught when a scorer flags it that did not flag its original. A crash is no catch: it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
from technoshare_commentator.quality.mutation.report import JudgedMutant, JudgedOriginal, MutationReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from technoshare_commentator.domain import LinkResult, SlackMessage
    from technoshare_commentator.mlops.evaluation.scorer import Scorer
    from technoshare_commentator.quality.example import CommentaryExample
    from technoshare_commentator.quality.mutation.mutation import Mutation

    Render = Callable[[LinkResult], SlackMessage]


@dataclass(frozen=True)
class Original:
    """A good commentary under the name that reports give it, and the example it answers."""

    name: str
    result: LinkResult
    example: CommentaryExample


@dataclass(frozen=True)
class Mutant:
    """An original broken in one way; `number` counts the mutants of one mutation and original from 0."""

    mutation: str
    original: Original
    number: int
    result: LinkResult

    @property
    def name(self) -> str:
        """How to find it again, with the same seed."""
        return f"{self.mutation}/{self.original.name}/{self.number}"


class MutationEngine:
    """Makes mutants and lets scorers judge them; the same seed makes the same mutants, in whatever order."""

    def __init__(self, scorers: Sequence[Scorer], render: Render, seed: int) -> None:
        """`render` makes the message of a result whose commentary was changed."""
        self._scorers = tuple(scorers)
        self._render = render
        self._seed = seed

    def mutant(self, mutation: Mutation, original: Original, number: int = 0) -> Mutant | None:
        """Break one original; None where the mutation does not apply or nobody could see that it did."""
        before = original.result
        broken = mutation(before, Random(f"{self._seed}/{mutation.name}/{original.name}/{number}"))  # noqa: S311 - repeatable
        if broken is None:
            return None
        if broken.message is None:
            broken = broken.model_copy(update={"message": self._render(broken)})
        seen, shown = (result.message.text if result.message else "" for result in (before, broken))
        if (seen, before.facts) == (shown, broken.facts):
            return None
        return Mutant(mutation.name, original, number, broken)

    def mutants(self, mutation: Mutation, originals: Sequence[Original], limit: int | None = None) -> Iterator[Mutant]:
        """Yield mutants of all originals in turn: one of each, or up to `limit`, picked by the seed."""
        turns = list(originals)
        if limit is not None:
            Random(f"{self._seed}/{mutation.name}").shuffle(turns)  # noqa: S311 - repeatable
        wanted = len(turns) if limit is None else limit
        made = 0
        for turn in range(-(-wanted // len(turns)) if turns else 0):
            for original in turns:
                mutant = self.mutant(mutation, original, turn) if made < wanted else None
                if mutant is not None:
                    made += 1
                    yield mutant

    def judge_original(self, original: Original) -> JudgedOriginal:
        """Let all scorers judge an untouched commentary."""
        scores = self.scores(original.result, original.example)
        return JudgedOriginal(name=original.name, flagged_by=_flags(scores), crashed=_crashes(scores))

    def judge(self, mutant: Mutant, untouched: JudgedOriginal) -> JudgedMutant:
        """Let all scorers judge a mutant; a flag that its original carries as well is no catch."""
        scores = self.scores(mutant.result, mutant.original.example)
        caught = tuple(name for name in _flags(scores) if name not in untouched.flagged_by)
        return JudgedMutant(
            mutation=mutant.mutation,
            original=mutant.original.name,
            number=mutant.number,
            caught_by=caught,
            crashed=_crashes(scores),
        )

    def scores(self, result: LinkResult, example: CommentaryExample) -> list[Score | ScorerFailure]:
        """Return what every scorer says of a result."""
        return [one.evaluate(result, example) for one in self._scorers]

    def run(
        self,
        mutations: Sequence[Mutation],
        originals: Sequence[Original],
        *,
        limit: int | None = None,
        told: Callable[[int], None] = lambda _: None,
    ) -> MutationReport:
        """Judge all originals and their mutants, page by page, since scorers keep what they know of a page.

        `told` hears how many more mutants have been judged.
        """
        order = {mutation.name: place for place, mutation in enumerate(mutations)}
        waiting: dict[str, list[Mutant]] = {original.name: [] for original in originals}
        for mutation in mutations:
            for mutant in self.mutants(mutation, originals, limit):
                waiting[mutant.original.name].append(mutant)
        untouched: list[JudgedOriginal] = []
        judged: list[JudgedMutant] = []
        for original in originals:
            untouched.append(self.judge_original(original))
            judged += [self.judge(mutant, untouched[-1]) for mutant in waiting[original.name]]
            told(len(waiting[original.name]))
        return MutationReport(
            seed=self._seed,
            scorers=tuple(one.name for one in self._scorers),
            mutations=tuple(order),
            originals=tuple(untouched),
            mutants=tuple(sorted(judged, key=lambda mutant: order[mutant.mutation])),
        )


def _flags(scores: Sequence[Score | ScorerFailure]) -> tuple[str, ...]:
    return tuple(score.name for score in scores if isinstance(score, Score) and not score.passed)


def _crashes(scores: Sequence[Score | ScorerFailure]) -> tuple[str, ...]:
    return tuple(score.name for score in scores if isinstance(score, ScorerFailure))
