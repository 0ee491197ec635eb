"""Whether two clauses of a sentence have exchanged a part: "charts remain difficult, tables profit" for the reverse.

Every clause is held against two clauses of the page. It crosses them when it takes something that only the first has
and something that only the second has. Two clauses that cross the same two have exchanged what they speak of.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from technoshare_commentator.quality.grounding.page.alignment import figure_key
from technoshare_commentator.quality.grounding.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from technoshare_commentator.quality.grounding.language.parsed import Parsed

_LEAST = 2  # content words
_MOST_CLAUSES = 12  # of a sentence; every two of them are compared
_EXPLAINED = 0.7  # of a clause must stand in the two it crosses
Clause = frozenset[str]


def crossing_problems(claim: Parsed, supports: Sequence[Parsed]) -> Iterator[Problem]:
    """Yield one problem when two clauses of `claim` have exchanged a part of two clauses of the page."""
    mine = [clause for clause in _clauses(claim) if len(clause) >= _LEAST]
    theirs = [(clause, support) for support in supports for clause in _clauses(support)]
    for one, other in combinations(mine, 2):
        for (first, support), (second, another) in combinations(theirs, 2):
            if (
                support is another
                and _crosses(one, other, first, second)
                and not any(_holds(clause, one, other) for clause, _ in theirs)
            ):
                told = " ".join(sorted(word for word in one & (first ^ second) if not word.startswith("#")))
                yield Problem("roles", told, "two clauses have exchanged a part", support.text)
                return


def _clauses(sentence: Parsed) -> list[Clause]:
    found = {segment: set(sentence.segment_concepts(segment)) for segment in sentence.segments}
    for figure in sentence.figures:
        if not figure.quantity.implied:
            found[figure.segment].add(figure_key(figure.quantity))
    return [frozenset(found[segment]) for segment in sorted(found)][:_MOST_CLAUSES]


def _crosses(one: Clause, other: Clause, first: Clause, second: Clause) -> bool:
    first_alone, second_alone = first - second, second - first
    parts = [clause & side for clause in (one, other) for side in (first_alone, second_alone)]
    explained = all(len(clause & (first | second)) >= _EXPLAINED * len(clause) for clause in (one, other))
    return explained and all(parts) and parts[0].isdisjoint(parts[2]) and parts[1].isdisjoint(parts[3])


def _holds(clause: Clause, one: Clause, other: Clause) -> bool:
    """Whether a single clause of the page has all that one of the two says, crossed or not."""
    return one <= clause or other <= clause
