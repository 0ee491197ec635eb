from __future__ import annotations

from typing import Any

import pytest

from technoshare_commentator.mlops.evaluation.scorer import (
    CheckFailedError,
    Score,
    ScorerError,
    ScorerFailure,
    check,
    recording,
    scorer,
)


@scorer
def is_short(output: str) -> bool:
    return len(output) < 5


@scorer
def echoes(output: str, example: str) -> Score:
    return Score("echoes", output, output == example, rationale=f"wanted {example!r}")


@scorer(name="share_of_a", pass_at=0.5)
def share_of_a(output: str) -> float:
    return output.count("a") / len(output)


@scorer
def crashes(output: str) -> bool:
    raise ValueError(output)


def test_a_score_is_true_when_it_passed() -> None:
    assert is_short("ab")
    assert not is_short("abcdef")


def test_a_number_passes_at_its_bound() -> None:
    assert share_of_a("ab") == Score("share_of_a", 0.5, passed=True)
    assert share_of_a("abb").passed is False


def test_a_scorer_may_read_the_example() -> None:
    assert echoes("x", "x")
    assert echoes("x", "y").rationale == "wanted 'y'"


@pytest.mark.parametrize("result", [None, 1.0, "fine", [True]])
def test_what_is_no_score_is_an_error(result: Any) -> None:
    with pytest.raises(ScorerError, match="'odd' returned"):
        scorer(name="odd")(lambda _: result)("x")


def test_check_runs_all_and_reports_all_that_failed_at_once() -> None:
    with pytest.raises(CheckFailedError) as caught:
        check("xxxxxx", "y", is_short, share_of_a, echoes, crashes)
    report = str(caught.value)
    assert report.startswith("4 of 4 scorers did not pass")
    assert "wanted 'y'" in report
    assert "crashes crashed: ValueError: xxxxxx" in report
    assert "raise ValueError(output)" in report
    assert "evaluation/scorer.py" not in report  # the traceback starts in the scorer, not in what called it


def test_check_takes_plain_functions() -> None:
    def is_lower(output: str) -> bool:
        return output.islower()

    (score,) = check("abc", None, is_lower)
    assert score.name == "is_lower"


def test_every_call_is_recorded_where_somebody_listens() -> None:
    heard: list[Score | ScorerFailure] = []
    with recording(heard.append):
        assert is_short("ab")
        with pytest.raises(CheckFailedError):
            check("ab", "ab", echoes, crashes)
        with pytest.raises(ValueError, match="zz"):
            crashes("zz")
    is_short("nobody listens")
    assert [one.name for one in heard] == ["is_short", "echoes", "crashes", "crashes"]
    assert isinstance(heard[2], ScorerFailure)
    assert heard[2].error == "ValueError: ab"
