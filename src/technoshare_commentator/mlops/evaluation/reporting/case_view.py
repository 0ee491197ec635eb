"""Examples and their cases as the page shows them: excerpts, symbols, anchors, spans in the order of their tree."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.reporting.charts import Bar, timeline_bar
from technoshare_commentator.mlops.evaluation.reporting.excerpts import (
    Excerpt,
    Field,
    Limits,
    as_text,
    excerpt,
    fields_of,
)
from technoshare_commentator.mlops.evaluation.reporting.formats import number
from technoshare_commentator.mlops.evaluation.session_results import CaseDetail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseKey,
        CaseRow,
        ScoreRow,
        SpanRow,
        TestRow,
    )

_WORST_FIRST = ("error", "failed", "rerun", "passed", "skipped")
_MOST_SPANS = 80
_NOTHING_KNOWN = CaseDetail()


@dataclass(frozen=True)
class SpanView:
    """A span: how deep it lies, and where its bar stands."""

    row: SpanRow
    depth: int
    bar: Bar
    message: Excerpt


@dataclass(frozen=True)
class ScoreView:
    """A score: its state, its value in words, why."""

    row: ScoreRow
    state: str
    value: str
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
    """One case: `anchor` is where links to it lead."""

    anchor: str
    row: CaseRow
    scores: tuple[ScoreView, ...]
    tests: tuple[TestView, ...]
    given: tuple[Field, ...]
    shown: Excerpt
    output: Excerpt
    spans: tuple[SpanView, ...]
    more_spans: int

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
    several = len({case.dataset for case in cases}) > 1
    grouped: dict[str, list[tuple[str, CaseRow]]] = defaultdict(list)
    for position, case in enumerate(cases, 1):
        grouped[case.case_id].append((f"c{position}", case))
    return [
        _example(f"e{position}", group, details, limits, in_full=several)
        for position, group in enumerate(grouped.values(), 1)
    ]


def _example(
    anchor: str,
    group: list[tuple[str, CaseRow]],
    details: Mapping[CaseKey, CaseDetail],
    limits: Mapping[bool, Limits],
    *,
    in_full: bool,
) -> ExampleView:
    known = [details.get(case.key, _NOTHING_KNOWN) for _, case in group]
    rows = [case for _, case in group]
    inputs = [detail.input for detail in known if detail is not _NOTHING_KNOWN]
    shared = len(group) > 1 and all(one == inputs[0] for one in inputs)
    worst_limits = limits[all(case.passed for case in rows)]
    return ExampleView(
        anchor=anchor,
        case_id=rows[0].case_id,
        name=rows[0].case_id if in_full else rows[0].example_id,
        tags=tuple(dict.fromkeys(tag for case in rows for tag in case.tags)),
        cases=tuple(
            _case(where, case, detail, limits[case.passed], with_input=not shared)
            for (where, case), detail in zip(group, known, strict=True)
        ),
        given=fields_of(inputs[0], worst_limits.field) if shared and inputs else (),
    )


def _case(anchor: str, case: CaseRow, detail: CaseDetail, limits: Limits, *, with_input: bool) -> CaseView:
    spans = list(_in_tree_order(detail.spans))
    output = as_text(detail.output)
    return CaseView(
        anchor=anchor,
        row=case,
        scores=tuple(sorted((_score(score, limits) for score in case.scores), key=_by_badness)),
        tests=tuple(_test(test, limits) for test in case.tests),
        given=fields_of(detail.input, limits.field) if with_input else (),
        shown=excerpt(detail.shown, limits.shown),
        output=excerpt("" if output == detail.shown else output, limits.output),
        spans=tuple(_span_views(spans[:_MOST_SPANS], limits)),
        more_spans=max(0, len(spans) - _MOST_SPANS),
    )


def _score(score: ScoreRow, limits: Limits) -> ScoreView:
    state = "error" if score.error else "passed" if score.passed else "failed"
    return ScoreView(score, state, value_text(score.value), excerpt(score.error or score.rationale, limits.rationale))


def value_text(value: bool | float | str | None) -> str:
    """A score's value in a word or a number."""
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return value if isinstance(value, str) else number(value)


def _by_badness(score: ScoreView) -> int:
    return _WORST_FIRST.index(score.state)


def _test(test: TestRow, limits: Limits) -> TestView:
    return TestView(test, test.nodeid.split("::", 1)[-1], excerpt(test.message, limits.message))


def _span_views(spans: list[tuple[int, SpanRow]], limits: Limits) -> Iterator[SpanView]:
    first = min((span.start_seconds for _, span in spans), default=0.0)
    total = max((span.start_seconds - first + span.seconds for _, span in spans), default=0.0)
    for depth, span in spans:
        bar = timeline_bar(span.start_seconds - first, span.seconds, total)
        yield SpanView(span, depth, bar, excerpt(span.message, limits.rationale))


def _in_tree_order(spans: Sequence[SpanRow]) -> Iterator[tuple[int, SpanRow]]:
    """Each span below its parent, with its depth; one whose parents lead nowhere or in a circle stands by itself."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for position, span in enumerate(spans):
        known = span.parent is not None and 0 <= span.parent < len(spans)
        children[span.parent if known else None].append(position)
    left = set(range(len(spans)))
    for root in [*children[None], *range(len(spans))]:
        waiting = [(0, root)]
        while waiting:
            depth, position = waiting.pop()
            if position not in left:
                continue
            left.discard(position)
            yield depth, spans[position]
            below = sorted(children[position], key=lambda one: spans[one].start_seconds, reverse=True)
            waiting.extend((depth + 1, one) for one in below)
