from __future__ import annotations

import statistics

from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.quality.judges.answers import PASS_AT
from technoshare_commentator.quality.judges.votes import Votes

scores = st.lists(st.integers(1, 5), min_size=1, max_size=15).map(tuple)
odd_scores = scores.filter(lambda given: len(given) % 2)


@given(odd_scores)
def test_an_odd_number_of_votes_passes_when_more_than_half_of_them_pass(given: tuple[int, ...]) -> None:
    assert Votes(given).passed == (sum(score >= PASS_AT for score in given) * 2 > len(given))
    assert Votes(given).score == statistics.median(given)
    assert Votes(given).agreement > 0.5


@given(scores)
def test_the_score_is_that_of_a_vote_which_also_speaks(given: tuple[int, ...]) -> None:
    votes = Votes(given)
    assert given[votes.spokesman] == votes.score


@given(scores, st.randoms())
def test_the_order_of_votes_does_not_matter(given: tuple[int, ...], random: object) -> None:
    shuffled = list(given)
    random.shuffle(shuffled)  # type: ignore[attr-defined] # hypothesis gives random.Random
    one, other = Votes(given), Votes(tuple(shuffled))
    assert (one.score, one.passed, one.agreement) == (other.score, other.passed, other.agreement)


@given(st.integers(1, 5), st.integers(1, 9))
def test_votes_that_are_all_alike_agree_fully(score: int, number: int) -> None:
    votes = Votes((score,) * number)
    assert (votes.score, votes.passed, votes.agreement) == (score, score >= PASS_AT, 1.0)


def test_a_tie_does_not_pass() -> None:
    assert not Votes((5, 1)).passed
    assert Votes((5, 1)).agreement == 0.5


def test_votes_are_shown_only_where_there_are_several() -> None:
    assert str(Votes((4,))) == "4 of 5"
    assert str(Votes((4, 2, 5))) == "4 of 5 (votes 4, 2, 5)"
