"""How much a sentence matters to its page: what other sentences share with it, its place, the title, its content."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from technoshare_commentator.llm.extractive.vectors import similarities, terms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.llm.extractive.candidates import Candidate
    from technoshare_commentator.llm.extractive.vectors import Matrix

MAX_IN_GRAPH = 600  # the work grows with the square; 600 good sentences are a page of 15,000 words or more
_DAMPING = 0.85  # PageRank: Brin and Page, 1998; over sentences by their cosine: LexRank, Erkan and Radev, 2004
_TOLERANCE, _MOST_ROUNDS = 1e-8, 1000
_MIN_LIKENESS = 0.05
_DIGITS = 6  # beyond these, sums differ from one machine to the next and must not decide an order

_CENTRALITY, _PLACE, _TITLE, _CONTENT = 0.45, 0.2, 0.2, 0.15
_FIRST_SENTENCES = 3
_LAST_TENTH = 0.9
_ENOUGH_CONTENT = 4
_CONTENTFUL = re.compile(r"\d|\b[A-Z][a-z]*[A-Z0-9]\w*\b|`[^`]+`")


def importance(candidates: Sequence[Candidate], title: str) -> dict[Candidate, float]:
    """Score each candidate, about 0 to 1, higher is better; of very long pages only `MAX_IN_GRAPH` are kept."""
    kept = _thinned(candidates)
    if not kept:
        return {}
    central = centrality(similarities([candidate.text for candidate in kept]))
    wanted = frozenset(terms(title))
    last = max(candidate.position for candidate in kept) or 1
    scores: dict[Candidate, float] = {}
    for candidate, share in zip(kept, central, strict=True):
        value = _CENTRALITY * share + _PLACE * _place(candidate.position, last)
        value += _TITLE * _overlap(candidate.text, wanted) + _CONTENT * _content(candidate.text)
        scores[candidate] = round(candidate.weight * value, _DIGITS)
    return scores


def precedence(candidates: Sequence[Candidate], title: str) -> dict[Candidate, float]:
    """Score each candidate by its place alone, the first highest: the `lead` baseline of the summarisation field."""
    del title
    last = max((candidate.position for candidate in candidates), default=0) or 1
    return {one: round(one.weight * (1.0 - one.position / (2 * last)), _DIGITS) for one in _thinned(candidates)}


def centrality(likeness: Matrix) -> list[float]:
    """PageRank over the graph of likeness, scaled so that the most central text has 1."""
    import networkx as nx  # noqa: PLC0415 - importing the package stays cheap
    import numpy as np  # noqa: PLC0415

    weights = np.where(likeness >= _MIN_LIKENESS, likeness, 0.0)
    np.fill_diagonal(weights, 0.0)
    ranks = nx.pagerank(nx.from_numpy_array(weights), alpha=_DAMPING, tol=_TOLERANCE, max_iter=_MOST_ROUNDS).values()
    highest = max(ranks)
    return [round(rank / highest, _DIGITS) for rank in ranks]


def _thinned(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep the first sentences of the page and well-formed ones evenly from the rest, at most `MAX_IN_GRAPH`."""
    if len(candidates) <= MAX_IN_GRAPH:
        return list(candidates)
    lead = MAX_IN_GRAPH // 4
    rest = [candidate for candidate in candidates[lead:] if not candidate.leans] or list(candidates[lead:])
    wanted = min(MAX_IN_GRAPH - lead, len(rest))
    return [*candidates[:lead], *(rest[index * len(rest) // wanted] for index in range(wanted))]


def _place(position: int, last: int) -> float:
    """Pages say first what they are about and last what follows from it."""
    if position < _FIRST_SENTENCES:
        return 1.0
    share = position / last
    return 0.8 * max(0.0, 1.0 - 2.0 * share) + (0.3 if share > _LAST_TENTH else 0.0)


def _overlap(text: str, wanted: frozenset[str]) -> float:
    """How much of the title a sentence takes up; half of it is all one can ask."""
    return min(1.0, 2.0 * len(wanted & set(terms(text))) / len(wanted)) if wanted else 0.0


def _content(text: str) -> float:
    """Numbers, names of products and code: what a reader cannot guess."""
    return min(len(_CONTENTFUL.findall(text)), _ENOUGH_CONTENT) / _ENOUGH_CONTENT
