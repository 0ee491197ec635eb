"""Examples and their cases as the page shows them: excerpts, symbols, anchors, spans in the order of their tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.reporting.excerpts import (
    Excerpt,
    Field,
    Limits,
    as_text,
    excerpt,
    fields_of,
)
from technoshare_commentator.mlops.evaluation.reporting.formats import number
from technoshare_commentator.mlops.evaluation.reporting.span_view import SpanView, span_views
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseKey,
        CaseRow,
        ScoreRow,
        TestRow,
    )

_WORST_FIRST = ("error", "failed", "rerun", "passed", "skipped")
_MOST_IN_FULL = 2000  # cases; beyond, the page would grow without bounds
_VALUE_CHARACTERS = 200
_NOTHING_KNOWN = CaseDetail()


@dataclass(frozen=True)
class ScoreView:
    """A score: its state, its value in words, why."""

    row: ScoreRow
    state: str
    value: Excerpt
    why: Excerpt


@dataclass(frozen=True)
class TestView:
    """A test of the case; `name` is its node id without the file."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    row: TestRow
    name: str
    message: Excerpt


@dataclass(frozen=True)
class CaseView:
    """One case: `anchor` is where links to it lead; of a `brief` one the page shows no more than figures."""

    anchor: str
    row: CaseRow
    scores: tuple[ScoreView, ...]
    tests: tuple[TestView, ...]
    given: tuple[Field, ...]
    shown: Excerpt
    output: Excerpt
    spans: tuple[SpanView, ...]
    more_spans: int
    brief: bool = False

    @property
    def state(self) -> str:
        """How it ended, in the words of the style sheet."""
        return self.row.outcome


@dataclass(frozen=True)
class ExampleView:
    """One example with its cases; what it was given stands here once, if it is the same for all of them."""

    anchor: str
    case_id: str
    name: str
    tags: tuple[str, ...]
    cases: tuple[CaseView, ...]
    given: tuple[Field, ...]

    @property
    def state(self) -> str:
        """The worst that happened to one of its cases."""
        return worst(case.state for case in self.cases)

    @property
    def flaky(self) -> bool:
        """Whether trials under one variant came out differently."""
        verdicts = defaultdict(set)
        for case in self.cases:
            if case.state != "skipped":
                verdicts[case.row.variant].add(case.row.passed)
        return any(len(seen) > 1 for seen in verdicts.values())

    @property
    def failing(self) -> tuple[str, ...]:
        """The scorers that did not pass, each once."""
        names = (score.row.name for case in self.cases for score in case.scores if score.state != "passed")
        return tuple(dict.fromkeys(names))


def worst(states: Iterable[str]) -> str:
    """The worst of some states; of none, `skipped`."""
    return min(states, key=_WORST_FIRST.index, default="skipped")


def examples_of(cases: Sequence[CaseRow], details: Mapping[CaseKey, CaseDetail]) -> list[ExampleView]:
    """Gather cases by example, in their order; those that failed may fill more room, for they are what is read."""
    failed = sum(not case.passed for case in cases)
    limits = {False: Limits.for_cases(failed * 2), True: Limits.for_cases((len(cases) - failed) * 2)}
    page = _Page(details, limits, several=len({case.dataset for case in cases}) > 1, brief=len(cases) > _MOST_IN_FULL)
    grouped: dict[str, list[tuple[str, CaseRow]]] = defaultdict(list)
    for position, case in enumerate(cases, 1):
        grouped[case.case_id].append((f"c{position}", case))
    return [_example(f"e{position}", group, page) for position, group in enumerate(grouped.values(), 1)]


@dataclass(frozen=True)
class _Page:
    """What holds for all cases: `limits` are those of cases that failed and passed, `brief` goes for the latter."""

    details: Mapping[CaseKey, CaseDetail]
    limits: Mapping[bool, Limits]
    several: bool
    brief: bool


def _example(anchor: str, group: list[tuple[str, CaseRow]], page: _Page) -> ExampleView:
    known = [page.details.get(case.key, _NOTHING_KNOWN) for _, case in group]
    rows = [case for _, case in group]
    inputs = [detail.input for detail in known if detail is not _NOTHING_KNOWN]
    shared = len(group) > 1 and all(one == inputs[0] for one in inputs)
    limits = page.limits[all(case.passed for case in rows)]
    return ExampleView(
        anchor=anchor,
        case_id=rows[0].case_id,
        name=rows[0].case_id if page.several else rows[0].example_id,
        tags=tuple(dict.fromkeys(tag for case in rows for tag in case.tags)),
        cases=tuple(
            _case(where, case, detail.model_copy(update={"input": None}) if shared else detail, page)
            for (where, case), detail in zip(group, known, strict=True)
        ),
        given=fields_of(inputs[0], limits.field) if shared and inputs else (),
    )


def _case(anchor: str, case: CaseRow, detail: CaseDetail, page: _Page) -> CaseView:
    limits = page.limits[case.passed]
    spans, more_spans = span_views(detail.spans, limits.rationale)
    output = as_text(detail.output)
    return CaseView(
        anchor=anchor,
        row=case,
        scores=tuple(sorted((_score(score, limits) for score in case.scores), key=_by_badness)),
        tests=tuple(_test(test, limits) for test in case.tests),
        given=fields_of(detail.input, limits.field),
        shown=excerpt(detail.shown, limits.shown),
        output=excerpt("" if output == detail.shown else output, limits.output),
        spans=tuple(spans),
        more_spans=more_spans,
        brief=page.brief and case.passed,
    )


def _score(score: ScoreRow, limits: Limits) -> ScoreView:
    state = "error" if score.error else "passed" if score.passed else "failed"
    value = excerpt(_value_text(score), _VALUE_CHARACTERS)
    return ScoreView(score, state, value, excerpt(score.error or score.rationale, limits.rationale))


def _value_text(score: ScoreRow) -> str:
    """A number or a word; of a verdict nothing, for its mark says it."""
    if score.value is None or isinstance(score.value, bool):
        return ""
    return score.value if isinstance(score.value, str) else number(score.value)


def _by_badness(score: ScoreView) -> int:
    return _WORST_FIRST.index(score.state)


def _test(test: TestRow, limits: Limits) -> TestView:
    return TestView(test, test.nodeid.split("::", 1)[-1], excerpt(test.message, limits.message))
