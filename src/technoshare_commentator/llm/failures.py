"""Every way in which a model call fails, as a `ModelError` that names it and says what to do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx2
import openai

from technoshare_commentator.errors import ModelError, ModelFailure
from technoshare_commentator.mlops.redaction import REDACTED
from technoshare_commentator.visible_line import visible_line

if TYPE_CHECKING:
    from technoshare_commentator.llm.endpoint import Endpoint

_SHOWN_CHARACTERS = 300
_SHORTEST_KEY = 8  # one that is no more than a word ("unused", "ollama") would be blotted out of every sentence
_OF_CODE = {
    "context_length_exceeded": ModelFailure.CONTEXT_LENGTH,
    "exceed_context_size_error": ModelFailure.CONTEXT_LENGTH,
    "insufficient_quota": ModelFailure.OUT_OF_QUOTA,
    "billing_hard_limit_reached": ModelFailure.OUT_OF_QUOTA,
    "content_filter": ModelFailure.CONTENT_FILTER,  # Azure: the prompt did not pass
    "model_not_found": ModelFailure.WRONG_MODEL,
}
_OF_STATUS = {
    401: ModelFailure.WRONG_KEY,
    402: ModelFailure.OUT_OF_QUOTA,
    403: ModelFailure.WRONG_KEY,
    404: ModelFailure.WRONG_MODEL,
    408: ModelFailure.SERVER_ERROR,  # this and 409, a lock, have been tried again as 5xx is
    409: ModelFailure.SERVER_ERROR,
    413: ModelFailure.CONTEXT_LENGTH,
    429: ModelFailure.RATE_LIMITED,
}
_LEAST_SERVER_ERROR = 500
# OpenAI, vLLM and llama.cpp; Anthropic; Google.
_TOO_LONG = re.compile(r"context (?:length|size|window)|prompt is too long|input token count", re.IGNORECASE)
_ADVICE = {
    ModelFailure.CONTEXT_LENGTH: "lower MODEL_EVIDENCE_CHARACTERS, or take a model with a larger context",
    ModelFailure.CONTENT_FILTER: "read the page yourself, or try another model",
    ModelFailure.OUT_OF_QUOTA: "the account is out of money: raise its limit, or set another OPENAI_API_KEY",
    ModelFailure.WRONG_MODEL: "set MODEL_STAGE_A and MODEL_STAGE_B (or MODEL_JUDGE) to models that this endpoint has, "
    "and see that OPENAI_BASE_URL is where its API begins (most end in /v1)",
    ModelFailure.WRONG_KEY: "set OPENAI_API_KEY to a key that may use this model (`technoshare doctor` tries it)",
    ModelFailure.RATE_LIMITED: "it wants fewer requests: try again later, or ask for a higher limit",
    ModelFailure.SERVER_ERROR: "the fault is the server's: try again later",
    ModelFailure.BAD_REQUEST: "the endpoint refuses the request: check the settings of the prompt and the model",
}


def hide_key(error: openai.OpenAIError, key: str) -> None:
    """Take the key out of what the SDK raised: endpoints repeat it, and tracebacks show what an error comes from."""
    error.args = tuple(_without(key, arg) if isinstance(arg, str) else arg for arg in error.args)


def failure_of(error: Exception, endpoint: Endpoint, seconds: float, key: str = "") -> ModelError:
    """Translate what the SDK raised, having tried again where that helps; what an endpoint says is shown without `key`.

    `seconds` is how long a call may take.
    """
    where = f"{endpoint.model!r} at {endpoint.base_url}"
    said = shortened(_without(key, _message(error)))
    if isinstance(error, openai.APITimeoutError | TimeoutError):
        return _out_of_time(error, where, seconds)
    if isinstance(error, openai.APIConnectionError):
        cause = shortened(_without(key, str(error.__cause__ or error)))
        advice = "is OPENAI_BASE_URL right and the server up? `technoshare doctor` asks it"
        return ModelError(ModelFailure.CONNECTION, f"no connection to {where} ({cause}); {advice}")
    if isinstance(error, openai.APIStatusError):
        failure = _failure_of_status(error)
        return ModelError(failure, f"{where} answered with status {error.status_code}: {said}; {_ADVICE[failure]}")
    return ModelError(
        ModelFailure.NO_COMPLETION,
        f"{where} answered with something that is no chat completion ({said}); does OPENAI_BASE_URL end in /v1?",
    )


def shortened(text: str) -> str:
    """A stranger's text on one short line."""
    line = visible_line(text)
    return line if len(line) <= _SHOWN_CHARACTERS else f"{line[: _SHOWN_CHARACTERS - 1]}…"


def error_inside(response: httpx2.Response) -> Exception:
    """What is wrong with an answer of status 200 that is no completion.

    Gateways, such as OpenRouter, put there what the server behind them answered, with its status in `error.code`.
    """
    try:
        error = response.json()["error"]
        status = int(error["code"])
        passed_on = httpx2.Response(status, headers=response.headers, request=response.request)
    except (KeyError, TypeError, ValueError, RecursionError):
        return ValueError(response.text)
    if not passed_on.is_error:
        return ValueError(response.text)
    return openai.APIStatusError(str(error.get("message")), response=passed_on, body=error)


def is_too_long(error: openai.APIStatusError) -> bool:
    """Whether a request is refused because its text does not fit into the model."""
    return _failure_of_status(error) is ModelFailure.CONTEXT_LENGTH


def _without(key: str, text: str) -> str:
    return text.replace(key, REDACTED) if len(key) >= _SHORTEST_KEY else text


def _failure_of_status(error: openai.APIStatusError) -> ModelFailure:
    by_code = next((_OF_CODE[code] for code in (str(error.code), str(error.type)) if code in _OF_CODE), None)
    if by_code is None and _TOO_LONG.search(_message(error)):
        return ModelFailure.CONTEXT_LENGTH
    return by_code or _by_status(error.status_code)


def _by_status(status: int) -> ModelFailure:
    others = ModelFailure.SERVER_ERROR if status >= _LEAST_SERVER_ERROR else ModelFailure.BAD_REQUEST
    return _OF_STATUS.get(status, others)


def _out_of_time(error: BaseException, where: str, seconds: float) -> ModelError:
    """Name what took the time: the model, or a pause after an answer that the SDK was going to ask again after."""
    advice = "try again later, or raise MODEL_TIMEOUT_SECONDS"
    link: BaseException | None = error
    while link is not None and not isinstance(link, httpx2.HTTPStatusError):
        link = link.__cause__ or link.__context__
    if link is None:
        return ModelError(ModelFailure.TIMEOUT, f"{where} gave no answer within {seconds:g} s; {advice}")
    status = link.response.status_code
    said = f"{where} answered with status {status}, and {seconds:g} s were over before it was to be asked again"
    return ModelError(_by_status(status), f"{said}; {advice}")


def _message(error: Exception) -> str:
    if not isinstance(error, openai.APIStatusError):
        return str(error)
    inner = error.body.get("error", error.body) if isinstance(error.body, dict) else error.body
    # FastAPI, which many servers stand on, says "detail".
    message = inner.get("message") or inner.get("detail") or inner if isinstance(inner, dict) else inner
    return str(message or error.response.reason_phrase or error)
