"""From the YAML to the registry: a prompt becomes a version when its content is none yet.

The same content never stays as two versions. A prompt is registered only when no version has its hash, and whoever has
registered one looks again: of several with the same content the lowest number stays and the later ones are deleted.
Numbers are given one after the other by the store, so the loser of a race always sees the winner, whichever machines
they run on; a second version exists at most until the sync that made it returns, and one that was left behind by a sync
that got killed goes with the next sync.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.errors import PromptError
from technoshare_commentator.mlops.prompts.mlflow_form import HASH_TAG
from technoshare_commentator.mlops.prompts.stored import CANDIDATE, PROD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from technoshare_commentator.mlops.prompts.registry import PromptRegistry
    from technoshare_commentator.mlops.prompts.stored import RegisteredPrompt, StoredVersion
    from technoshare_commentator.prompts import Prompt

_EXPERIMENTS_TAG = "_mlflow_experiment_ids"  # under whose prompts MLflow's pages list this one


@dataclass(frozen=True)
class SyncedPrompt:
    """Which version has the content of the YAML, whether this sync made it, and which aliases it moved there."""

    name: str
    version: int
    created: bool
    moved: tuple[str, ...] = ()


def sync_prompt(
    registry: PromptRegistry, prompt: Prompt, provenance: Mapping[str, str], experiment: str = ""
) -> SyncedPrompt:
    """See that the content is a version, once, and that `candidate` points to it; `prod` too, where it is not set.

    `experiment` is the one among whose prompts MLflow's pages are to list it, once there is one of that name.
    """
    known = _same_content(registry, prompt) if prompt.name in registry.prompts() else []
    mine = None if known else registry.register(prompt, provenance)
    version, *doubles = known or _given_back(registry, prompt, mine)
    _remove(registry, doubles)
    registered = registry.prompt(prompt.name)
    wanted = [CANDIDATE, *([] if PROD in registered.aliases else [PROD])]
    moved = [alias for alias in wanted if registered.aliases.get(alias) != version.number]
    for alias in moved:
        registry.point(prompt.name, alias, version.number)
    _list_under(registry, registry.experiment_id(experiment) if experiment else "", registered)
    return SyncedPrompt(prompt.name, version.number, version.number == mine, tuple(moved))


def _same_content(registry: PromptRegistry, prompt: Prompt) -> list[StoredVersion]:
    return [version for version in registry.versions(prompt.name) if version.prompt.sha256 == prompt.sha256]


def _given_back(registry: PromptRegistry, prompt: Prompt, number: int | None) -> list[StoredVersion]:
    """The versions with the content that was just registered; a store that changed it would get it ever again."""
    found = _same_content(registry, prompt)
    if not found:
        if number is not None:
            registry.remove(prompt.name, number)
        raise PromptError(
            f"MLflow gives the prompt {prompt.name!r} back with another content than it was given; look for "
            "control characters in its YAML"
        )
    return found


def _remove(registry: PromptRegistry, doubles: Iterable[StoredVersion]) -> None:
    """Delete later versions of a content; those that somebody made by hand or points to are left alone."""
    for double in doubles:
        name, number = double.prompt.name, double.number
        if HASH_TAG in double.tags and number not in registry.prompt(name).aliases.values():
            registry.remove(name, number)


def _list_under(registry: PromptRegistry, experiment_id: str, prompt: RegisteredPrompt) -> None:
    listed = [one for one in prompt.tags.get(_EXPERIMENTS_TAG, "").split(",") if one]
    if experiment_id and experiment_id not in listed:
        registry.tag_prompt(prompt.name, _EXPERIMENTS_TAG, f",{','.join([*listed, experiment_id])},")
