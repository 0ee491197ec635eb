"""Clients whose requests are recorded, against a server on loopback: the real openai SDK, async and blocking."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from openai import APIConnectionError, APIStatusError, AsyncOpenAI, OpenAI

from chat_server import API_KEY, ChatServer, chat_server
from model_server import KEY, Reply, model_server, refuses, says
from technoshare_commentator.mlops.evaluation.recording import (
    MissingRecordingError,
    RecordingError,
    async_client,
    client,
)
from technoshare_commentator.mlops.evaluation.recording.cassette import Cassette
from technoshare_commentator.mlops.evaluation.recording.places import CasePlace
from technoshare_commentator.mlops.evaluation.recording.scope import Recorder
from technoshare_commentator.mlops.evaluation.running.limits import Limits
from technoshare_commentator.mlops.evaluation.running.slots import request_slot

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.recording.scope import Mode

PLACE = CasePlace("words/hello", "small")


@pytest.fixture
def chat() -> Iterator[ChatServer]:
    with chat_server() as chat:
        yield chat


class Tape:
    """A cassette of one test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uses: list[str] = []

    def recorder(self, mode: Mode) -> Recorder:
        return Recorder(Cassette(self.folder), mode, note=lambda use, _: self.uses.append(use))

    @property
    def text(self) -> str:
        return "".join(file.read_text() for file in self.folder.rglob("*.json"))

    @property
    def recordings(self) -> list[dict[str, Any]]:
        return [json.loads(file.read_text()) for file in sorted(self.folder.rglob("*.json"))]


@pytest.fixture
def tape(tmp_path: Path) -> Tape:
    return Tape(tmp_path / "cassettes")


async def ask(url: str, *texts: str, key: str = API_KEY, **more: Any) -> list[str]:
    """Ask everything at once."""
    async with AsyncOpenAI(base_url=url, api_key=key, http_client=async_client(), max_retries=0) as openai:

        async def one(text: str) -> str:
            messages: Any = [{"role": "user", "content": text}]
            answer = await openai.chat.completions.create(model="m", messages=messages, **more)
            return answer.choices[0].message.content or ""

        return await asyncio.gather(*map(one, texts))


def test_elsewhere_the_client_is_an_ordinary_one(chat: ChatServer) -> None:
    assert asyncio.run(ask(chat.base_url, "hello")) == ["HELLO"]
    assert chat.keys == [f"Bearer {API_KEY}"]


def test_identical_requests_replay_in_the_order_in_which_they_were_made(tape: Tape, chat: ChatServer) -> None:
    chat.answer = lambda _: f"answer {len(chat.requests)}"
    chat.seconds = 0.05
    with tape.recorder("new").scope(PLACE, "judge"):
        recorded = asyncio.run(ask(chat.base_url, *["the same"] * 5, "another"))
    assert sorted(recorded) == [f"answer {number}" for number in range(1, 7)]
    with tape.recorder("none").scope(PLACE, "judge"):
        assert asyncio.run(ask("http://127.0.0.1:9/v1", *["the same"] * 5, "another", key="unused")) == recorded
    assert tape.uses == ["recorded"] * 6 + ["replayed"] * 6
    assert len(chat.requests) == 6


