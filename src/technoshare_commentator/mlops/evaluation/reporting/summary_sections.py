"""The sections of the summary on GitHub that hold tables and lists: gate, scorers, comparisons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging.comparison import is_significant
from technoshare_commentator.mlops.evaluation.judging.gate_rules import line
from technoshare_commentator.mlops.evaluation.judging.metrics import flaky, with_verdict
from technoshare_commentator.mlops.evaluation.reporting.failures import why_informing
from technoshare_commentator.mlops.evaluation.reporting.formats import (
    number,
    p_value,
    percent,
    percent_range,
    plural,
    points,
    signed_number,
)
from technoshare_commentator.mlops.evaluation.reporting.markdown import code, details, table
from technoshare_commentator.mlops.evaluation.reporting.matrix import heads_of
from technoshare_commentator.mlops.evaluation.reporting.overview import scorer_lines, whole_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.reporting.overview import ScorerCell, ScorerLine
    from technoshare_commentator.mlops.evaluation.session_results import (
        CaseChange,
        Comparison,
        GateResult,
        ScoreChange,
        SessionResults,
    )

ICONS = {"passed": "✅", "failed": "❌", "error": "⚠️", "skipped": "⏭️"}
_MOST_ROWS = 200
_MOST_NAMES = 20
_MOST_TO_BLAME = 5  # all of them are below, one by one
_WHOLE_CASES = "**cases**"


def gate_section(gate: GateResult) -> str:
    """Every rule with what came of it, a failed one with the cases to blame."""
    lines = [f"### Gate {code(gate.source)}: {'passed' if gate.passed else 'failed'}", ""]
    for rule in gate.rules[:_MOST_ROWS]:
        to_blame = f"\n  {_names(rule.cases, _MOST_TO_BLAME)}" if rule.verdict == "failed" and rule.cases else ""
        lines.append(f"- {ICONS[rule.verdict]} {code(line(rule), 400)}{to_blame}")
    return "\n".join([*lines, *_rest(gate.rules, "- ")])


def scorer_section(results: SessionResults) -> str:
    """The scorers with intervals; with several variants, those stand side by side."""
    heads = heads_of(results)
    scorers, cases = scorer_lines(results, heads), whole_cases(results, heads)
    if len(heads) == 1:
        text = _one_variant(scorers[:_MOST_ROWS], cases, trials=results.trials)
    else:
        rows = [[code(one.name), *map(_rate, one.cells)] for one in scorers[:_MOST_ROWS]]
        rows.append([_WHOLE_CASES, *map(_rate, cases.cells)])
        text = table(["scorer", *(code(head.name) for head in heads)], rows)
    notes = _rest(scorers, "")
    notes += [f"{code(name)} only informs: {code(why, 400)}" for name, why in why_informing(results).items()]
    if results.trials > 1:
        changing = flaky(with_verdict(results.cases))
        named = f": {_names(changing)}" if changing else ""
        notes.append(f"{plural(len(changing), 'example')} with another verdict in another trial{named}")
    return "\n\n".join(["### Scorers", text, *notes])


def comparison_section(comparison: Comparison) -> str:
    """What changed, with the evidence for it; bold where chance explains it badly."""
    newly = {"newly failing": comparison.newly_failing, "newly passing": comparison.newly_passing}
    counted = ", ".join(f"{len(changes)} {what}" for what, changes in newly.items())
    kind = "Since the baseline" if comparison.kind == "baseline" else "Variants"
    blocks = [
        f"### {kind}: {code(comparison.before)} → {code(comparison.after)}",
        f"{plural(comparison.pairs, 'pair')} of cases, {counted}",
    ]
    blocks += [_changed_cases(what, changes) for what, changes in newly.items() if changes]
    moved = [change for change in comparison.scores if change.difference or change is comparison.cases]
    if moved:
        head = ["scorer", "before", "after", "difference", "95 % interval", "p"]
        rows = [_change(one, is_whole=one is comparison.cases) for one in moved[:_MOST_ROWS]]
        blocks += [table(head, rows), *_rest(moved, "")]
    for what, missing in (("only before", comparison.only_before), ("only now", comparison.only_after)):
        if missing:
            blocks.append(f"{plural(len(missing), 'case')} {what}: {_names(missing)}")
    return "\n\n".join(blocks)


def _one_variant(scorers: Sequence[ScorerLine], cases: ScorerLine, *, trials: int) -> str:
    lines = [(found, one) for found in (*scorers, cases) if (one := found.cells[0].summary) is not None]
    means, errors = any(found.numeric for found, _ in lines), any(one.errors for _, one in lines)
    several = trials > 1
    head = ["scorer", "passed", "rate", "95 % interval", *(["mean"] if means else []), *(["errors"] if errors else [])]
    head += [f"pass@{trials}", f"pass^{trials}"] if several else []
    rows = []
    for found, one in lines:
        row = [_WHOLE_CASES if found is cases else code(found.name), f"{one.passed} of {one.total}"]
        row += [percent(one.rate), percent_range(one.rate_interval)]
        row += [number(one.mean) if found.numeric else ""] if means else []
        row += [str(one.errors or "")] if errors else []
        rows.append(row + ([percent(one.pass_at_k), percent(one.pass_hat_k)] if several else []))
    return table(head, rows)


def _rate(cell: ScorerCell) -> str:
    one = cell.summary
    if one is None:
        return percent(None)
    interval = f" ({percent_range(one.rate_interval)})" if one.rate_interval else ""
    return f"{percent(one.rate)}{interval}"


def _change(change: ScoreChange, *, is_whole: bool) -> list[str]:
    rate = change.kind == "rate"
    show = percent if rate else number
    difference = f"{points(change.difference)} points" if rate else signed_number(change.difference)
    return [
        _WHOLE_CASES if is_whole else code(change.scorer),
        show(change.before),
        show(change.after),
        f"**{difference}**" if is_significant(change) else difference,
        _difference_range(change),
        "" if change.p_value is None else p_value(change.p_value).replace("<", "&lt;"),
    ]


def _difference_range(change: ScoreChange) -> str:
    if change.interval is None:
        return ""
    show = points if change.kind == "rate" else signed_number
    return f"{show(change.interval.low)} to {show(change.interval.high)}"


def _changed_cases(what: str, changes: Sequence[CaseChange]) -> str:
    lines = [f"- {_changed_case(one)}" for one in changes[:_MOST_ROWS]]
    return details(f"{len(changes)} {what}", "\n".join([*lines, *_rest(changes, "- ")]))


def _changed_case(change: CaseChange) -> str:
    trial = f" trial {change.trial}" if change.trial > 1 else ""
    scorers = f": {_names(change.scorers)}" if change.scorers else ""
    return f"{code(change.case_id)}{trial}{scorers}"


def _names(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    rest = f" … and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(code, names[:most])) + rest


def _rest(rows: Sequence[object], bullet: str) -> list[str]:
    return [f"{bullet}… and {len(rows) - _MOST_ROWS} more"] if len(rows) > _MOST_ROWS else []
