from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from authored_page import TITLE, authored_page
from technoshare_commentator.llm.extractive.candidates import Candidate, find_candidates
from technoshare_commentator.llm.extractive.ranking import MAX_IN_GRAPH, centrality, importance
from technoshare_commentator.llm.extractive.vectors import similarities, terms


def candidate(text: str, position: int, *, weight: float = 1.0, leans: bool = False) -> Candidate:
    return Candidate(text=text, snippet_id=f"s{position}", position=position, weight=weight, leans=leans)


@pytest.mark.parametrize(
    ("one", "other"), [("metrics", "metric"), ("caching", "cached"), ("queries", "query"), ("indexes", "indexed")]
)
def test_forms_of_one_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other)


def test_words_without_meaning_are_no_terms() -> None:
    assert terms("The server is used by the team") == ["server", "team"]


def test_likeness_lies_between_none_and_all() -> None:
    likeness = similarities(["the index is kept in memory", "memory keeps the index", "a sailing boat"])

    assert likeness.shape == (3, 3)
    assert np.allclose(np.diag(likeness), 1.0)
    assert likeness[0][1] > 0.5
    assert likeness[0][2] == 0.0


def test_texts_without_terms_are_unlike_everything() -> None:
    assert not similarities(["the of and", ""]).any()
    assert similarities(["the"], ["a", "b", "c"]).shape == (1, 3)


def test_the_text_that_others_resemble_is_most_central() -> None:
    ranks = centrality(similarities(["index memory", "index memory disk", "disk speed", "sailing boat"]))

    assert max(ranks) == ranks[1] == 1.0
    assert ranks[3] == min(ranks)


def test_one_text_alone_is_central() -> None:
    assert centrality(similarities(["index memory"])) == [1.0]


def test_a_page_without_candidates_has_no_scores() -> None:
    assert importance([], "A title") == {}


def test_a_sentence_about_the_title_matters_more_than_an_aside() -> None:
    scores = importance(find_candidates(authored_page()), TITLE)
    by_text = {candidate.text: score for candidate, score in scores.items()}

    first = next(score for text, score in by_text.items() if text.startswith("Marlstone is an embedded"))
    assert first == max(by_text.values())


def test_form_counts() -> None:
    plain, talk = candidate("The index is kept in memory.", 0), candidate("Index memory is kept.", 1, weight=0.5)

    scores = importance([plain, talk], "")

    assert scores[talk] < scores[plain]


def test_of_a_giant_page_beginning_middle_and_end_stay_in_the_graph() -> None:
    many = [candidate(f"Sentence number {n} speaks of subject{n % 50} at length.", n) for n in range(5 * MAX_IN_GRAPH)]

    kept = sorted(kept.position for kept in importance(many, "subject"))

    assert len(kept) == MAX_IN_GRAPH
    assert kept[:100] == list(range(100))
    assert kept[-1] > 4.9 * MAX_IN_GRAPH
    assert max(later - earlier for earlier, later in pairwise(kept)) < 10