def test_a_blocking_client_records_from_several_threads(tape: Tape, chat: ChatServer) -> None:
    def one(text: str) -> str:
        with OpenAI(base_url=chat.base_url, api_key=API_KEY, http_client=client(), max_retries=0) as openai:
            answer = openai.chat.completions.create(model="m", messages=[{"role": "user", "content": text}])
        return answer.choices[0].message.content or ""

    texts = [f"text {number % 3}" for number in range(12)]
    for mode in ("new", "none"):
        with tape.recorder(mode).scope(PLACE, "task"), ThreadPoolExecutor(6) as pool:
            answers = [pool.submit(copy_context().run, one, text).result() for text in texts]
        assert answers == [text.upper() for text in texts]
    assert len(chat.requests) == len(tape.recordings) == 12


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=404, body=b"404 page not found", content_type="text/plain"),
        refuses(404, "model 'm' not found, try pulling it first"),
        Reply(status=405),
        Reply(body=b'{"error": {"message": "Provider returned error", "code": 429}}'),
        Reply(body=b'{"error": {"message": "Provider returned error", "code": 502}}'),
    ],
)
def test_what_another_address_or_another_moment_would_answer_otherwise_is_not_recorded(
    tape: Tape, reply: Reply
) -> None:
    with model_server() as server:
        server.script = [reply, says("hello")]
        with tape.recorder("new").scope(PLACE, "task"), suppress(APIStatusError, TypeError):
            asyncio.run(ask(server.base_url, "hello", key=KEY))
        assert tape.recordings == []
        with tape.recorder("new").scope(PLACE, "task"):
            assert asyncio.run(ask(server.base_url, "hello", key=KEY)) == ["hello"]
    assert tape.uses == ["recorded"]


def test_a_stream_is_replayed_in_one_piece(tape: Tape, chat: ChatServer) -> None:
    async def read() -> str:
        async with AsyncOpenAI(base_url=chat.base_url, api_key=API_KEY, http_client=async_client()) as openai:
            messages: Any = [{"role": "user", "content": "one two"}]
            stream = await openai.chat.completions.create(model="m", messages=messages, stream=True)
            return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    for mode in ("new", "none"):
        with tape.recorder(mode).scope(PLACE, "task"):
            assert asyncio.run(read()) == "ONE TWO "
    assert len(chat.requests) == 1
    assert tape.recordings[0]["response"]["headers"]["content-type"] == "text/event-stream"


def test_no_secret_is_recorded_wherever_it_stands_and_the_caller_sees_what_a_replay_will_see(
    tape: Tape, chat: ChatServer
) -> None:
    key, other = "hunter2-hunter2", "ghp_0123456789abcdefghijABCDEFGHIJ"
    chat.answer = lambda _: json.dumps({"your key": key, key: ["nested", f"Bearer {key}"]})
    with tape.recorder("new").scope(PLACE, "task"):
        recorded = asyncio.run(ask(chat.base_url, f"my key is {key}, his is {other}", key=key))
    assert key not in tape.text
    assert other not in tape.text
    assert key not in recorded[0]
    assert json.loads(recorded[0])["your key"] == "[redacted]"
    with tape.recorder("none").scope(PLACE, "task"):
        assert asyncio.run(ask(chat.base_url, f"my key is {key}, his is {other}", key="unused")) == recorded
    assert len(chat.requests) == 1


def test_credentials_of_any_header_or_parameter_are_known(tape: Tape, chat: ChatServer) -> None:
    chat.answer = lambda request: str(request["messages"][0]["content"])
    secrets = {"api-key": "azure-0123456789", "X-Goog-Api-Key": "google-0123456789", "Cookie": "session-0123456789"}
    with tape.recorder("new").scope(PLACE, "task"), client(headers=secrets) as http:
        body = {"model": "m", "messages": [{"role": "user", "content": " ".join(secrets.values())}]}
        http.post(f"{chat.base_url}/chat/completions", params={"key": "parameter-0123456789", "n": "1"}, json=body)
    assert "0123456789" not in tape.text
    assert tape.recordings[0]["request"]["path"] == "chat/completions?n=1"
    assert set(tape.recordings[0]["response"]["headers"]) == {"content-type", "x-request-id"}


def test_a_key_that_is_a_mere_word_is_left_in_the_text(tape: Tape, chat: ChatServer) -> None:
    with tape.recorder("new").scope(PLACE, "task"):
        assert asyncio.run(ask(chat.base_url, "what is unused", key="UNUSED")) == ["WHAT IS UNUSED"]


