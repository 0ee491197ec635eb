"""Commentaries that say nothing but what their page says, in other words: how often the rules are wrong about them.

Nobody who made a rule has seen them (evals/commentaries/fresh), and nothing is tuned on them. Sentences that left a
doubt were taken out, so that some are short. `pytest -s` prints what docs/evaluation.md tells.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.cli.evals.originals import originals, rendered
from technoshare_commentator.prompts import load_project_context
from technoshare_commentator.quality import scorers
from technoshare_commentator.quality.grounding import support_sentences
from technoshare_commentator.quality.mutation.written import load_written
from technoshare_commentator.quality.rules import RULES

if TYPE_CHECKING:
    from technoshare_commentator.domain import LinkResult

EVALS = Path(__file__).resolve().parents[2] / "evals"
DATASET = EVALS / "datasets" / "technoshare.json"
OF_COUNTS = {"tldr_sentence_count", "summary_sentence_count"}


@lru_cache(maxsize=1)
def true_results() -> tuple[LinkResult, ...]:
    written = {one.example: one.commentary for one in load_written(EVALS / "commentaries" / "fresh").values()}
    pages = originals(DATASET, lambda name: name in written, lambda _: None, print)
    results = [page.result.model_copy(update={"commentary": written[page.name]}) for page in pages]
    return tuple(result.model_copy(update={"message": rendered(result)}) for result in results)


def test_the_gate_hardly_refuses_a_true_commentary() -> None:
    refusals = Counter(
        rule.name for result in true_results() for rule in RULES if not getattr(scorers, rule.name)(result).passed
    )
    assert len(true_results()) == 12
    print(refusals)
    assert not {*refusals} - OF_COUNTS - {"theme_fits"}
    assert refusals["theme_fits"] <= 1


def test_the_share_of_true_sentences_that_are_taken_for_unsupported_does_not_grow() -> None:
    context = load_project_context()
    sentences = [
        checked
        for result in true_results()
        if result.commentary is not None and result.evidence is not None
        for checked in support_sentences(result.commentary, result.evidence, context)
    ]
    flagged = [one for one in sentences if not one.supported]
    print(f"{len(flagged)} of {len(sentences)} sentences")
    assert len(flagged) / len(sentences) <= 0.15
