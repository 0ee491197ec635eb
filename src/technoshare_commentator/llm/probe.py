"""Asks an endpoint which models it has, to tell people what is wrong before a job does."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import openai

from technoshare_commentator.llm.endpoint import Endpoint
from technoshare_commentator.llm.failures import failure_of, shortened

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = 5.0
_NAMED = 8


async def problem_with(sdk: openai.AsyncOpenAI, models: Iterable[str]) -> str:
    """Return what stands in the way of using `models`; "" when nothing is known to. One request, no tokens."""
    asked = list(models)
    patient = sdk.with_options(timeout=_SECONDS, max_retries=0)
    try:
        answer = await patient.models.with_raw_response.list()
    except openai.NotFoundError:
        return ""  # an endpoint need not list its models
    except openai.OpenAIError as error:
        return str(failure_of(error, Endpoint(str(sdk.base_url), asked[0]), _SECONDS, sdk.api_key))
    known = _models_in(answer.content)
    if known is None:
        said = shortened(answer.content.decode(errors="replace"))
        return f"{sdk.base_url} answers with no list of models ({said}); does OPENAI_BASE_URL end in /v1?"
    missing = [name for name in asked if known and not _names_of(name) & {*known}]
    if not missing:
        return ""
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"{sdk.base_url} has no model {', '.join(missing)}; it has {', '.join(known[:_NAMED])}{more}"


def _models_in(content: bytes) -> list[str] | None:
    """The ids that an answer lists, in OpenAI's envelope or without one; None where it is no list of models.

    The SDK would take whatever JSON or text there is for a list.
    """
    listed: Any = None
    with suppress(ValueError, RecursionError):
        listed = json.loads(content)
    if isinstance(listed, dict) and "data" in listed:
        listed = listed["data"] or []  # Ollama without a model says null
    if not isinstance(listed, list):
        return None
    return [str(model["id"]) for model in listed if isinstance(model, dict) and model.get("id")]


def _names_of(model: str) -> set[str]:
    """How a list may call a model that can be asked for by this name: Ollama adds a tag, Google a folder."""
    return {model, f"{model}:latest", f"models/{model}"}
