"""Sends messages to Slack through slack-sdk, or only pretends to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from technoshare_commentator.domain import PostReceipt, SlackMessage
from technoshare_commentator.errors import SlackPostError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from slack_sdk.web.async_slack_response import AsyncSlackResponse

DEFAULT_API_URL = "https://slack.com/api/"
_CHECK_THREAD = "it may have been posted all the same: look into the thread before you post it again"

_NEW_TOKEN = "install the app again and put its bot token (xoxb-…) into SLACK_BOT_TOKEN"  # noqa: S105 - advice
_NEXT_ACTIONS = {
    "invalid_auth": f"the bot token is not valid; {_NEW_TOKEN}",
    "not_authed": f"no bot token was sent; {_NEW_TOKEN}",
    "not_allowed_token_type": f"this is not a bot token; {_NEW_TOKEN}",
    "token_revoked": f"the bot token was revoked; {_NEW_TOKEN}",
    "token_expired": f"the bot token has expired; {_NEW_TOKEN}",
    "account_inactive": f"the bot's account was removed; {_NEW_TOKEN}",
    "missing_scope": "add the scope under 'OAuth & Permissions' of the app, then install it again",
    "no_permission": "add the scope chat:write under 'OAuth & Permissions' of the app, then install it again",
    "channel_not_found": "TECHNOSHARE_CHANNEL_ID must be the channel's ID (C…, not its name), and a private channel is "
    "only seen by its members: /invite @technoshare",
    "not_in_channel": "invite the bot in the channel: /invite @technoshare",
    "is_archived": "the channel is archived; unarchive it or set TECHNOSHARE_CHANNEL_ID to another one",
    "restricted_action": "a setting of the workspace keeps the bot from posting there; ask its administrator",
    "msg_too_long": "the text is longer than Slack takes; report this with the link that was commented",
    "msg_blocks_too_long": "the blocks are longer than Slack takes; report this with the link that was commented",
    "invalid_blocks": "the blocks break a rule of Block Kit; report this with the link that was commented",
    "ratelimited": "Slack asks for a pause longer than we wait; post again later",
    "rate_limited": "the channel has received too many messages at once; post again later",
    "service_unavailable": "Slack is not available at the moment (https://slack-status.com); post again later",
    "internal_error": f"Slack failed on its side and {_CHECK_THREAD}",
    "fatal_error": f"Slack failed on its side and {_CHECK_THREAD}",
    "request_timeout": f"Slack did not take the request in time and {_CHECK_THREAD}",
}


@dataclass(frozen=True)
class SlackIdentity:
    """Who the token speaks for; `scopes` is empty when Slack does not tell."""

    team: str
    user: str
    url: str
    scopes: frozenset[str]


class SlackPoster:
    """Posts as the bot whose token it holds. `base_url` points at Slack's Web API or at what behaves like it.

    `timeout_seconds` bounds each attempt, `longest_pause_seconds` what Slack may ask to wait after a rate limit.
    """

    def __init__(
        self,
        token: str,
        *,
        base_url: str = DEFAULT_API_URL,
        timeout_seconds: int = 30,
        longest_pause_seconds: int = 60,
    ) -> None:
        from slack_sdk.web.async_client import AsyncWebClient  # noqa: PLC0415 - brings aiohttp

        from technoshare_commentator.slack.retries import retry_handlers  # noqa: PLC0415 - brings aiohttp

        self._client = AsyncWebClient(
            token=token,
            base_url=base_url,
            timeout=timeout_seconds,
            retry_handlers=retry_handlers(longest_pause_seconds),
        )

    async def post(self, message: SlackMessage) -> PostReceipt:
        """Send `message` into its thread; a `SlackPostError` says whether it can have arrived and what to do."""
        payload = message.payload()
        response = await self._call(lambda: self._client.chat_postMessage(**payload))
        return PostReceipt(posted=True, ts=str(response.get("ts") or ""))

    async def check(self) -> SlackIdentity:
        """Ask Slack whom the token belongs to (`auth.test`); raise `SlackPostError` when it is of no use."""
        response = await self._call(self._client.auth_test)
        scopes = response.headers.get("x-oauth-scopes", "")
        return SlackIdentity(
            team=str(response.get("team") or ""),
            user=str(response.get("user") or ""),
            url=str(response.get("url") or ""),
            scopes=frozenset(scope for part in scopes.split(",") if (scope := part.strip())),
        )

    async def aclose(self) -> None:
        """Release nothing: each call has its own connection, so that none is reused after Slack has dropped it."""

    async def _call(self, request: Callable[[], Awaitable[AsyncSlackResponse]]) -> AsyncSlackResponse:
        from aiohttp import ClientConnectorError, ClientError  # noqa: PLC0415 - heavy
        from slack_sdk.errors import SlackApiError  # noqa: PLC0415 - heavy

        # Nothing is chained: slack-sdk's errors hold the request with its Authorization header.
        try:
            return await request()
        except SlackApiError as error:
            raise SlackPostError(_refusal(error.response)) from None
        except ClientConnectorError as error:
            raise SlackPostError(
                f"{self._client.base_url!r} cannot be reached ({error.strerror or error}); nothing was posted: "
                "check the network, HTTPS_PROXY and SLACK_API_URL, then post again"
            ) from None
        except TimeoutError:
            raise SlackPostError(
                f"{self._client.base_url!r} did not answer within {self._client.timeout} s; {_CHECK_THREAD}"
            ) from None
        except (ClientError, ValueError, AttributeError) as error:  # the last: slack-sdk given 200 and text/plain
            raise SlackPostError(
                f"the connection to {self._client.base_url!r} broke ({type(error).__name__}: {error}); {_CHECK_THREAD}"
            ) from None


class DryRunPoster:
    """Takes messages and sends none of them."""

    async def post(self, message: SlackMessage) -> PostReceipt:  # noqa: ARG002 - a Poster's signature
        """Return a receipt that says so."""
        return PostReceipt(posted=False)


def _refusal(response: Any) -> str:
    """Say what Slack's answer means; `response` is slack-sdk's, or aiohttp's when the body was not JSON."""
    data = getattr(response, "data", None)
    if not isinstance(data, dict) or not data.get("error"):
        status = getattr(response, "status_code", None) or getattr(response, "status", None)
        return f"Slack answered with HTTP status {status} and no JSON we know; {_CHECK_THREAD}"
    code = str(data["error"])
    advice = _NEXT_ACTIONS.get(code, f"see the errors of chat.postMessage in Slack's documentation for {code!r}")
    return f"Slack refused with {code!r}{_details(data)}: {advice}"


def _details(data: dict[str, Any]) -> str:
    """Show what Slack adds to an error: the scope it misses, or what is wrong with which block."""
    metadata = data.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    scopes = f"needed {data['needed']!r}, granted {data.get('provided', '')!r}" if data.get("needed") else ""
    found = "; ".join(part for part in (scopes, *map(str, messages or ())) if part)
    return f" ({found})" if found else ""
