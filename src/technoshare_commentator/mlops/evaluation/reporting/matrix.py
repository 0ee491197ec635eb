"""The matrix: an example a row; its verdict under each variant and trial, then each scorer under each variant."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from technoshare_commentator.mlops.evaluation.judging.metrics import number_of
from technoshare_commentator.mlops.evaluation.reporting.case_view import CaseView, ExampleView, ScoreView, worst
from technoshare_commentator.mlops.evaluation.reporting.formats import UNKNOWN, short_number
from technoshare_commentator.mlops.evaluation.session_results import Comparison, SessionResults, names_of_variants
from technoshare_commentator.mlops.evaluation.variants import Variant

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYMBOLS = {"passed": "✓", "failed": "✗", "error": "!", "skipped": UNKNOWN, "mixed": "±", "none": "·", "rerun": "↻"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHADES = 4


class VariantHead(NamedTuple):
    """A variant and the letter that stands for it where there is no room; none where there is only one."""

    letter: str
    variant: Variant

    @property
    def name(self) -> str:
        """Its name."""
        return self.variant.name


class Verdict(NamedTuple):
    """How a case ended, with the anchor it links to."""

    state: str
    anchor: str
    trial: int


class Cell(NamedTuple):
    """What a scorer said of an example under a variant, all trials together; with a link where something failed.

    `shade` is 0 to 4 for a value between 0 and 1, and -1 for others.
    """

    state: str
    text: str = ""
    shade: int = -1
    anchor: str = ""

    @property
    def style(self) -> str:
        """Its class in the style sheet."""
        return f"{self.state} shade{self.shade}" if self.state == "passed" and self.shade >= 0 else self.state


@dataclass(frozen=True)
class Row:
    """One example in the matrix; `changes` are words for how it differs from the baseline or between variants."""

    example: ExampleView
    verdicts: tuple[tuple[Verdict, ...], ...]
    cells: tuple[Cell, ...]
    changes: tuple[str, ...]

    @property
    def marks(self) -> str:
        """What the filters ask for."""
        marks = {
            "failed": self.example.state in {"failed", "error"},
            "changed": bool(self.changes),
            "flaky": self.example.flaky,
        }
        return " ".join(name for name, holds in marks.items() if holds)

    @property
    def search(self) -> str:
        """What the text filter looks through."""
        return " ".join((self.example.name, *self.example.tags, *self.example.failing)).lower()


@dataclass(frozen=True)
class Matrix:
    """All of it."""

    variants: tuple[VariantHead, ...]
    scorers: tuple[str, ...]
    rows: tuple[Row, ...]
    trials: int

    @property
    def linked(self) -> bool:
        """Whether an example has several cases, each to be linked to on its own."""
        return any(len(row.example.cases) > 1 for row in self.rows)

    def count(self, mark: str) -> int:
        """How many rows a filter keeps."""
        return sum(mark in row.marks.split() for row in self.rows)


def heads_of(results: SessionResults) -> tuple[VariantHead, ...]:
    """The variants of a session with their letters; those that no case ran under stay away."""
    known = {variant.name: variant for variant in results.variants}
    names = names_of_variants(results.cases)
    order = [name for name in known if name in names] + [name for name in names if name not in known]
    letters = [_letter(number) for number in range(len(order))] if len(order) > 1 else [""]
    return tuple(
        VariantHead(letter, known.get(name) or Variant.model_construct(name=name))
        for letter, name in zip(letters, order, strict=False)
    )


def matrix_of(results: SessionResults, examples: Sequence[ExampleView]) -> Matrix:
    """Return the matrix of a session's examples."""
    heads = heads_of(results)
    scorers = tuple(results.scorer_names)
    changes = _changes(results.comparisons)
    rows = tuple(_row(example, scorers, heads, changes.get(example.case_id, ())) for example in examples)
    return Matrix(heads, scorers, rows, max((case.trial for case in results.cases), default=1))


def _row(example: ExampleView, scorers: Sequence[str], heads: Sequence[VariantHead], changes: tuple[str, ...]) -> Row:
    by_variant: dict[str, list[CaseView]] = defaultdict(list)
    for case in example.cases:
        by_variant[case.row.variant].append(case)
    said: dict[tuple[str, str], list[tuple[CaseView, ScoreView]]] = defaultdict(list)
    for case in example.cases:
        for score in case.scores:
            said[score.row.name, case.row.variant].append((case, score))
    verdicts = tuple(
        tuple(Verdict(case.state, case.anchor, case.row.trial) for case in by_variant[head.name]) for head in heads
    )
    cells = tuple(_cell(said.get((scorer, head.name), ())) for scorer in scorers for head in heads)
    return Row(example, verdicts, cells, changes)


def _cell(said: Sequence[tuple[CaseView, ScoreView]]) -> Cell:
    if not said:
        return Cell("none")
    states = [score.state for _, score in said]
    bad = next((case.anchor for case, score in said if score.state == worst(states) != "passed"), "")
    if len(set(states)) > 1:
        return Cell("mixed", f"{states.count('passed')}/{len(states)}", anchor=bad)
    numbers = [number for _, score in said if (number := _number(score)) is not None]
    if len(numbers) < len(said):
        return Cell(states[0], anchor=bad)
    mean = sum(numbers) / len(numbers)
    shade = round(mean * _SHADES) if 0 <= mean <= 1 else -1
    return Cell(states[0], short_number(mean), shade, bad)


def _number(score: ScoreView) -> float | None:
    """A score's number; a verdict is none here."""
    return None if isinstance(score.row.value, bool) else number_of(score.row)


def _changes(comparisons: Sequence[Comparison]) -> Mapping[str, tuple[str, ...]]:
    words: dict[str, list[str]] = defaultdict(list)
    several = sum(one.kind == "baseline" for one in comparisons) > 1
    for one in comparisons:
        under = f" under {one.after}" if one.kind == "variants" or several else ""
        than = f"than under {one.before}" if one.kind == "variants" else "than in the baseline"
        for change in one.newly_failing:
            words[change.case_id].append(f"▼ worse{under} {than}")
        for change in one.newly_passing:
            words[change.case_id].append(f"▲ better{under} {than}")
    return {case: tuple(dict.fromkeys(found)) for case, found in words.items()}


def _letter(number: int) -> str:
    """A to Z, then AA and so on."""
    more, last = divmod(number, len(_LETTERS))
    return (_letter(more - 1) if more else "") + _LETTERS[last]
