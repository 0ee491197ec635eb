"""The cases that failed: which, under what, why, what the output looked like, and where its trace is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults
    from technoshare_commentator.pytest_plugin.gathering import Gathering

_REASON_LENGTH = 240
_EXCERPT_LENGTH = 160
_MOST_FAILED_CASES = 20


def failed_cases(results: SessionResults, gathering: Gathering) -> Iterator[Text]:
    """A heading and a few lines for each failed case."""
    failed = results.failed_cases
    if not failed:
        return
    yield Text()
    yield Text(f"failed cases ({len(failed)})", style="bold red")
    several = len(results.datasets) > 1
    excerpts = {(case.case_id, case.variant, case.trial): case.shown for case in gathering.cases}
    for case in failed[:_MOST_FAILED_CASES]:
        yield Text(f"  {_name(case, several_datasets=several, results=results)}", style="red")
        yield from (Text(f"    {reason}") for reason in _reasons(case))
        if excerpt := excerpts.get(case.key):
            yield Text(f"    output: {_short(excerpt, _EXCERPT_LENGTH)}", style="dim")
        if case.trace_id:
            yield Text(f"    trace: {case.trace_id}", style="dim")
    if len(failed) > _MOST_FAILED_CASES:
        yield Text(f"  … and {len(failed) - _MOST_FAILED_CASES} more, all of them in the results file")


def _name(case: CaseRow, *, several_datasets: bool, results: SessionResults) -> str:
    dataset = f" ({case.dataset})" if several_datasets and case.dataset else ""
    variant = f" · {case.variant}" if len(results.variant_names) > 1 else ""
    trial = f" · trial {case.trial}" if results.trials > 1 else ""
    return f"{case.example_id}{dataset}{variant}{trial}"


def _reasons(case: CaseRow) -> list[str]:
    """Failed scores with their rationale; where a test failed without one or beside them, its message."""
    reasons: list[str] = []
    for test in case.tests:
        failed = [score for score in case.scores if score.test == test.nodeid and not score.passed]
        reasons += [f"{said.name}: {said.error or said.rationale or said.value}" for said in failed]
        if test.message and (not failed or test.outcome == "error"):
            reasons.append(f"{test.nodeid.rpartition('::')[2]}: {test.message}")
    return [_short(reason, _REASON_LENGTH) for reason in dict.fromkeys(reasons)]


def _short(text: str, length: int) -> str:
    folded = " ".join(text.split())
    return folded if len(folded) <= length else folded[: length - 1] + "…"
