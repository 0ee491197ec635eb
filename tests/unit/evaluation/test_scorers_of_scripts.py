"""Async scorers where no session is: called plainly, from threads, from coroutines and from one another."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar

from technoshare_commentator.mlops.evaluation.scorer import Score, scorer

_language: ContextVar[str] = ContextVar("language", default="none")


@scorer
async def on_which_loop(_: str) -> Score:
    return Score("on_which_loop", str(id(asyncio.get_running_loop())), passed=True)


@scorer
async def polite(output: str) -> bool:
    await asyncio.sleep(0)
    return output.endswith("please")


def test_all_run_on_one_loop_because_connections_do_not_survive_theirs() -> None:
    with ThreadPoolExecutor(4) as pool:
        loops = {score.value for score in pool.map(on_which_loop, "abcdefgh")}
    assert loops == {on_which_loop("again").value}


def test_one_can_be_called_in_the_middle_of_an_event_loop() -> None:
    async def caller() -> bool:
        return polite("a coffee, please").passed

    assert asyncio.run(caller())


def test_one_that_calls_another_plainly_does_not_wait_for_itself() -> None:
    @scorer
    async def very_polite(output: str) -> bool:
        return polite(output).passed and "kindly" in output

    assert very_polite("kindly, please").passed
    assert not very_polite("kindly").passed


def test_it_sees_the_callers_context() -> None:
    @scorer
    async def in_english(_: str) -> bool:
        return _language.get() == "english"

    token = _language.set("english")
    try:
        assert in_english("hello").passed
    finally:
        _language.reset(token)
    assert not in_english("hello").passed
