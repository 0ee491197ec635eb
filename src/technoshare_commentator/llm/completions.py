"""One chat completion: a request that the endpoint takes, a span, the price, and a named failure when it goes wrong."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import openai
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from pydantic import BaseModel

from technoshare_commentator.domain import Usage
from technoshare_commentator.errors import ModelError, ModelFailure
from technoshare_commentator.llm.failures import error_inside, failure_of, hide_key, is_too_long
from technoshare_commentator.llm.pricing import cost_usd
from technoshare_commentator.mlops.tracing import SpanType, span

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from openai.types.chat.chat_completion import Choice

    from technoshare_commentator.llm.endpoint import Endpoint
    from technoshare_commentator.mlops.tracing import Span

_MOST_REFUSALS = 12  # more than there are parts of a request that can be left out


async def _at_once() -> None:
    """Do not wait."""


@dataclass(frozen=True)
class Completion:
    """What one call gave: the choice, what it used, how long it took, and who the server says it is."""

    choice: Choice
    usage: Usage
    latency_seconds: float
    model: str

    @property
    def text(self) -> str:
        """The answer's text, empty when there is none; Mistral's reasoning models give it in parts."""
        content: Any = self.choice.message.content
        if not isinstance(content, list):
            return content or ""
        return "".join(str(part.get("text") or "") for part in content if part.get("type") == "text")

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """The tools it wants called, as a message of the conversation holds them."""
        wanted = self.choice.message.tool_calls or ()
        return [call.model_dump(exclude_none=True, warnings=False) for call in wanted if isinstance(call, BaseModel)]


class Completions:
    """Calls of one model at one endpoint; whoever shares the endpoint shares what it was seen to refuse."""

    def __init__(
        self,
        sdk: openai.AsyncOpenAI,
        endpoint: Endpoint,
        *,
        timeout_seconds: float,
        provider: str = "",
        before_request: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Take the SDK's client and the bound on one call, its retries included.

        `provider` is what `pricing.cost_usd` takes; `before_request` is awaited before each request, to keep a rate.
        """
        self._sdk = sdk
        self._endpoint = endpoint
        self._seconds = timeout_seconds
        self._provider = provider
        self._before_request = before_request or _at_once

    async def complete(
        self,
        messages: list[dict[str, Any]],
        *,
        schema: dict[str, Any],
        settings: dict[str, Any],
        tools: list[dict[str, Any]],
    ) -> Completion:
        """Ask once; what the endpoint refuses is left out and asked again. Raises `ModelError`."""
        for _ in range(_MOST_REFUSALS):
            asked = self._endpoint.request(messages, schema, settings, tools)
            await self._before_request()
            with span(f"chat {self._endpoint.model}", SpanType.CHAT_MODEL, inputs=asked) as call:
                call.set(gen_ai__operation__name="chat", gen_ai__request__model=self._endpoint.model)
                try:
                    return await self._send(asked, call)
                except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                    call.fail(error)
                    if not self._endpoint.learn(error, asked, is_too_long=is_too_long(error)):
                        raise self._failure(error) from error
        raise ModelError(ModelFailure.BAD_REQUEST, f"{self._endpoint.model!r} refuses every form of the request")

    async def _send(self, asked: dict[str, Any], call: Span) -> Completion:
        started = time.perf_counter()
        async with self._named_failures():
            raw = await self._sdk.chat.completions.with_raw_response.create(**asked)
            call.set(retries=raw.retries_taken)
            answer = raw.parse()
            if not _is_whole(answer):
                raise error_inside(raw.http_response)
        return self._completion(answer, time.perf_counter() - started, call)

    def _completion(self, answer: ChatCompletion, seconds: float, call: Span) -> Completion:
        used = answer.usage if isinstance(answer.usage, CompletionUsage) else None
        plain = answer.model_dump(warnings=False)
        usage = Usage(
            input_tokens=_count(used and used.prompt_tokens),
            output_tokens=_count(used and used.completion_tokens),
            model_call_count=1,
            cost_usd=cost_usd(plain, self._endpoint.model, self._endpoint.base_url, self._provider),
        )
        choice = answer.choices[0]
        call.usage(
            model=self._endpoint.model,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost_usd=usage.cost_usd,
        )
        call.set(gen_ai__response__model=answer.model or "", gen_ai__response__finish_reason=choice.finish_reason or "")
        call.output(answer.model_dump(exclude_none=True, include={"model", "choices", "usage"}, warnings=False))
        return Completion(choice, usage, seconds, answer.model or self._endpoint.model)

    @asynccontextmanager
    async def _named_failures(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except openai.OpenAIError as error:
            hide_key(error, self._sdk.api_key)
            if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
                raise  # perhaps only a part of the request is refused
            raise self._failure(error) from error
        except (TimeoutError, ValueError, RecursionError) as error:  # the last one of brackets in brackets
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> ModelError:
        return failure_of(error, self._endpoint, self._seconds, self._sdk.api_key)


def _is_whole(answer: Any) -> bool:
    """Whether an answer is a completion with a message; the SDK takes whatever JSON an endpoint sends."""
    if not isinstance(answer, ChatCompletion) or not isinstance(answer.choices, list) or not answer.choices:
        return False
    message = getattr(answer.choices[0], "message", None)
    if not isinstance(message, ChatCompletionMessage):
        return False
    content: Any = message.content
    in_parts = isinstance(content, list) and all(isinstance(part, dict) for part in content)
    return in_parts or isinstance(content, str | None)


def _count(tokens: Any) -> int:
    """A number of tokens, 0 where an endpoint says none."""
    return tokens if isinstance(tokens, int) else 0
