"""The rules of the commentary contract (docs/architecture.md), in a stable order.

The production gate and the scorers of the evaluation both read `RULES`, so that they cannot drift apart. A rule is a
pure function of a `RuleInput`; it returns its failures, none when it holds, and never raises on any commentary.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.domain import RuleFailure
from technoshare_commentator.quality.checks import bullets, leftovers, shape, slack_text, support, untrusted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from technoshare_commentator.quality.rule_input import RuleInput

_SHOWN = 5


@dataclass(frozen=True)
class Rule:
    """A named rule of the contract; `reasons` yields one sentence for each way a commentary breaks it."""

    reasons: Callable[[RuleInput], Iterator[str]]

    @property
    def name(self) -> str:
        """The snake_case name that tags, metrics and reports carry."""
        return self.reasons.__name__

    def __call__(self, given: RuleInput) -> tuple[RuleFailure, ...]:
        """Return what breaks this rule, empty when it holds; all but the first few failures are only counted."""
        found = list(self.reasons(given))
        if len(found) > _SHOWN:
            found[_SHOWN:] = [f"and {len(found) - _SHOWN} more failures of this rule"]
        return tuple(RuleFailure(rule=self.name, reason=reason) for reason in found)


schema_validity = Rule(shape.schema_validity)
coverage = Rule(support.coverage)
facts_cited = Rule(support.facts_cited)
tldr_sentence_count = Rule(shape.tldr_sentence_count)
summary_sentence_count = Rule(shape.summary_sentence_count)
no_repeated_sentences = Rule(shape.no_repeated_sentences)
theme_prefix = Rule(bullets.theme_prefix)
theme_known = Rule(bullets.theme_known)
theme_fits = Rule(bullets.theme_fits)
similar_tech_format = Rule(bullets.similar_tech_format)
slack_formatting = Rule(slack_text.slack_formatting)
slack_completeness = Rule(slack_text.slack_completeness)
no_leftovers = Rule(leftovers.no_leftovers)
numbers_supported = Rule(support.numbers_supported)
names_supported = Rule(support.names_supported)
sentences_supported = Rule(support.sentences_supported)
english = Rule(support.english)
links_supported = Rule(untrusted.links_supported)
no_mentions = Rule(untrusted.no_mentions)
no_instructions_echoed = Rule(untrusted.no_instructions_echoed)

RULES: tuple[Rule, ...] = (
    schema_validity,
    coverage,
    facts_cited,
    tldr_sentence_count,
    summary_sentence_count,
    no_repeated_sentences,
    theme_prefix,
    theme_known,
    theme_fits,
    similar_tech_format,
    slack_formatting,
    slack_completeness,
    no_leftovers,
    numbers_supported,
    names_supported,
    english,
    links_supported,
    no_mentions,
    no_instructions_echoed,
)

# Read by the evaluation alone: right about most sentences, yet not often enough about paraphrases to stop a reply.
# `technoshare evals calibrate` says how often; docs/evaluation.md has the last figures.
ADVICE: tuple[Rule, ...] = (sentences_supported,)
