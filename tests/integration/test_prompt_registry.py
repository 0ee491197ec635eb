"""The registry on both kinds of store. Tests share the server, so each has prompts of its own."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from prompt_samples import CONTENTS, prompt
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.prompts.registry import PromptRegistry
from technoshare_commentator.mlops.prompts.syncing import SyncedPrompt, sync_prompt
from technoshare_commentator.mlops.settings import TrackingSettings
from technoshare_commentator.prompts import Prompt, PromptFile

if TYPE_CHECKING:
    from pathlib import Path

    from mlflow import MlflowClient


@pytest.fixture
def registry(store: str, tmp_path: Path) -> PromptRegistry:
    names = {"MLFLOW_TRACKING_URI": store, "TECHNOSHARE_HOME": tmp_path / "home"}
    return PromptRegistry.open(TrackingSettings.model_validate(names))


@pytest.fixture
def client(store: str) -> MlflowClient:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    return MlflowClient(tracking_uri=store, registry_uri=store)


@pytest.fixture
def name() -> str:
    return f"greeting_{secrets.token_hex(4)}"


def sync(registry: PromptRegistry, *prompts: Prompt) -> list[SyncedPrompt]:
    return [sync_prompt(registry, one, {"git.author": "Ada"}) for one in prompts]


def numbers(registry: PromptRegistry, name: str) -> list[int]:
    return [version.number for version in registry.versions(name)]


def test_a_prompt_comes_back_equal_with_all_that_is_said_about_it(registry: PromptRegistry, name: str) -> None:
    synced = prompt(name)
    assert sync(registry, synced) == [SyncedPrompt(name, 1, created=True, moved=("candidate", "prod"))]
    found = registry.version(name, "prod")
    assert found.prompt == synced.model_copy(update={"origin": "1"})
    assert found.prompt.label == f"{name}/1/{synced.version}"
    assert (found.tags["sha256"], found.tags["git.author"], found.tags["stage"]) == (synced.sha256, "Ada", "stage_a")


def test_mlflow_shows_schema_and_settings_as_its_own(registry: PromptRegistry, client: MlflowClient, name: str) -> None:
    sync(registry, prompt(name))
    found = client.get_prompt_version(name, 1)
    assert found is not None
    assert found.response_format == dict(prompt(name).output_schema)
    assert found.model_config == {
        "temperature": 0.0,
        "max_tokens": 300,
        "top_p": 0.5,
        "reasoning_effort": "low",
        "seed": 7,
    }


@settings(
    max_examples=10,
    deadline=None,
    phases=[Phase.generate],  # an example takes a second on a server: to shrink one would take minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(CONTENTS)
def test_whatever_a_file_can_hold_comes_back_equal_and_is_one_version(
    registry: PromptRegistry, content: PromptFile
) -> None:
    made_up = Prompt.of(content.model_copy(update={"name": f"made_up_{secrets.token_hex(6)}"}))
    first, second = sync(registry, made_up, made_up)
    assert (first.version, first.created, second.version, second.created) == (1, True, 1, False)
    assert registry.version(made_up.name, "1").prompt.content == made_up.content


def test_only_another_content_is_another_version(registry: PromptRegistry, name: str) -> None:
    found = sync(registry, prompt(name), prompt(name), prompt(name, "Goodbye."), prompt(name, "Goodbye."))
    assert [(one.version, one.created, one.moved) for one in found] == [
        (1, True, ("candidate", "prod")),
        (1, False, ()),
        (2, True, ("candidate",)),
        (2, False, ()),
    ]
    assert registry.prompt(name).aliases == {"candidate": 2, "prod": 1}


@pytest.mark.parametrize("change", [{"settings": {}}, {"output_schema": {}}, {"tags": {}}, {"description": "other"}])
def test_settings_schema_tags_and_description_are_content_too(
    registry: PromptRegistry, name: str, change: dict[str, Any]
) -> None:
    assert [one.version for one in sync(registry, prompt(name), prompt(name, **change))] == [1, 2]


def test_a_yaml_that_is_turned_back_is_the_older_version_again(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name), prompt(name, "Goodbye."))
    registry.promote(name, 2)
    assert sync(registry, prompt(name)) == [SyncedPrompt(name, 1, created=False, moved=("candidate",))]
    assert registry.prompt(name).aliases == {"candidate": 1, "prod": 2}
    assert numbers(registry, name) == [1, 2]


def test_a_double_that_a_killed_sync_left_behind_goes_with_the_next(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name))
    assert registry.register(prompt(name), {}) == 2
    sync(registry, prompt(name))
    assert numbers(registry, name) == [1]


def test_a_double_that_somebody_uses_or_made_by_hand_stays(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    sync(registry, prompt(name))
    registry.register(prompt(name), {})
    registry.point(name, "team", 2)
    plain = prompt(name, description="", revision="", output_schema={}, settings={}, tags={})
    client.create_prompt_version(name, plain.template)
    client.create_prompt_version(name, plain.template)
    assert [one.version for one in sync(registry, prompt(name), plain)] == [1, 3]
    assert numbers(registry, name) == [1, 2, 3, 4]


def test_rollback_goes_back_step_by_step_and_loses_no_version(registry: PromptRegistry, name: str) -> None:
    sync(registry, *(prompt(name, text) for text in ("one", "two", "three")))
    assert [registry.promote(name, number).before for number in (2, 3, 1)] == [1, 2, 3]
    assert [registry.rollback(name).after for _ in range(3)] == [3, 2, 1]
    with pytest.raises(ConfigurationError, match="was nowhere else than at version 1"):
        registry.rollback(name)
    assert numbers(registry, name) == [1, 2, 3]
    registry.promote(name, 3)
    assert registry.rollback(name).after == 1


def test_a_promotion_to_where_the_alias_is_changes_nothing(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name), prompt(name, "two"))
    registry.promote(name, 2)
    assert registry.promote(name, 2).before == 2
    assert registry.rollback(name).after == 1


def test_an_alias_that_somebody_moved_in_mlflow_is_remembered_by_the_next_promotion(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    sync(registry, *(prompt(name, text) for text in ("one", "two", "three")))
    client.set_prompt_alias(name, "prod", 2)
    registry.promote(name, 3)
    assert registry.rollback(name).after == 2


def test_a_promotion_that_was_broken_off_between_its_writes_does_no_harm(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name), prompt(name, "two"))
    registry.tag_prompt(name, "history.prod", "[1]")  # remembered, and killed before the alias was moved
    with pytest.raises(ConfigurationError, match="nowhere else"):
        registry.rollback(name)
    registry.promote(name, 2)
    assert json.loads(registry.prompt(name).tags["history.prod"]) == [1]
    assert registry.rollback(name).after == 1


def test_rollback_passes_over_a_version_that_is_deleted(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    sync(registry, *(prompt(name, text) for text in ("one", "two", "three")))
    registry.promote(name, 2)
    registry.promote(name, 3)
    client.delete_prompt_version(name, "2")
    assert registry.rollback(name).after == 1


def test_every_alias_has_a_history_of_its_own(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name), prompt(name, "two"))
    assert registry.promote(name, 1, "staging").before is None
    registry.promote(name, 2, "staging")
    registry.promote(name, 2)
    assert registry.rollback(name, "staging").after == 1
    assert registry.prompt(name).aliases == {"candidate": 2, "prod": 2, "staging": 1}


def test_what_there_is_not_is_named_with_what_there_is(registry: PromptRegistry, name: str) -> None:
    sync(registry, prompt(name))
    for reference, message in (
        ("7", "no version 7; the latest is 1"),
        ("prd", "no alias 'prd'; it has candidate, prod"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            registry.version(name, reference)
    with pytest.raises(ConfigurationError, match="no prompt is called 'nobody'"):
        registry.version("nobody", "prod")
    with pytest.raises(ConfigurationError, match="no version 7"):
        registry.promote(name, 7)


def test_a_version_that_is_no_prompt_of_ours_does_not_keep_the_others_from_jobs(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    chat = f"{name}_chat"
    sync(registry, prompt(name))
    client.create_prompt(chat)
    client.create_prompt_version(chat, [{"role": "user", "content": "hi"}])
    client.set_prompt_alias(chat, "prod", 1)
    found = {one.name: one for one in registry.with_alias("prod")}
    assert (name in found, chat in found) == (True, False)
    last = {chat: prompt(chat, origin="9")}
    assert last[chat] in registry.with_alias("prod", last)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        registry.version(chat, "prod")


def test_settings_that_were_edited_in_mlflow_are_another_content(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    sync(registry, prompt(name))
    client.set_prompt_version_tag(name, 1, "_mlflow_prompt_model_config", '{"temperature": 1.5}')
    assert registry.version(name, "1").prompt.sha256 != prompt(name).sha256
    assert sync(registry, prompt(name))[0].version == 2


def test_the_prompt_is_listed_under_the_experiment_once_there_is_one(
    registry: PromptRegistry, client: MlflowClient, name: str
) -> None:
    experiment = f"of {name}"
    sync_prompt(registry, prompt(name), {}, experiment)
    experiment_id = client.create_experiment(experiment)
    for _ in range(2):
        sync_prompt(registry, prompt(name), {}, experiment)
    assert [one.name for one in client.search_prompts(f"experiment_id = '{experiment_id}'")] == [name]
