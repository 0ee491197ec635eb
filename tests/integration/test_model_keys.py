"""A key is sent to its endpoint and shown to nobody, also where the endpoint repeats it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import openai
import pytest

from model_job import COMMENTARY, FACTS, ModelJob
from model_server import MODEL, ModelServer, Reply, model_server, refuses, says
from technoshare_commentator.llm.probe import problem_with

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_KNOWN_SHAPE = "QWxhZGRpbjpvcGVuIHNlc2FtZQ42"
AGAIN = (("Retry-After", "0.01"),)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


def repeats_the_key(status: int, before: str = "") -> Reply:
    return refuses(status, f"{before}no such key: {NO_KNOWN_SHAPE}", headers=AGAIN)


@pytest.mark.parametrize("status", [400, 401, 422, 500])
def test_a_record_does_not_hold_it_not_even_where_a_traceback_says_what_was_first(
    server: ModelServer, status: int
) -> None:
    server.usual = lambda _: repeats_the_key(status)
    job = ModelJob(server.base_url, openai_api_key=NO_KNOWN_SHAPE, model_max_retries=0)
    assert "no such key: [redacted]" in job.run().error
    assert NO_KNOWN_SHAPE not in repr(job.records)


def test_no_half_of_it_is_left_where_a_message_is_cut(server: ModelServer) -> None:
    server.usual = lambda _: repeats_the_key(401, before="x" * 265)
    result = ModelJob(server.base_url, openai_api_key=NO_KNOWN_SHAPE).run()
    assert NO_KNOWN_SHAPE[:8] not in result.error


def test_the_log_does_not_hold_it(server: ModelServer, caplog: pytest.LogCaptureFixture) -> None:
    server.script = [repeats_the_key(400, before="seed, temperature: "), says(FACTS)]
    server.usual = lambda _: says(COMMENTARY)
    ModelJob(server.base_url, openai_api_key=NO_KNOWN_SHAPE).run()
    assert "refuses temperature" in caplog.text
    assert NO_KNOWN_SHAPE not in caplog.text


def test_the_doctor_does_not_say_it(server: ModelServer) -> None:
    async def problem() -> str:
        async with openai.AsyncOpenAI(api_key="sk-wrong-0123456789abcdef", base_url=server.base_url) as sdk:
            return await problem_with(sdk, [MODEL])

    assert "key provided: [redacted]" in asyncio.run(problem())


def test_a_key_that_is_a_mere_word_leaves_messages_readable(server: ModelServer) -> None:
    server.usual = lambda _: refuses(400, "ollama has an unused option")
    assert "ollama has an unused option" in ModelJob(server.base_url, openai_api_key="ollama").run().error
    assert "ollama has an unused option" in ModelJob(server.base_url, openai_api_key=None).run().error
