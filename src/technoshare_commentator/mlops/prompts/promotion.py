"""Whether an evaluation proves that a version may take the place of another, and what there is to say for it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging.comparison import compare, is_significant
from technoshare_commentator.mlops.evaluation.judging.metrics import metric
from technoshare_commentator.mlops.prompt_links import prompt_tags

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from technoshare_commentator.mlops.evaluation.session_results import Comparison, SessionResults

ENDED = (0, 1)  # pytest's exit status of a session that ran to its end
_SHOWN = 5


@dataclass(frozen=True)
class Proof:
    """What an evaluation says: why not (nothing, when it may), and the figures, as tags for the version."""

    objections: tuple[str, ...]
    figures: Mapping[str, str]

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections


def prove(results: SessionResults, *, before: str, after: str, max_regressions: int = 0) -> Proof:
    """Hold the variant `after` against `before`: its gate has to pass, and no more cases than allowed newly fail.

    Verdicts are what counts, and their rates where chance does not explain that they fell; whether a mean is better
    when it is higher, no scorer says. The gate's rules about `before` do not count: it may be what is mended.
    """
    sides = [[case for case in results.cases if case.variant == name] for name in (before, after)]
    comparison = compare(*sides, kind="variants", before_name=before, after_name=after)
    objections = [*_broken_off(results), *_failed_rules(results, after)]
    if not comparison.pairs:
        objections.append("no case was judged under both, so nothing is proved")
    else:
        objections += _regressions(comparison, max_regressions)
    return Proof(tuple(objections), _figures(results, comparison, after))


def uses(results: SessionResults, variant: str, label: str) -> bool:
    """Whether every case of a variant used the prompt that is labelled so."""
    cases = [case for case in results.cases if case.variant == variant and case.outcome != "skipped"]
    return bool(cases) and all(label in prompt_tags(case.run_tags).values() for case in cases)


def _broken_off(results: SessionResults) -> Iterator[str]:
    if results.exit_status not in ENDED:
        yield f"the evaluation did not run to its end (exit status {results.exit_status} of pytest)"
    if results.not_run:
        yield f"{results.not_run} cases were not run"
    if results.exit_status == 1 and results.gate is not None and results.gate.passed:
        yield "something failed beside the cases: a file that cannot be collected, or a test that no gate decides about"


def _failed_rules(results: SessionResults, variant: str) -> Iterator[str]:
    """What the gate says of one variant, and of the session as a whole."""
    if results.gate is None:
        yield "there is no gate; name one with --eval-gate"
        return
    rules = [rule for rule in results.gate.rules if rule.variant in {"", variant}]
    for rule in rules:
        if rule.verdict == "failed":
            value = rule.note or f"it is {rule.value:.4g}"
            yield f"the gate failed: {rule.rule} ({value})"
    if not any(rule.verdict == "passed" for rule in rules):
        yield "no rule of the gate was measured"


def _regressions(comparison: Comparison, most: int) -> Iterator[str]:
    failing = sorted(change.case_id for change in comparison.newly_failing)
    if len(failing) > most:
        some = ", ".join(failing[:_SHOWN]) + (" …" if len(failing) > _SHOWN else "")
        yield f"{len(failing)} newly failing, {most} allowed: {some}"
    if comparison.only_before:
        yield f"{len(comparison.only_before)} cases were judged under {comparison.before} only"
    for change in comparison.scores:
        if change.kind == "rate" and change.difference < 0 and is_significant(change):
            yield f"{change.scorer} fell from {change.before:.1%} to {change.after:.1%} (p = {change.p_value:.2g})"


def _figures(results: SessionResults, comparison: Comparison, variant: str) -> dict[str, str]:
    figures = {"proof.session": results.session_id, "proof.run_name": results.run_name}
    if results.gate is not None:
        verdicts = [rule.verdict for rule in results.gate.rules if rule.variant in {"", variant}]
        measured = [verdict for verdict in verdicts if verdict != "skipped"]
        figures["proof.gate"] = f"{measured.count('passed')} of {len(measured)} rules passed"
    cost = metric([case for case in results.cases if case.variant == variant], "cost_usd").value
    figures["proof.cost_usd"] = "unknown" if cost is None else f"{cost:.6g}"
    if not comparison.pairs:
        return figures
    whole, *scores = comparison.scores
    chance = {} if whole.p_value is None else {"proof.p_value": f"{whole.p_value:.4g}"}
    return {
        **figures,
        **chance,
        "proof.pairs": str(comparison.pairs),
        "proof.pass_rate": f"{whole.before:.4f} -> {whole.after:.4f}",
        "proof.newly_failing": str(len(comparison.newly_failing)),
        "proof.newly_passing": str(len(comparison.newly_passing)),
        "proof.scores": json.dumps({one.scorer: [round(one.before, 4), round(one.after, 4)] for one in scores}),
    }
