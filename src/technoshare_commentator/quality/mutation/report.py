"""What came of a round of mutations, as data: who was caught by whom, who survived, which originals were flagged."""

from __future__ import annotations

from collections import Counter
from functools import cached_property

from pydantic import BaseModel, ConfigDict

from technoshare_commentator.mlops.evaluation.judging.statistics import wilson
from technoshare_commentator.mlops.evaluation.session_results import Interval

UNTOUCHED = "untouched"


class _Data(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class JudgedOriginal(_Data):
    """An untouched commentary, and the scorers that flagged it or crashed on it."""

    name: str
    flagged_by: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()


class JudgedMutant(_Data):
    """A broken commentary, and the scorers that caught it or crashed on it."""

    mutation: str
    original: str
    number: int
    caught_by: tuple[str, ...] = ()
    crashed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """How `technoshare evals mutate --show` finds it."""
        return f"{self.mutation}/{self.original}/{self.number}"


class Rate(_Data):
    """A share of cases with its 95 % Wilson interval, None where there were no cases."""

    count: int
    total: int
    interval: Interval | None

    @property
    def value(self) -> float:
        """The share, 0 of no cases."""
        return self.count / self.total if self.total else 0.0


class Tally(_Data):
    """One mutation: how many mutants it made, how many were caught, and how many by each scorer."""

    mutation: str
    made: int
    caught: int
    by_scorer: dict[str, int]


class MutationReport(_Data):
    """All that was judged in one round; the same seed, originals and scorers give the same report."""

    seed: int
    scorers: tuple[str, ...]
    mutations: tuple[str, ...]
    originals: tuple[JudgedOriginal, ...]
    mutants: tuple[JudgedMutant, ...]

    @cached_property
    def caught(self) -> Rate:
        """The share of mutants that at least one scorer caught."""
        return _rate(sum(bool(mutant.caught_by) for mutant in self.mutants), len(self.mutants))

    @cached_property
    def flagged(self) -> Rate:
        """The share of untouched commentaries that at least one scorer flagged."""
        return _rate(sum(bool(one.flagged_by) for one in self.originals), len(self.originals))

    @property
    def survivors(self) -> tuple[JudgedMutant, ...]:
        """The mutants that nobody caught."""
        return tuple(mutant for mutant in self.mutants if not mutant.caught_by)

    @property
    def crashes(self) -> dict[str, tuple[str, ...]]:
        """Scorers that crashed, by the mutant or original they crashed on."""
        originals = {f"{UNTOUCHED}/{one.name}": one.crashed for one in self.originals if one.crashed}
        return {**originals, **{one.name: one.crashed for one in self.mutants if one.crashed}}

    @cached_property
    def tallies(self) -> tuple[Tally, ...]:
        """What came of each mutation, in their order."""
        return tuple(self._tally(name) for name in self.mutations)

    def holds(self, *, caught: float, flagged: float) -> bool:
        """Whether the rates are good enough: least share of caught mutants, most of flagged originals, no crash."""
        return self.caught.value >= caught and self.flagged.value <= flagged and not self.crashes

    def _tally(self, name: str) -> Tally:
        made = [mutant for mutant in self.mutants if mutant.mutation == name]
        by_scorer = Counter(scorer for mutant in made for scorer in mutant.caught_by)
        return Tally(
            mutation=name,
            made=len(made),
            caught=sum(bool(mutant.caught_by) for mutant in made),
            by_scorer={scorer: by_scorer[scorer] for scorer in self.scorers if by_scorer[scorer]},
        )


def _rate(count: int, total: int) -> Rate:
    return Rate(count=count, total=total, interval=wilson(count, total))
