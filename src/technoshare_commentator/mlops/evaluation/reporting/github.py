"""A session as GitHub Actions shows it: a page for `$GITHUB_STEP_SUMMARY`, and annotations at the tests that failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.reporting.annotations import annotation_commands
from technoshare_commentator.mlops.evaluation.reporting.failures import name_of, newly_failing, reasons_of, worst_first
from technoshare_commentator.mlops.evaluation.reporting.formats import dollars, duration, number, plural
from technoshare_commentator.mlops.evaluation.reporting.markdown import code, details, fenced, prose
from technoshare_commentator.mlops.evaluation.reporting.overview import COMMIT_TAG, DIRTY_TAG, headline, total_cost
from technoshare_commentator.mlops.evaluation.reporting.summary_sections import (
    ICONS,
    comparison_section,
    gate_section,
    scorer_section,
)

if TYPE_CHECKING:
    from technoshare_commentator.mlops.evaluation.reporting.failures import Reason
    from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults

__all__ = ["annotation_commands", "step_summary"]

# GitHub takes 1 MiB from a step and shows nothing of a larger one; somebody else may have written into it before us.
_MOST_BYTES = 1024 * 1024 - 64 * 1024
_ROOM_FOR_NOTE = 1024
_MOST_DATASETS = 5
_MOST_REASONS = 20
_SHORT_COMMIT = 12


def step_summary(results: SessionResults) -> str:
    """Return the summary of a session in GitHub's Markdown: verdict, gate, scorers, comparisons, failed cases.

    It stays below the size that GitHub takes and says how many failed cases there was no room for.
    """
    page = _Page()
    page.add(_verdict(results))
    if results.gate is not None:
        page.add(gate_section(results.gate))
    if results.cases:
        page.add(scorer_section(results))
    for comparison in results.comparisons:
        page.add(comparison_section(comparison))
    failed, newly = worst_first(results), newly_failing(results)
    if failed:
        page.add(f"### {plural(len(failed), 'failed case')}")
    for number_before, case in enumerate(failed):
        is_new = (case.case_id, case.variant) in newly
        if not page.add(_failed_case(case, name_of(case, results), is_new=is_new)):
            page.left_out = len(failed) - number_before
            break
    return page.text()


class _Page:
    """Blocks of Markdown, as many as there is room for; `left_out` failed cases had none."""

    def __init__(self) -> None:
        self.left_out = 0
        self._blocks: list[str] = []
        self._room = _MOST_BYTES - _ROOM_FOR_NOTE
        self._is_cut = False

    def add(self, block: str) -> bool:
        """Add a block and say whether there was room for it."""
        size = len(block.encode()) + 2
        fits = size <= self._room
        if fits:
            self._blocks.append(block)
            self._room -= size
        self._is_cut |= not fits
        return fits

    def text(self) -> str:
        """All of it, with a note if something is missing."""
        what = f"{plural(self.left_out, 'failed case')} more" if self.left_out else "Parts of it are left out"
        note = f"_{what}: GitHub shows no more than 1 MiB of a step. The results file and the report hold everything._"
        return "\n\n".join([*self._blocks, *([note] if self._is_cut else []), ""])


def _verdict(results: SessionResults) -> str:
    verdict = headline(results)
    title = f"## {ICONS[verdict.state]} Evaluation: {verdict.word.lower()}"
    return f"{title}\n\n{verdict.sentence}\n\n{' · '.join(filter(None, _facts(results)))}"


def _facts(results: SessionResults) -> list[str]:
    cost, unpriced = total_cost(results.cases)
    tokens = sum(case.input_tokens + case.output_tokens for case in results.cases)
    commit = code(results.tags.get(COMMIT_TAG, "")[:_SHORT_COMMIT])
    dirty = " with changes" if results.tags.get(DIRTY_TAG) == "true" else ""
    datasets = (f"{code(one.name)} version {code(one.version)}" for one in results.datasets[:_MOST_DATASETS])
    return [
        *datasets,
        f"commit {commit}{dirty}" if commit else "",
        f"shard {code(results.shard)}" if results.shard else "",
        duration(results.seconds),
        dollars(cost).replace("$", "&#36;"),
        f"{plural(unpriced, 'case')} of unknown price" if unpriced else "",
        f"{number(tokens)} tokens",
        f"{plural(results.not_run, 'case')} not run, the budget is spent" if results.not_run else "",
    ]


def _failed_case(case: CaseRow, name: str, *, is_new: bool) -> str:
    reasons = reasons_of(case)
    scorers = [reason.who for reason in reasons if reason.kind == "scorer"]
    tests = [reason.who.partition("[")[0] for reason in reasons]
    what = ", ".join(dict.fromkeys(scorers or tests)) or case.outcome
    mark = " <b>newly failing</b>" if is_new else ""
    summary = f"{ICONS[case.outcome]} {code(name)}{mark}: {prose(what, 200)}"
    shown = [_reason(reason) for reason in reasons[:_MOST_REASONS]]
    if len(reasons) > _MOST_REASONS:
        shown.append(f"… and {len(reasons) - _MOST_REASONS} more")
    if case.trace_id:
        shown.append(f"trace {code(case.trace_id)}")
    return details(summary, "\n\n".join(shown))


def _reason(reason: Reason) -> str:
    if reason.kind == "test":
        return f"{code(reason.who)}\n\n{fenced(reason.text)}"
    return f"{code(reason.who)}: {prose(reason.text)}"
