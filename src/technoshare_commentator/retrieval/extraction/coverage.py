"""How much of a page was read: computed from the sentences that came through, never assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from technoshare_commentator.domain import Coverage, Snippet
from technoshare_commentator.sentences import is_full_sentence, normalise_sentence, split_sentences

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# The contract wants three sentences and ten others (docs/architecture.md): with fewer there is nothing left to choose.
ENOUGH_SENTENCES = 13


def full_sentences(snippets: Iterable[Snippet]) -> int:
    """How many distinct full sentences there are, by the measure of the contract."""
    sentences = (sentence for snippet in snippets for sentence in split_sentences(snippet.text))
    return len({normalise_sentence(sentence) for sentence in sentences if is_full_sentence(sentence)})


def judge(snippets: Sequence[Snippet], gaps: Sequence[str]) -> tuple[Coverage, str]:
    """Return coverage and the reason why it is not full; `gaps` says in words what was not read."""
    if not snippets:
        return Coverage.FAILED, "; ".join((*gaps, "no prose was found"))
    count = full_sentences(snippets)
    reasons = list(gaps)
    if count < ENOUGH_SENTENCES:
        counted = f"only {count} full sentence{'s' if count > 1 else ''}" if count else "not one full sentence"
        reasons.append(f"{counted} of prose")
    return (Coverage.PARTIAL, "; ".join(reasons)) if reasons else (Coverage.FULL, "")
