"""MLflow's prompt registry, fed from YAML: a prompt becomes a new version only when its content has changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.mlflow_environment import prepare_mlflow

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow import MlflowClient

    from technoshare_commentator.prompts import Prompt

HASH_TAG = "sha256"


@dataclass(frozen=True)
class SyncedPrompt:
    """A prompt's latest version in the registry, and whether this sync made it."""

    name: str
    version: int
    created: bool


def sync_prompts(prompts: Sequence[Prompt], tracking_uri: str) -> Iterator[SyncedPrompt]:
    """Register every prompt whose hash differs from that of its latest version; raises what MLflow raises."""
    prepare_mlflow()
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(tracking_uri=tracking_uri, registry_uri=tracking_uri)
    for prompt in prompts:
        yield _sync(client, prompt)


def _sync(client: MlflowClient, prompt: Prompt) -> SyncedPrompt:
    # MLflow registers whatever it is given, the same content again included, so the latest version is asked first.
    latest = client.load_prompt(f"prompts:/{prompt.name}@latest", allow_missing=True, cache_ttl_seconds=0)
    if latest is not None and latest.tags.get(HASH_TAG) == prompt.sha256:
        return SyncedPrompt(prompt.name, int(latest.version), created=False)
    made = client.register_prompt(
        name=prompt.name,
        template=prompt.template,
        commit_message=prompt.description,
        tags={**prompt.tags, HASH_TAG: prompt.sha256},
        response_format=dict(prompt.output_schema),
    )
    return SyncedPrompt(prompt.name, int(made.version), created=True)
