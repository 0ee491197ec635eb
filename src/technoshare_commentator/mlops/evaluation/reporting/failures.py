"""Why cases failed, the worst of them first: what every report of a session says of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults


class Reason(NamedTuple):
    """A scorer with its rationale, or a test with its message; the text is that of strangers and may have lines."""

    kind: Literal["scorer", "test"]
    who: str
    text: str


def reasons_of(case: CaseRow) -> list[Reason]:
    """Every failed score; then the message of each test that failed without one, or that ended in an error.

    A score that only informs is no reason. Scorers with the same rationale are one reason, as when there was nothing to
    score; so are tests with the same message, such as all of a case whose task broke.
    """
    failed = [score for score in case.scores if score.fails]
    judged = {score.test for score in failed}
    by_message: dict[str, list[str]] = {}
    for test in case.tests:
        if test.outcome == "error" or (test.outcome == "failed" and test.nodeid not in judged):
            by_message.setdefault(test.message or test.outcome, []).append(_test_name(test.nodeid))
    by_rationale: dict[str, dict[str, None]] = {}
    for one in failed:
        by_rationale.setdefault(one.error or one.rationale or f"the value is {one.value}", {})[one.name] = None
    return [
        *(Reason("scorer", _together(list(names)), rationale) for rationale, names in by_rationale.items()),
        *(Reason("test", _together(names), message) for message, names in by_message.items()),
    ]


def worst_first(results: SessionResults) -> list[CaseRow]:
    """The failed cases: errors, then what newly fails, then by the number of failed scores."""
    newly = newly_failing(results)
    return sorted(
        results.failed_cases,
        key=lambda case: (
            case.outcome != "error",
            (case.case_id, case.variant) not in newly,
            -sum(score.fails for score in case.scores),
        ),
    )


def newly_failing(results: SessionResults) -> set[tuple[str, str]]:
    """The ids and variants of the cases that the baseline saw passing."""
    baselines = (one for one in results.comparisons if one.kind == "baseline")
    return {(change.case_id, change.variant) for one in baselines for change in one.newly_failing}


def why_informing(results: SessionResults) -> dict[str, str]:
    """The scorers that only inform, each with the first reason given."""
    found: dict[str, str] = {}
    for score in (score for case in results.cases for score in case.scores if score.informs):
        found.setdefault(score.name, score.informs)
    return found


def name_of(case: CaseRow, results: SessionResults) -> str:
    """The example, with dataset, variant and trial where the session has several."""
    dataset = f" ({case.dataset})" if len(results.datasets) > 1 and case.dataset else ""
    variant = f" · {case.variant}" if len(results.variant_names) > 1 else ""
    trial = f" · trial {case.trial}" if results.trials > 1 else ""
    return f"{case.example_id}{dataset}{variant}{trial}"


def _together(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _test_name(nodeid: str) -> str:
    """The node id without its file; what stands in brackets may hold colons of its own."""
    head, bracket, parameters = nodeid.partition("[")
    return head.rpartition("::")[2] + bracket + parameters
