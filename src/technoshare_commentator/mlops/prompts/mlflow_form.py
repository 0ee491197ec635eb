"""A prompt in MLflow's terms and back: what is read from the registry equals what was synced into it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from technoshare_commentator.errors import PromptError
from technoshare_commentator.prompts import Prompt, PromptFile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities.model_registry import PromptVersion

HASH_TAG = "sha256"
_YAML_TAGS = "yaml.tags"  # those of the file, whole: a version also has tags of ours, of MLflow's, of people's
_REVISION = "yaml.revision"  # MLflow's prompts have one text
_THEIR_NAMES = {"max_output_tokens": "max_tokens"}
_OUR_NAMES = {theirs: ours for ours, theirs in _THEIR_NAMES.items()}


def version_fields(prompt: Prompt, provenance: Mapping[str, str]) -> dict[str, Any]:
    """Return what `create_prompt_version` wants; `provenance` are tags that say where the prompt came from."""
    ours = {**provenance, HASH_TAG: prompt.sha256, _YAML_TAGS: json.dumps(dict(prompt.tags), sort_keys=True)}
    if prompt.revision:
        ours[_REVISION] = prompt.revision
    return {
        "name": prompt.name,
        "template": prompt.template,
        "description": prompt.description,
        "tags": {**prompt.tags, **ours},
        "response_format": dict(prompt.output_schema) or None,
        "model_config": {_THEIR_NAMES.get(name, name): value for name, value in prompt.settings.items()} or None,
    }


def prompt_of(version: PromptVersion) -> Prompt:
    """Return a version as a prompt, its hash that of its content now; raises `PromptError` for one that is none."""
    settings = version.model_config or {}
    try:
        content = PromptFile(
            name=version.name,
            description=version.commit_message or "",
            template=version.template,  # of another type where somebody made a chat prompt
            revision=version.tags.get(_REVISION, ""),
            output_schema=version.response_format or {},
            settings={_OUR_NAMES.get(name, name): value for name, value in settings.items()},
            tags=json.loads(version.tags.get(_YAML_TAGS, "{}")),
        )
    except (ValidationError, ValueError) as error:
        reason = _first_line(error)
        raise PromptError(
            f"version {version.version} of the prompt {version.name!r} in the registry cannot be used ({reason}); "
            "make versions with 'technoshare prompts sync'"
        ) from error
    return Prompt.of(content, origin=str(version.version))


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error).splitlines()[0]
