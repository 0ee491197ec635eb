"""What travels from workers to the controller, and what becomes of several messages about one case."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from case_results import PAID, case, ended, said
from technoshare_commentator.mlops.evaluation.results import CaseResult, Message, ScoreResult
from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure

TEXT = st.text(st.characters(codec=None), max_size=8)  # also halves of characters


def test_a_message_survives_the_wire() -> None:
    message = Message(case("a"), [said("loud", 0.5, rationale="hm")], run_tags={"prompt": "p/1"})
    assert Message.from_json(message.to_json()) == message


def test_a_message_takes_whatever_users_put_in_and_is_still_read() -> None:
    odd = case("a", used={"bytes": b"\xff", "set": {1}, **PAID, "gen_ai.usage.cost_usd": "n/a"})
    assert odd.run is not None
    odd.run.metrics = {"nan": float("nan"), "inf": float("inf")}
    odd.run.tags = {"half a smile": "\ud83d", "smile": "🙂"}
    read = Message.from_json(Message(odd).to_json()).case
    assert read.run is not None
    assert math.isnan(read.run.metrics["nan"])
    assert read.run.metrics["inf"] == math.inf
    assert read.run.tags == {"half a smile": "?", "smile": "🙂"}
    assert read.trace is not None
    assert read.trace.usage("gen_ai.usage.cost_usd") == 0.0


@given(TEXT, st.dictionaries(TEXT, TEXT, max_size=3), st.one_of(TEXT, st.floats(), st.booleans()))
def test_no_text_of_a_stranger_breaks_a_message(text: str, tags: dict[str, str], value: Any) -> None:
    message = Message(case("a"), [said("loud", value, rationale=text, metadata=tags)], run_tags=tags)
    read = Message.from_json(message.to_json())
    (score,) = read.scores
    clean = text.encode(errors="replace").decode()
    assert score.assessment.rationale == clean
    if isinstance(value, float | bool):
        assert repr(score.assessment.value) == repr(value)
    assert set(read.run_tags.values()) <= {one.encode(errors="replace").decode() for one in tags.values()}


def test_a_score_and_a_crash_are_recorded_as_what_they_are() -> None:
    score = ScoreResult.of(Score("quiet", 0.25, passed=False, rationale="half", source_type="LLM_JUDGE"))
    assert (score.assessment.value, score.assessment.rationale, score.passed) == (0.25, "half", False)
    assert score.assessment.source_type == "LLM_JUDGE"
    crash = ScoreResult.of(ScorerFailure("quiet", "ValueError: no", "Traceback…", "HUMAN"))
    assert (crash.assessment.value, crash.assessment.error, crash.passed) == (None, "ValueError: no", False)
    assert crash.assessment.source_type == "HUMAN"


def test_of_two_runs_of_a_case_the_later_counts_whichever_message_comes_last() -> None:
    gathered, early, late, newer = case("a"), case("a"), case("a"), case("a")
    for one, start, shown in ((early, 0, "early"), (late, 5, "late"), (newer, 5, "newer")):
        assert one.run is not None
        one.run.start_ns, one.shown = start, shown
    for message in (early, late, early, CaseResult("words:a", "words/a", "a")):
        gathered.merge(message)
    assert (gathered.run, gathered.shown) == (late.run, "late")
    gathered.merge(newer)
    assert (gathered.run, gathered.shown) == (newer.run, "newer")


def test_what_one_message_says_of_a_case_another_need_not_repeat() -> None:
    gathered = CaseResult("words:a", "words/a", "a")
    gathered.merge(CaseResult("words:a", "words/a", "a", not_run="the budget is spent"))
    gathered.merge(case("a"))
    assert gathered.not_run == "the budget is spent"
    assert gathered.dataset is not None
    assert gathered.trace is not None


def test_the_scores_of_a_case_are_those_of_all_its_tests() -> None:
    both = case("a", ended("passed", said("x"), nodeid="t1"), ended("failed", said("y"), said("z"), nodeid="t2"))
    assert [score.assessment.name for score in both.scores] == ["x", "y", "z"]


@pytest.mark.parametrize("run", [None, "no traces"])
def test_a_case_without_spans_has_no_trace(run: str | None) -> None:
    bare = case("a")
    assert bare.run is not None
    if run:
        bare.run.traces = []
    else:
        bare.run = None
    assert bare.trace is None
