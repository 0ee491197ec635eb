"""The poster against a server that behaves like Slack, over a real socket."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING

import pytest

from slack_server import (
    BOT_TOKEN,
    CHANNEL,
    CHANNEL_WITHOUT_BOT,
    Answer,
    SlackServer,
    error,
    rate_limited,
    slack_server,
)
from technoshare_commentator.domain import (
    Commentary,
    Coverage,
    Evidence,
    Job,
    PostReceipt,
    SlackMessage,
)
from technoshare_commentator.errors import SlackPostError
from technoshare_commentator.slack.poster import (
    DryRunPoster,
    SlackIdentity,
    SlackPoster,
)
from technoshare_commentator.slack.render import render_message

if TYPE_CHECKING:
    from collections.abc import Iterator

MESSAGE = SlackMessage(channel_id=CHANNEL, thread_ts="1730000000.000100", text="hello")


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlackServer]:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    with slack_server() as server:
        yield server


def post(
    base_url: str, message: SlackMessage = MESSAGE, *, token: str = BOT_TOKEN, timeout_seconds: int = 5
) -> PostReceipt:
    async def run() -> PostReceipt:
        poster = SlackPoster(token, base_url=base_url, timeout_seconds=timeout_seconds)
        try:
            return await poster.post(message)
        finally:
            await poster.aclose()

    return asyncio.run(run())


def refusal(slack: SlackServer, message: SlackMessage = MESSAGE, *, token: str = BOT_TOKEN) -> str:
    with pytest.raises(SlackPostError) as caught:
        post(slack.base_url, message, token=token, timeout_seconds=1)
    assert caught.value.__cause__ is None
    assert token not in str(caught.value)
    return str(caught.value)


def test_a_rendered_commentary_is_taken_into_its_thread_without_previews(slack: SlackServer) -> None:
    evidence = Evidence(
        url="https://a.example/",
        final_url="https://a.example/",
        title="A",
        adapter_name="webpage",
        coverage=Coverage.FULL,
    )
    job = Job(id="1", channel_id=CHANNEL, message_ts="1730000000.000100")
    message = render_message(job, evidence, Commentary(tldr=("One.",), projects=("**General** — Do it.",)))
    receipt = post(slack.base_url, message)
    assert receipt == PostReceipt(posted=True, ts="1730000000.000001")
    [taken] = slack.messages
    assert taken["thread_ts"] == "1730000000.000100"
    assert (taken["unfurl_links"], taken["unfurl_media"], taken["parse"]) == (False, False, "none")
    assert taken["text"] == message.text
    assert len(taken["blocks"]) == 5


def test_a_message_without_a_thread_is_posted_to_the_channel(slack: SlackServer) -> None:
    post(slack.base_url, SlackMessage(channel_id=CHANNEL, thread_ts="", text="hello"))
    assert "thread_ts" not in slack.messages[0]


def test_one_poster_sends_many_messages(slack: SlackServer) -> None:
    async def run() -> list[PostReceipt]:
        poster = SlackPoster(BOT_TOKEN, base_url=slack.base_url)
        return await asyncio.gather(*(poster.post(MESSAGE) for _ in range(5)))

    assert {receipt.ts for receipt in asyncio.run(run())} == {f"1730000000.{n:06d}" for n in range(1, 6)}


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("token_revoked", "SLACK_BOT_TOKEN"),
        ("account_inactive", "SLACK_BOT_TOKEN"),
        ("is_archived", "TECHNOSHARE_CHANNEL_ID"),
        ("restricted_action", "administrator"),
        ("msg_too_long", "longer than Slack takes"),
        ("internal_error", "look into the thread"),
        ("a_new_error", "Slack's documentation"),
    ],
)
def test_every_refusal_says_what_to_do_next(slack: SlackServer, code: str, advice: str) -> None:
    slack.answers = [error(code)]
    message = refusal(slack)
    assert repr(code) in message
    assert advice in message
    assert len(slack.requests) == 1


def test_a_wrong_token_is_refused_without_being_shown(slack: SlackServer) -> None:
    message = refusal(slack, token="xoxb-9-wrong")  # noqa: S106 - opens nothing
    assert "'invalid_auth'" in message
    assert "SLACK_BOT_TOKEN" in message


def test_an_unknown_channel_is_refused_with_the_setting_to_correct(slack: SlackServer) -> None:
    message = refusal(slack, SlackMessage(channel_id="#tech", thread_ts="", text="hello"))
    assert "'channel_not_found'" in message
    assert "TECHNOSHARE_CHANNEL_ID" in message


def test_a_bot_outside_the_channel_asks_to_be_invited(slack: SlackServer) -> None:
    message = refusal(slack, SlackMessage(channel_id=CHANNEL_WITHOUT_BOT, thread_ts="", text="hello"))
    assert "/invite @technoshare" in message


def test_a_missing_scope_is_named(slack: SlackServer) -> None:
    slack.answers = [error("missing_scope", needed="chat:write", provided="channels:history")]
    message = refusal(slack)
    assert "needed 'chat:write', granted 'channels:history'" in message


def test_what_slack_says_about_a_block_is_passed_on(slack: SlackServer) -> None:
    broken = SlackMessage(channel_id=CHANNEL, thread_ts="", text="hello", blocks=({"type": "poem"},))
    assert "unknown type 'poem'" in refusal(slack, broken)


def test_a_rate_limit_is_waited_for_as_long_as_slack_asks(slack: SlackServer) -> None:
    slack.answers = [rate_limited("0"), rate_limited("0")]
    assert post(slack.base_url).posted
    assert len(slack.requests) == 3


def test_a_rate_limit_longer_than_a_job_can_wait_is_reported_at_once(slack: SlackServer) -> None:
    slack.answers = [rate_limited("3600")]
    assert "'ratelimited'" in refusal(slack)
    assert len(slack.requests) == 1


def test_a_rate_limit_whose_pause_cannot_be_read_is_reported_at_once(slack: SlackServer) -> None:
    slack.answers = [rate_limited("soon")]
    assert "'ratelimited'" in refusal(slack)
    assert len(slack.requests) == 1


def test_a_service_that_is_unavailable_is_asked_again(slack: SlackServer) -> None:
    slack.answers = [Answer(status=503, body=b"<h1>Down</h1>", content_type="text/html")]
    assert post(slack.base_url).posted


@pytest.mark.parametrize(
    "answer",
    [
        Answer(body=None, takes_message=True),
        Answer(silent=True, takes_message=True),
        Answer(status=500, takes_message=True),
        Answer(status=502, body=b"<h1>Bad gateway</h1>", content_type="text/html", takes_message=True),
        Answer(status=502, body=b"bad gateway", content_type="text/plain", takes_message=True),
        Answer(body=b"log in to the hotel", content_type="text/plain"),
        Answer(body=b"<h1>Log in</h1>", content_type="text/html"),
        Answer(body=b'{"ok": tru', takes_message=True),
        Answer(body=b"", takes_message=True),
        Answer(body=b"[]", takes_message=True),
    ],
    ids=["cut", "silent", "500", "502-html", "502-text", "portal-text", "portal-html", "half-json", "empty", "list"],
)
def test_a_message_whose_answer_is_lost_is_never_sent_twice(slack: SlackServer, answer: Answer) -> None:
    slack.answers = [answer]
    assert "look into the thread before you post it again" in refusal(slack)
    assert len(slack.requests) == 1


@pytest.fixture
def closed_port(slack: SlackServer) -> int:  # noqa: ARG001 - clears the proxies
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_connection_that_cannot_be_made_is_said_to_have_posted_nothing(closed_port: int) -> None:
    with pytest.raises(SlackPostError, match="nothing was posted: check the network, HTTPS_PROXY and SLACK_API_URL"):
        post(f"http://127.0.0.1:{closed_port}/api/")


def test_a_server_that_comes_up_after_the_first_attempt_gets_the_message(closed_port: int) -> None:
    async def run() -> tuple[PostReceipt, int]:
        posting = asyncio.create_task(
            SlackPoster(BOT_TOKEN, base_url=f"http://127.0.0.1:{closed_port}/api/").post(MESSAGE)
        )
        await asyncio.sleep(0.2)
        with slack_server(closed_port) as slack:
            return await posting, len(slack.messages)

    receipt, taken = asyncio.run(run())
    assert receipt.posted
    assert taken == 1


def test_the_check_tells_whom_the_token_speaks_for(slack: SlackServer) -> None:
    identity = asyncio.run(SlackPoster(BOT_TOKEN, base_url=slack.base_url).check())
    assert identity == SlackIdentity(
        team="Acme",
        user="technoshare",
        url="https://acme.slack.com/",
        scopes=frozenset({"chat:write", "channels:history"}),
    )


def test_the_check_of_a_wrong_token_says_what_to_do(slack: SlackServer) -> None:
    with pytest.raises(SlackPostError, match="SLACK_BOT_TOKEN"):
        asyncio.run(SlackPoster("xoxb-9-wrong", base_url=slack.base_url).check())


def test_the_token_is_in_no_log_line(slack: SlackServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    slack.answers = [rate_limited("0"), error("internal_error")]
    refusal(slack)
    assert "chat.postMessage" in caplog.text
    assert BOT_TOKEN not in caplog.text


def test_a_dry_run_posts_nothing(slack: SlackServer) -> None:
    assert asyncio.run(DryRunPoster().post(MESSAGE)) == PostReceipt(posted=False)
    assert slack.requests == []
