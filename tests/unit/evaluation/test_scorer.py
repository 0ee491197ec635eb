from __future__ import annotations

import asyncio
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.scorer import (
    CheckFailedError,
    Score,
    ScorerError,
    ScorerFailure,
    check,
    recording,
    scorer,
)
from technoshare_commentator.mlops.evaluation.scoring import ScorerTrace, ScorerTracer, Surroundings

if TYPE_CHECKING:
    from contextlib import AbstractContextManager


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


def test_a_setting_with_a_default_is_not_the_example() -> None:
    @scorer
    def at_most(output: str, limit: int = 3, *, strict: bool = True) -> bool:
        return strict and len(output) <= limit

    @scorer
    def as_wanted(output: str, example: str = "") -> bool:
        return output == example

    assert at_most("abc", "an example")
    assert as_wanted("abc", "abc")


@pytest.mark.parametrize("value", [np.True_, np.float32(0.5), np.int64(1), np.array(0.5)])
def test_numbers_of_numpy_are_numbers(value: Any) -> None:
    score = scorer(name="of_numpy", pass_at=0.5)(lambda _: value)("x")
    assert type(score.value) in {bool, float}
    assert score.passed is True
    assert type(Score("by_hand", value, np.True_).value) in {bool, int, float}  # type: ignore[arg-type]  # as people do


def test_a_score_keeps_what_can_travel() -> None:
    score = Score("odd", 1.0, np.True_, rationale=None, metadata={"k": 3})  # type: ignore[arg-type,dict-item]  # as people do
    assert (score.passed, score.rationale, score.metadata) == (True, "", {"k": "3"})
    with pytest.raises(ScorerError, match=r"score 'odd' has the value \[1, 2\]"):
        Score("odd", [1, 2], passed=True)  # type: ignore[arg-type]  # as people do


@scorer
async def later(output: str) -> bool:
    await asyncio.sleep(0)
    return len(output) < 5


@scorer
async def crashes_later(output: str) -> bool:
    await asyncio.sleep(0)
    raise ValueError(output)


def test_an_async_scorer_is_called_like_any_other() -> None:
    assert later("abc")
    assert not later("abcdef")
    with pytest.raises(ValueError, match="zz"):
        crashes_later("zz")


def test_an_async_scorer_may_be_an_object_or_hide_in_a_plain_function() -> None:
    class Judge:
        async def __call__(self, output: str, example: str) -> bool:
            return output == example

    @scorer
    def hidden(output: str) -> Any:
        return later.score_async(output)

    assert scorer(name="judge")(Judge())("x", "x")
    assert hidden("abc").name == "later"


def test_an_async_scorer_can_be_called_while_a_loop_is_running() -> None:
    async def main() -> tuple[Score, Score]:
        return later("abc"), await later.score_async("abcdef")

    assert [bool(score) for score in asyncio.run(main())] == [True, False]


def test_async_scorers_of_a_check_wait_together_and_each_in_a_context_of_its_own() -> None:
    waiting = asyncio.Event()
    who: ContextVar[str] = ContextVar("who", default="the caller")
    who.set("the test")
    seen: list[str] = []

    @scorer
    async def first(_: str) -> bool:
        seen.append(who.get())
        who.set("first")
        await asyncio.wait_for(waiting.wait(), 5)
        return True

    @scorer
    async def second(_: str) -> bool:
        seen.append(who.get())
        waiting.set()
        return True

    scores = check("ab", None, first, is_short, second)
    assert [score.name for score in scores] == ["first", "is_short", "second"]
    assert seen == ["the test", "the test"]


def test_an_async_crash_is_reported_with_the_scorer_s_own_frames() -> None:
    with pytest.raises(CheckFailedError) as caught:
        check("xxxxxx", "y", crashes_later, later, is_short)
    report = str(caught.value)
    assert report.startswith("3 of 3 scorers did not pass")
    assert "crashes_later crashed: ValueError: xxxxxx" in report
    assert "raise ValueError(output)" in report
    assert "evaluation/scor" not in report


def test_a_scorer_that_cancels_itself_has_crashed() -> None:
    @scorer
    async def cancelled(_: str) -> bool:
        raise asyncio.CancelledError

    with pytest.raises(CheckFailedError, match="cancelled crashed: RuntimeError: the scorer was cancelled"):
        check("x", None, cancelled)


def test_what_skips_a_test_skips_it_from_an_async_scorer_too() -> None:
    @scorer
    async def not_today(_: str) -> bool:
        pytest.skip("no judge today")

    with pytest.raises(pytest.skip.Exception, match="no judge today"):
        check("x", None, not_today)


def test_a_score_tells_what_its_model_calls_used() -> None:
    class Traced(Surroundings):
        def __init__(self) -> None:
            self.tracer = ScorerTracer()

        def scorer(self, name: str) -> AbstractContextManager[ScorerTrace]:
            return self.tracer.trace(name)

    async def vote() -> None:
        with tracing.span("chat", tracing.SpanType.LLM) as span:
            span.usage(model="m", input_tokens=10, output_tokens=2, cost_usd=0.25)

    @scorer
    async def judge(_: str) -> Score:
        await asyncio.gather(vote(), vote())
        return Score("judge", 1.0, passed=True, metadata={"votes": "2"})

    with recording(lambda _: None, Traced()):
        assert judge("x").metadata == {
            "votes": "2",
            "mlflow.assessment.judgeInputTokens": "20",
            "mlflow.assessment.judgeOutputTokens": "4",
            "mlflow.assessment.judgeCost": "0.5",
        }
        assert is_short("x").metadata == {}


def test_a_check_of_nothing_is_an_error() -> None:
    with pytest.raises(ScorerError, match="no scorer"):
        check(is_short, None)


def test_a_report_stays_readable_whatever_the_values() -> None:
    class Mute(Exception):  # noqa: N818 - what strangers call theirs
        def __str__(self) -> str:
            raise RuntimeError

    def mute(_: str) -> bool:
        raise Mute

    def huge(_: str) -> Score:
        return Score("huge", "x" * 1_000_000, passed=False)

    def wrong(_: str) -> str:
        return "x" * 1_000_000

    with pytest.raises(CheckFailedError) as caught:
        check("x", None, mute, huge, wrong)
    report = str(caught.value)
    assert len(report) < 3000
    assert "mute crashed: Mute: (its text cannot be had: RuntimeError)" in report


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
