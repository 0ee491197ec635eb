"""Two sets of cases side by side: what newly fails, what newly passes, and whether chance explains the difference."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from technoshare_commentator.mlops.evaluation.judging import statistics
from technoshare_commentator.mlops.evaluation.judging.metrics import number_of, trials_of, with_verdict
from technoshare_commentator.mlops.evaluation.session_results import (
    CaseChange,
    CaseKey,
    CaseRow,
    Comparison,
    ScoreChange,
    names_of_variants,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from technoshare_commentator.mlops.evaluation.session_results import Interval

    Numbers = NDArray[np.float64]

WHOLE_CASES = "cases"  # the name of the first change, which is that of the verdicts of whole cases
_WHOLE = ""  # the same among scorers, none of which can be called that
SIGNIFICANT = 0.05  # the level of intervals, seen from the other side

Kind = Literal["rate", "mean"]


def compare(
    before: Sequence[CaseRow],
    after: Sequence[CaseRow],
    *,
    kind: Literal["baseline", "variants"],
    before_name: str,
    after_name: str,
) -> Comparison:
    """Pair cases by case id, variant and trial; a case that was skipped on either side is no pair.

    Where each side ran under one variant and the two differ, pairing leaves the variant out: that is an A/B test. Where
    the sides have different numbers of trials, examples are paired instead: one passes when all of its trials do, and
    its number is their mean.
    """
    earlier_variants, later_variants = names_of_variants(before), names_of_variants(after)
    across = len(earlier_variants) == len(later_variants) == 1 and earlier_variants != later_variants
    by_example = trials_of(before) != trials_of(after)
    earlier, later = (_units(cases, across=across, by_example=by_example) for cases in (before, after))
    pairs = [_Pair(key, earlier[key], unit) for key, unit in later.items() if key in earlier]
    return Comparison(
        kind=kind,
        before=before_name,
        after=after_name,
        pairs=len(pairs),
        newly_failing=tuple(pair.change(failing=True) for pair in pairs if pair.before.passed > pair.after.passed),
        newly_passing=tuple(pair.change(failing=False) for pair in pairs if pair.after.passed > pair.before.passed),
        only_before=_only_in(before, after, across=across),
        only_after=_only_in(after, before, across=across),
        scores=_changes(pairs) if pairs else (),
    )


def compare_with_baseline(
    baseline: Sequence[CaseRow], cases: Sequence[CaseRow], *, baseline_name: str, session_name: str
) -> tuple[Comparison, ...]:
    """A session against its baseline; with several variants one comparison for each, `after` naming the variant.

    A variant that the baseline does not have is held against the baseline's only one, if it has but one.
    """
    known, variants = _by_variant(baseline), _by_variant(cases)
    only = next(iter(known.values())) if len(known) == 1 else []
    names = {name: name if len(variants) > 1 else session_name for name in variants}
    return tuple(
        compare(known.get(name, only), rows, kind="baseline", before_name=baseline_name, after_name=names[name])
        for name, rows in variants.items()
    )


def compare_variants(cases: Sequence[CaseRow]) -> tuple[Comparison, ...]:
    """The first variant against each of the others."""
    first, *others = _by_variant(cases).items() or [("", [])]
    return tuple(
        compare(first[1], rows, kind="variants", before_name=first[0], after_name=name) for name, rows in others
    )


def is_significant(change: ScoreChange) -> bool:
    """Whether chance alone explains the change badly: p below 0.05, or for numbers an interval without 0."""
    if change.p_value is not None:
        return change.p_value < SIGNIFICANT
    return change.interval is not None and not change.interval.low <= 0.0 <= change.interval.high


@dataclass
class _Unit:
    """One side of a pair: a case, or all trials of an example."""

    variant: str
    passed: bool = True
    verdicts: dict[str, bool] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, case: CaseRow) -> None:
        self.passed &= case.passed
        for score in case.scores:
            self.verdicts[score.name] = self.verdicts.get(score.name, True) and score.passed
            number = None if isinstance(score.value, bool) else number_of(score)
            if number is not None:
                self.values[score.name].append(number)

    def number(self, scorer: str, kind: Kind) -> float | None:
        """What stands for this side in a rate or in a mean."""
        if kind == "rate":
            verdict = self.passed if scorer == _WHOLE else self.verdicts.get(scorer)
            return None if verdict is None else float(verdict)
        values = self.values.get(scorer)
        return math.fsum(values) / len(values) if values else None


class _Pair(NamedTuple):
    key: CaseKey
    before: _Unit
    after: _Unit

    def change(self, *, failing: bool) -> CaseChange:
        """Name the scorers that fail now and did not, a new one among them; or those that failed and now pass."""
        was, now = self.before.verdicts, self.after.verdicts
        worse = [name for name, passed in now.items() if not passed and was.get(name, True)]
        better = [name for name, passed in now.items() if passed and not was.get(name, True)]
        scorers = worse if failing else better
        return CaseChange(
            case_id=self.key.case_id, variant=self.after.variant, trial=self.key.trial, scorers=tuple(scorers)
        )


def _by_variant(cases: Iterable[CaseRow]) -> dict[str, list[CaseRow]]:
    found: dict[str, list[CaseRow]] = defaultdict(list)
    for case in cases:
        found[case.variant].append(case)
    return found


def _units(cases: Iterable[CaseRow], *, across: bool, by_example: bool) -> dict[CaseKey, _Unit]:
    units: dict[CaseKey, _Unit] = {}
    for case in with_verdict(cases):
        key = CaseKey(case.case_id, "" if across else case.variant, 1 if by_example else case.trial)
        units.setdefault(key, _Unit(case.variant)).add(case)
    return units


def _only_in(these: Iterable[CaseRow], those: Iterable[CaseRow], *, across: bool) -> tuple[str, ...]:
    """The ids of examples without a counterpart, whatever their trials."""
    known = {(case.case_id, "" if across else case.variant) for case in those}
    return tuple(
        dict.fromkeys(case.case_id for case in these if (case.case_id, "" if across else case.variant) not in known)
    )


def _changes(pairs: Sequence[_Pair]) -> tuple[ScoreChange, ...]:
    """Whole cases first, then every scorer that spoke on both sides of at least one pair."""
    import numpy as np  # noqa: PLC0415 - a session without evals does without

    numbers = {case_id: number for number, case_id in enumerate(sorted({pair.key.case_id for pair in pairs}))}
    example = np.array([numbers[pair.key.case_id] for pair in pairs])
    found = [_Change.of(pairs, example, name, kind) for name, kind in _scorers(pairs)]
    found = [change for change in found if change.counts.any()]
    differences = np.array([change.after - change.before for change in found])
    intervals = statistics.mean_intervals(differences, np.array([change.counts for change in found]))
    return tuple(change.row(interval) for change, interval in zip(found, intervals, strict=True))


def _scorers(pairs: Sequence[_Pair]) -> Iterator[tuple[str, Kind]]:
    """Whole cases and all scorers; those that gave numbers on both sides are compared by their means."""
    yield _WHOLE, "rate"
    numeric_before = {name for pair in pairs for name in pair.before.values}
    numeric_after = {name for pair in pairs for name in pair.after.values}
    for name in dict.fromkeys(name for pair in pairs for unit in (pair.after, pair.before) for name in unit.verdicts):
        yield name, "mean" if name in numeric_before & numeric_after else "rate"


@dataclass
class _Change:
    """One scorer's sums by example on both sides, and how many pairs each example has."""

    scorer: str
    kind: Kind
    before: Numbers
    after: Numbers
    counts: Numbers

    @classmethod
    def of(cls, pairs: Sequence[_Pair], example: NDArray[np.int64], scorer: str, kind: Kind) -> _Change:
        import numpy as np  # noqa: PLC0415 - as above

        sides = [(pair.before.number(scorer, kind), pair.after.number(scorer, kind)) for pair in pairs]
        both = [None not in side for side in sides]
        earlier, later = zip(*(side if known else (0, 0) for side, known in zip(sides, both, strict=True)), strict=True)
        before, after, counts = (np.bincount(example, weights=one).astype(float) for one in (earlier, later, both))
        return cls(scorer, kind, before, after, counts)

    def row(self, interval: Interval | None) -> ScoreChange:
        pairs = int(self.counts.sum())
        return ScoreChange(
            scorer=self.scorer or WHOLE_CASES,
            kind=self.kind,
            pairs=pairs,
            before=float(self.before.sum()) / pairs,
            after=float(self.after.sum()) / pairs,
            interval=interval,
            p_value=self._p_value() if self.kind == "rate" else None,
        )

    def _p_value(self) -> float:
        """Trials of an example are not independent, so the test stands on examples: one passes when all of it does."""
        spoken = self.counts > 0
        before, after = ((side == self.counts)[spoken].tolist() for side in (self.before, self.after))
        return statistics.mcnemar(before, after)
