"""Scorers held against pairs that a person labelled: which scorers there are labels for, and how far they agree."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement
from technoshare_commentator.mlops.evaluation.judging.calibration import JUDGE_MODEL, JUDGE_PROMPT
from technoshare_commentator.mlops.evaluation.scorer import Score, Scorer, ScorerFailure
from technoshare_commentator.quality import scorers
from technoshare_commentator.quality.labels import Label, result_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from technoshare_commentator.domain import Evidence
    from technoshare_commentator.quality.labels import Pair

AT_ONCE = 8  # pairs that a judge is asked about at the same time


@dataclass(frozen=True)
class Labelled:
    """A scorer and the file of `evals/labels/`, without suffix, whose question it answers."""

    labels: str
    scorer: Scorer


# The scorers that answer a question of which there are labels: one line each. Judges, which need a model to ask, are
# made by `bootstrap` and added by `technoshare evals calibrate`.
LABELLED = (
    Labelled("faithfulness", scorers.numbers_supported),
    Labelled("faithfulness", scorers.names_supported),
    Labelled("faithfulness", scorers.sentences_supported),
)


@dataclass(frozen=True)
class Judged:
    """A pair and what the scorer said of it."""

    pair: Pair
    said: Score | ScorerFailure

    @property
    def agrees(self) -> bool:
        """Whether the scorer came to the labeller's verdict; a crash is none."""
        return isinstance(self.said, Score) and self.said.passed == (self.pair.label is Label.GOOD)

    @property
    def verdict(self) -> str:
        """The scorer's verdict in the labeller's words, or `error`."""
        if isinstance(self.said, ScorerFailure):
            return "error"
        return (Label.GOOD if self.said.passed else Label.BAD).value

    @property
    def reason(self) -> str:
        """The scorer's rationale, or its error."""
        return self.said.error if isinstance(self.said, ScorerFailure) else self.said.rationale


@dataclass(frozen=True)
class Measurement:
    """All that one scorer said of its pairs."""

    labelled: Labelled
    judged: tuple[Judged, ...]

    @property
    def name(self) -> str:
        """The scorer's name."""
        return self.labelled.scorer.name

    @cached_property
    def agreement(self) -> Agreement:
        """The counts over the pairs on which the scorer did not crash."""
        said = [one for one in self.judged if isinstance(one.said, Score)]
        return Agreement.of((one.pair.label is Label.BAD, one.verdict == Label.BAD) for one in said)

    @property
    def errors(self) -> tuple[Judged, ...]:
        """Pairs on which the scorer crashed."""
        return tuple(one for one in self.judged if isinstance(one.said, ScorerFailure))

    @property
    def disagreements(self) -> tuple[Judged, ...]:
        """Pairs on which it came to another verdict than the labeller, or to none."""
        return tuple(one for one in self.judged if not one.agrees)

    @property
    def by_kind(self) -> dict[str, tuple[int, int]]:
        """How many pairs of each kind it judged like the labeller, and of how many; the kinds in order."""
        kinds = sorted({one.pair.kind for one in self.judged})
        found = {kind: [one.agrees for one in self.judged if one.pair.kind == kind] for kind in kinds}
        return {kind: (sum(agrees), len(agrees)) for kind, agrees in found.items()}

    @cached_property
    def judge(self) -> dict[str, str]:
        """The prompt and the model that all its scores name; raises `ConfigurationError` where they differ."""
        found: dict[str, str] = {}
        scores = [one.said for one in self.judged if isinstance(one.said, Score)]
        for key in (JUDGE_PROMPT, JUDGE_MODEL):
            named = {score.metadata[key] for score in scores if key in score.metadata}
            if len(named) > 1:
                raise ConfigurationError(
                    f"the scores of {self.name!r} name several as their {key!r}: {', '.join(sorted(named))}; "
                    "a calibration is that of one judge, so run it again with one"
                )
            if named:
                found[key] = named.pop()
        return found

    @property
    def speaks_as_judge(self) -> bool:
        """Whether its scores are a model's."""
        return any(one.said.source_type == "LLM_JUDGE" for one in self.judged)


def chosen(names: Iterable[str], among: Iterable[Labelled] = LABELLED) -> tuple[Labelled, ...]:
    """The scorers of these names, all where none is given; raises `ConfigurationError` for one without labels."""
    known = {one.scorer.name: one for one in among}
    for name in (asked := tuple(names)):
        if name not in known:
            raise ConfigurationError(f"there are no labels for a scorer {name!r}; there are for {', '.join(known)}")
    return tuple(known[name] for name in dict.fromkeys(asked or known))


def measure(
    labelled: Labelled, pairs: Sequence[Pair], read_page: Callable[[str], Evidence], *, at_once: int = AT_ONCE
) -> Measurement:
    """Let a scorer judge every pair, `at_once` of them at a time; a crash is kept as what it is.

    `read_page` turns the name of a page into evidence and may be called from several threads.
    """
    results = [result_of(pair, read_page) for pair in pairs]
    with ThreadPoolExecutor(at_once, thread_name_prefix="calibrate") as pool:
        waiting = [pool.submit(copy_context().run, labelled.scorer.evaluate, result) for result in results]
        said = [one.result() for one in waiting]
    return Measurement(labelled, tuple(Judged(pair, one) for pair, one in zip(pairs, said, strict=True)))