def test_half_a_character_is_recorded_like_any_other(tape: Tape, chat: ChatServer) -> None:
    chat.answer = lambda _: "half \ud83d of it"
    for mode in ("new", "none"):
        with tape.recorder(mode).scope(PLACE, "task"):
            assert asyncio.run(ask(chat.base_url, "hello")) == ["half \ud83d of it"]
    assert len(chat.requests) == 1


def test_of_two_who_record_the_same_at_once_both_see_what_will_be_replayed(tape: Tape, chat: ChatServer) -> None:
    chat.answer = lambda _: f"answer {len(chat.requests)}"
    chat.seconds = 0.2

    def one(_: int) -> list[str]:
        with tape.recorder("new").scope(PLACE, "task"):
            return asyncio.run(ask(chat.base_url, "the same"))

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(one, range(4)))
    assert len(chat.requests) == 4
    with tape.recorder("none").scope(PLACE, "task"):
        assert [asyncio.run(ask(chat.base_url, "the same"))] * 4 == answers


def test_an_endpoint_that_is_down_is_the_ordinary_error_and_its_turn_is_free_again(
    tape: Tape, chat: ChatServer
) -> None:
    async def twice() -> str:
        with pytest.raises(APIConnectionError):
            await ask("http://127.0.0.1:9/v1", "hello")
        (answer,) = await ask(chat.base_url, "hello")
        return answer

    with tape.recorder("new").scope(PLACE, "task"):
        assert asyncio.run(twice()) == "HELLO"
    assert [recording["occurrence"] for recording in tape.recordings] == [1]


def test_a_disk_that_refuses_is_told_and_not_taken_for_a_broken_connection(tape: Tape, chat: ChatServer) -> None:
    tape.folder.write_text("a file where the folder should be")
    with (
        pytest.raises(RecordingError, match=r"an answer cannot be recorded as .*/small/words/hello/task-"),
        tape.recorder("new").scope(PLACE, "task"),
    ):
        asyncio.run(ask(chat.base_url, "hello"))


def test_several_who_ask_do_not_share_recordings_nor_wait_for_one_another(tape: Tape, chat: ChatServer) -> None:
    recorder = tape.recorder("all")
    for asker in ("task", "judge", "judge"):
        with recorder.scope(PLACE, asker):
            asyncio.run(ask(chat.base_url, "hello"))
    assert tape.uses == ["recorded", "recorded", "replayed"]
    assert [recording["asked_by"] for recording in tape.recordings] == ["judge", "task"]
    with pytest.raises(MissingRecordingError, match="asked by other"), tape.recorder("none").scope(PLACE, "other"):
        asyncio.run(ask(chat.base_url, "hello"))


def test_only_what_is_sent_waits_for_the_rate(tape: Tape, chat: ChatServer) -> None:
    class Counted(Limits):
        waits = 0

        async def request(self) -> float:
            self.waits += 1
            return 0.0

    async def paced(*texts: str) -> None:
        for text in texts:
            await request_slot()
            await ask(chat.base_url, text)

    limits = Counted(None)
    with limits.case(), tape.recorder("new").scope(PLACE, "task"):
        asyncio.run(paced("one", "two", "three"))
    assert limits.waits == 2  # the first is paid for
    with limits.case(replays=True), tape.recorder("new").scope(PLACE, "task"):
        asyncio.run(paced("one", "two", "three"))
    assert limits.waits == 2
    with limits.case(replays=True), tape.recorder("new").scope(PLACE, "task"):
        asyncio.run(paced("one", "four"))
    assert limits.waits == 3
    with limits.case(is_paid=False), tape.recorder("all").scope(PLACE, "judge"):
        asyncio.run(paced("one", "two"))
    assert limits.waits == 5


def test_a_proxy_of_the_environment_is_still_used(chat: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with client() as http, pytest.raises(httpx2.ConnectError):
        http.post(f"http://a-server.example:{chat.base_url.rpartition(':')[2]}")
