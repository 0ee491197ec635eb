"""What an OpenAI-compatible endpoint takes, found out by what it refuses.

Everything optional is sent until the endpoint says no; then it is left out for good, which is said once.
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any

logger = logging.getLogger(__name__)

# How settings of prompts are called in a request.
PARAMETERS = {
    "temperature": "temperature",
    "top_p": "top_p",
    "seed": "seed",
    "frequency_penalty": "frequency_penalty",
    "presence_penalty": "presence_penalty",
    "reasoning_effort": "reasoning_effort",
    "max_output_tokens": "max_completion_tokens",
}
_OLDER_NAMES = {"max_completion_tokens": "max_tokens"}
_ROOM_FOR_THE_ANSWER = frozenset({*_OLDER_NAMES, *_OLDER_NAMES.values()})
_WITHOUT = {
    "tools": "answers without tools",
    "json_schema": "is asked for JSON without a schema that binds it",
    "json_object": "is asked for JSON in words only",
}
# What error messages call a feature, most specific first; words that open a name stand for what follows too.
_SPOKEN_OF = (
    (
        "json_schema",
        re.compile(r"json_schema|\bschema\b|structured.output|strict|grammar|response_format", re.IGNORECASE),
    ),
    ("json_object", re.compile(r"json_object|response_format|json mode", re.IGNORECASE)),
    ("tools", re.compile(r"\btools?\b|tool_choice|tool.use|function.call", re.IGNORECASE)),
)
SCHEMA_IN_WORDS = "\n\nThe answer is one JSON object that follows this JSON schema, without any text around it:\n"


class Endpoint:
    """A base URL and a model, with what they are known to refuse."""

    def __init__(self, base_url: str, model: str) -> None:
        """Take the address, as the SDK wants it (`…/v1`), and the name of the model."""
        self.base_url = base_url
        self.model = model
        self._refused: set[str] = set()

    def request(
        self,
        messages: list[dict[str, Any]],
        schema: dict[str, Any],
        settings: dict[str, Any],
        tools: list[dict[str, Any]],
    ) -> dict[str, Any]:
        """Return the arguments of `chat.completions.create`, as far as the endpoint takes them."""
        asked: dict[str, Any] = {"model": self.model, "messages": messages}
        for name, value in settings.items():
            parameter = PARAMETERS[name]
            if parameter in self._refused:
                parameter = _OLDER_NAMES.get(parameter, "")
            if parameter and parameter not in self._refused:
                asked[parameter] = value
        if tools and "tools" not in self._refused:
            asked["tools"] = tools
        return self._with_format(asked, schema)

    def learn(self, error: Any, asked: dict[str, Any], *, is_too_long: bool = False) -> bool:
        """Note what an error of status 400 or 422 refuses; True when a request without it is worth sending.

        Where one text `is_too_long`, the error may count what its tokens are in ("the messages, the schemas, the
        tools"), which refuses none of that; only the room that is kept for the answer can be in the way.
        """
        name = self._refused_by(error, asked)
        if not name or (is_too_long and name not in _ROOM_FOR_THE_ANSWER):
            return False
        if name not in self._refused:  # by what was asked at the same time
            self._refused.add(name)
            what = _WITHOUT.get(name, f"is asked without {name}")
            logger.warning("%s at %s refuses %s and %s from now on: %s", self.model, self.base_url, name, what, error)
        return True

    def _with_format(self, asked: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
        if "json_schema" not in self._refused:
            described = {"name": "answer", "strict": True, "schema": schema}
            return {**asked, "response_format": {"type": "json_schema", "json_schema": described}}
        first, *others = asked["messages"]
        spoken = {**first, "content": first["content"] + SCHEMA_IN_WORDS + json.dumps(schema)}
        asked = {**asked, "messages": [spoken, *others]}
        return asked if "json_object" in self._refused else {**asked, "response_format": {"type": "json_object"}}

    def _refused_by(self, error: Any, asked: dict[str, Any]) -> str:
        """The part of the request that an error speaks of, "" where it speaks of none."""
        text = f"{getattr(error, 'param', None) or ''} {error}"
        sent = [*(name for name in asked if name in {*PARAMETERS.values(), *_OLDER_NAMES.values()}), *_features(asked)]
        named = [name for name in sent if re.search(rf"\b{re.escape(name)}\b", text)]
        spoken = [name for name, pattern in _SPOKEN_OF if name in sent and pattern.search(text)]
        return next(iter((*named, *spoken)), "")


def _features(asked: dict[str, Any]) -> list[str]:
    kind = asked.get("response_format", {}).get("type")
    return [*([kind] if kind else []), *(["tools"] if "tools" in asked else [])]
