"""A structured answer from a model: tool rounds, one repair, and a value that its pydantic type accepts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from technoshare_commentator.domain import Usage
from technoshare_commentator.errors import ModelError, ModelFailure
from technoshare_commentator.llm.failures import shortened
from technoshare_commentator.llm.tools import call_tool

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.llm.completions import Completion, Completions
    from technoshare_commentator.llm.tools import Tool

MOST_TOOL_ROUNDS = 4
_SHOWN_ERRORS = 8
_FENCED = re.compile(r"^\s*```(?:json)?\s*\n(.*?)\n\s*```\s*$", re.DOTALL)
_REPAIR = (
    "That answer cannot be used:\n{errors}\n\nAnswer again with one JSON object that follows the schema, nothing else."
)
_NO_MORE_TOOLS = "no more tools can be called: answer now, with one JSON object that follows the schema"

M = TypeVar("M", bound=BaseModel)
Messages = list[dict[str, Any]]


@dataclass(frozen=True)
class Answer(Generic[M]):
    """A value, the usage of every call it took, who wrote it, and the conversation up to and with it."""

    value: M
    usage: Usage
    model: str
    finish_reason: str
    messages: Messages


@dataclass
class _Conversation:
    """What has been said and used so far."""

    messages: Messages
    usage: Usage = field(default_factory=Usage)
    repaired: bool = False
    rounds: int = 0


class ModelClient:
    """Asks one model for values of a pydantic type."""

    def __init__(self, completions: Completions, settings: Mapping[str, float | int | str] | None = None) -> None:
        """Take who makes the calls, and the model settings of a prompt."""
        self._completions = completions
        self._settings = dict(settings or {})

    async def ask(
        self, messages: Messages, shape: type[M], schema: Mapping[str, Any], tools: Sequence[Tool] = ()
    ) -> Answer[M]:
        """Return what the model answers to `messages`, as `shape`; `schema` is the JSON schema it is shown.

        Tools are called for up to `MOST_TOOL_ROUNDS` rounds. An answer that cannot be read as `shape` is shown its
        errors once. Raises `ModelError`, whose `spent` holds the usage up to the failure.
        """
        talk = _Conversation(list(messages))
        known = {tool.description["function"]["name"]: tool for tool in tools}
        try:
            while True:
                completion = await self._next(talk, schema, known)
                if completion.tool_calls:
                    await _use_tools(talk, completion, known)
                    continue
                value = _read(completion, shape, talk)
                if value is not None:
                    talk.messages.append({"role": "assistant", "content": completion.text})
                    reason = completion.choice.finish_reason
                    return Answer(value, talk.usage, completion.model, reason, talk.messages)
        except ModelError as error:
            spent = talk.usage + Usage(**error.spent)
            raise ModelError(error.failure, str(error), spent.model_dump()) from error

    async def _next(self, talk: _Conversation, schema: Mapping[str, Any], tools: Mapping[str, Tool]) -> Completion:
        descriptions = [tool.description for tool in tools.values()] if talk.rounds <= MOST_TOOL_ROUNDS else []
        completion = await self._completions.complete(
            talk.messages, schema=dict(schema), settings=self._settings, tools=descriptions
        )
        talk.usage = talk.usage + completion.usage
        _refuse_what_ended_early(completion, self._settings.get("max_output_tokens"))
        return completion


def _refuse_what_ended_early(completion: Completion, limit: object) -> None:
    message, reason = completion.choice.message, completion.choice.finish_reason
    who = repr(completion.model)
    if message.refusal:
        raise ModelError(
            ModelFailure.REFUSAL,
            f"{who} refuses: {shortened(message.refusal)}; read the page yourself, or try another model",
        )
    if reason == "content_filter":
        raise ModelError(
            ModelFailure.CONTENT_FILTER, f"a content filter stopped {who}; read the page yourself, or try another model"
        )
    if reason == "length":
        raise ModelError(
            ModelFailure.LENGTH,
            f"{who} ran into the length limit (max_output_tokens {limit or 'of the endpoint'}); raise it in the "
            "prompt's settings, or take a model that comes to an end",
        )


async def _use_tools(talk: _Conversation, completion: Completion, tools: dict[str, Tool]) -> None:
    """Answer the tool calls of one round; the round after the last is told to answer, the one after that is a loop."""
    talk.rounds += 1
    if talk.rounds > MOST_TOOL_ROUNDS + 1:
        raise ModelError(
            ModelFailure.TOOL_LOOP,
            f"{completion.model!r} still calls tools after {MOST_TOOL_ROUNDS} rounds; take another model",
        )
    talk.messages.append({"role": "assistant", "content": completion.text, "tool_calls": completion.tool_calls})
    for call in completion.tool_calls:
        called = call.get("function") or {}
        said = (
            _NO_MORE_TOOLS
            if talk.rounds > MOST_TOOL_ROUNDS
            else await call_tool(tools, str(called.get("name")), str(called.get("arguments") or ""))
        )
        talk.messages.append({"role": "tool", "tool_call_id": str(call.get("id")), "content": said})
    talk.usage = talk.usage + Usage(tool_call_count=len(completion.tool_calls))


def _read(completion: Completion, shape: type[M], talk: _Conversation) -> M | None:
    """Return the value, or None after having asked for a repair; raise when that has been done already."""
    try:
        return shape.model_validate_json(_without_fence(completion.text))
    except ValidationError as error:
        failure, errors = _described(completion.text, error)
    if talk.repaired:
        said = shortened("; ".join(errors))
        raise ModelError(
            failure,
            f"{completion.model!r} gave no usable answer, also when shown its errors: {said}; take another model",
        )
    talk.repaired = True
    talk.messages += [
        {"role": "assistant", "content": completion.text},
        {"role": "user", "content": _REPAIR.format(errors="\n".join(f"- {one}" for one in errors))},
    ]
    return None


def _described(text: str, error: ValidationError) -> tuple[ModelFailure, list[str]]:
    if not text.strip():
        return ModelFailure.EMPTY, ["it is empty"]
    found = error.errors(include_url=False, include_input=False)
    if found[0]["type"] == "json_invalid":
        return ModelFailure.INVALID_JSON, [found[0]["msg"]]
    named = [f"{'.'.join(str(part) for part in one['loc']) or 'the answer'}: {one['msg']}" for one in found]
    return ModelFailure.SCHEMA_VIOLATION, named[:_SHOWN_ERRORS]


def _without_fence(text: str) -> str:
    """The JSON inside a Markdown code block, which models without a binding schema like to write."""
    fenced = _FENCED.match(text)
    return fenced.group(1) if fenced else text
