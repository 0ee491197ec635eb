"""The production gate: all rules of the contract over one commentary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.domain import Verdict
from technoshare_commentator.quality.checks import bullets, shape, support
from technoshare_commentator.quality.rule_input import RuleInput
from technoshare_commentator.quality.rules import RULES

if TYPE_CHECKING:
    from technoshare_commentator.domain import Commentary, Evidence, Facts
    from technoshare_commentator.prompts import ProjectContext


class ContractGate:
    """Judges a commentary by every rule of `quality.rules`; a rule that raises is a bug, and its error gets through."""

    def __init__(self, context: ProjectContext) -> None:
        self._context = context

    @property
    def settings(self) -> dict[str, str]:
        """The rules and limits in force, as they are logged with every job."""
        return {
            "gate_rules": ",".join(rule.name for rule in RULES),
            "gate_tldr_sentences": str(shape.TLDR_SENTENCES),
            "gate_summary_sentences": _span(shape.SUMMARY_SENTENCES),
            "gate_project_bullets": _span(bullets.PROJECT_BULLETS),
            "gate_least_known_themes": str(bullets.LEAST_KNOWN_THEMES),
            "gate_most_similar_tech": str(bullets.MOST_SIMILAR_TECH),
            "gate_least_page_sentences": str(support.LEAST_SENTENCES),
            "gate_themes": ",".join(self._context.theme_names),
        }

    def judge(self, commentary: Commentary, facts: Facts, evidence: Evidence, slack_text: str) -> Verdict:
        """Check every rule of the contract; numbers and names are checked against `evidence`."""
        given = RuleInput(commentary, facts, evidence, slack_text, self._context)
        failures = tuple(failure for rule in RULES for failure in rule(given))
        return Verdict(rules=tuple(rule.name for rule in RULES), failures=failures)


def _span(limits: tuple[int, int]) -> str:
    return f"{limits[0]}-{limits[1]}"
