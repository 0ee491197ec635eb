"""What the registry has, as plain values: prompts with their aliases, versions, moves of an alias."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.prompts.mlflow_form import prompt_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlflow.entities.model_registry import PromptVersion, RegisteredModel

    from technoshare_commentator.prompts import Prompt

PROD = "prod"
CANDIDATE = "candidate"
LATEST = "latest"


@dataclass(frozen=True)
class StoredVersion:
    """A version as the registry has it; `created_ms` since the epoch."""

    prompt: Prompt
    tags: Mapping[str, str]
    created_ms: int

    @classmethod
    def of(cls, raw: PromptVersion) -> StoredVersion:
        """Read MLflow's; raises `PromptError` for one that cannot be used as a prompt."""
        return cls(prompt_of(raw), dict(raw.tags), int(raw.creation_timestamp or 0))

    @property
    def number(self) -> int:
        """Which version it is, counted from one."""
        return int(self.prompt.origin)

    def rolled_back(self, alias: str) -> str:
        """When the alias was taken away from it by a rollback, as ISO 8601; empty where it was not, or given back."""
        return self.tags.get(rolled_back_tag(alias), "")


@dataclass(frozen=True)
class RegisteredPrompt:
    """A prompt of the registry: which versions its aliases point to, and its tags."""

    name: str
    latest: int
    aliases: Mapping[str, int] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, model: RegisteredModel) -> RegisteredPrompt:
        """Read MLflow's, which keeps prompts among its models."""
        return cls(
            name=str(model.name),
            latest=max((int(version.version) for version in model.latest_versions or ()), default=0),
            aliases={alias: int(number) for alias, number in model.aliases.items()},
            tags=dict(model._tags),  # noqa: SLF001 - `tags` leaves out those of prompts
        )

    def history(self, alias: str) -> list[int]:
        """Where the alias was, the last one last; empty where somebody has written something else into the tag."""
        try:
            return [int(number) for number in json.loads(self.tags.get(history_tag(alias), "[]"))]
        except (ValueError, TypeError):
            return []


@dataclass(frozen=True)
class Move:
    """An alias that was moved; equal versions where it was there already."""

    name: str
    alias: str
    before: int | None
    after: int


def history_tag(alias: str) -> str:
    """The tag of a prompt that keeps where an alias was."""
    return f"history.{alias}"


def rolled_back_tag(alias: str) -> str:
    """The tag of a version that tells when a rollback took the alias away from it."""
    return f"{alias}.rolled_back"
