"""Asks an endpoint which models it has, to tell people what is wrong before a job does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import openai

from technoshare_commentator.llm.endpoint import Endpoint
from technoshare_commentator.llm.failures import failure_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS = 5.0
_NAMED = 8


async def problem_with(sdk: openai.AsyncOpenAI, models: Iterable[str]) -> str:
    """Return what stands in the way of using `models`; "" when nothing is known to. One request, no tokens."""
    asked = list(models)
    try:
        listed = await sdk.with_options(timeout=_SECONDS, max_retries=0).models.list()
    except openai.NotFoundError:
        return ""  # an endpoint need not list its models
    except openai.OpenAIError as error:
        return str(failure_of(error, Endpoint(str(sdk.base_url), asked[0]), _SECONDS, sdk.api_key))
    known = [model.id for model in listed.data]
    missing = [name for name in asked if known and name not in known]
    if not missing:
        return ""
    more = f" and {len(known) - _NAMED} more" if len(known) > _NAMED else ""
    return f"{sdk.base_url} has no model {', '.join(missing)}; it has {', '.join(known[:_NAMED])}{more}"
