"""What a job uses, without a registry: the copy on disk, or else the YAML."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from prompt_samples import prompt
from technoshare_commentator.errors import PromptError
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder
from technoshare_commentator.mlops.prompts.store import PromptStore
from technoshare_commentator.mlops.settings import TrackingSettings
from technoshare_commentator.prompts import context_as_prompt, load_project_context

if TYPE_CHECKING:
    from pathlib import Path

YAML = "name: greeting\ndescription: says hello\ntemplate: Hello from the YAML.\noutput_schema: {}\n"


@pytest.fixture
def tracking(tmp_path: Path) -> TrackingSettings:
    """A store that is not there, so that no process is started to read it."""
    names = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow.db", "TECHNOSHARE_HOME": tmp_path / "home"}
    return TrackingSettings.model_validate(names)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "greeting.yaml").write_text(YAML)
    return tmp_path


@pytest.fixture
def disk(tracking: TrackingSettings) -> SnapshotFolder:
    return SnapshotFolder(tracking.home, tracking.uri)


@pytest.fixture
def store(tracking: TrackingSettings, directory: Path) -> PromptStore:
    return PromptStore(tracking, directory=directory)


def test_without_a_registry_it_is_the_yaml(store: PromptStore, tmp_path: Path) -> None:
    assert store.current("greeting").label.startswith("greeting/yaml/")
    assert not (tmp_path / "mlflow.db").exists()
    assert not (tmp_path / "home").exists()


def test_what_this_machine_saw_goes_before_the_yaml(store: PromptStore, disk: SnapshotFolder) -> None:
    disk.write("prod", [prompt(origin="3")])
    assert store.current("greeting") == prompt(origin="3")


def test_a_new_copy_counts_from_the_next_call_on(store: PromptStore, disk: SnapshotFolder) -> None:
    for number in ("3", "4", "3"):
        disk.write("prod", [prompt(template=f"Hello {number}.", origin=number)])
        assert store.current("greeting").origin == number


def test_a_prompt_that_lost_its_alias_is_the_yaml_again(store: PromptStore, disk: SnapshotFolder) -> None:
    disk.write("prod", [prompt(origin="3")])
    store.current("greeting")
    disk.write("prod", [])
    assert store.current("greeting").origin == "yaml"


def test_a_damaged_note_of_the_last_error_stops_no_job(store: PromptStore, disk: SnapshotFolder) -> None:
    disk.write("prod", [prompt(origin="3")])
    (disk.path / "prod.error").write_bytes(b"\xff\xfe")
    assert store.current("greeting").origin == "3"


@pytest.mark.parametrize("damage", [b"{", b""])
def test_a_damaged_copy_leaves_the_last_good_one_in_use(
    store: PromptStore, disk: SnapshotFolder, caplog: pytest.LogCaptureFixture, damage: bytes
) -> None:
    disk.write("prod", [prompt(origin="3")])
    store.current("greeting")
    disk.file("prod").write_bytes(damage)
    assert store.current("greeting").origin == "3"
    assert store.current("greeting").origin == "3"
    assert caplog.text.count("cannot be used") == 1


def test_a_copy_that_is_gone_leaves_the_last_good_one_in_use(store: PromptStore, disk: SnapshotFolder) -> None:
    disk.write("prod", [prompt(origin="3")])
    store.current("greeting")
    disk.file("prod").unlink()
    assert store.current("greeting").origin == "3"


def test_a_damaged_copy_that_nobody_has_read_leaves_the_yaml(store: PromptStore, disk: SnapshotFolder) -> None:
    disk.path.mkdir(parents=True)
    disk.file("prod").write_text("{")
    assert store.current("greeting").origin == "yaml"


def test_the_alias_decides(tracking: TrackingSettings, directory: Path, disk: SnapshotFolder) -> None:
    disk.write("prod", [prompt(origin="3")])
    disk.write("staging", [prompt(origin="4")])
    found = {
        alias: PromptStore(tracking, alias=alias, directory=directory).current("greeting").origin
        for alias in ("prod", "staging", "yaml")
    }
    assert found == {"prod": "3", "staging": "4", "yaml": "yaml"}


def test_the_themes_are_versioned_with_the_prompts(store: PromptStore, disk: SnapshotFolder) -> None:
    context = load_project_context()
    fewer = context.model_copy(update={"themes": context.themes[:2]})
    stored = context_as_prompt(fewer)
    disk.write("prod", [stored.model_copy(update={"origin": "5"})])
    assert store.project_context() == fewer


def test_a_prompt_that_is_nowhere_is_an_error(store: PromptStore) -> None:
    with pytest.raises(PromptError, match="PROMPTS_DIR"):
        store.current("farewell")


def test_which_one_is_used_is_said_once_until_it_changes(
    store: PromptStore, disk: SnapshotFolder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for number in (None, "3", "4"):
        if number:
            disk.write("prod", [prompt(origin=number)])
        store.current("greeting")
        store.current("greeting")
    said = [record.getMessage().split(":")[1].split(" is used")[0].split("/")[1] for record in caplog.records]
    assert said == ["yaml", "3", "4"]


def test_a_registry_that_cannot_be_read_is_a_warning_with_the_reason_once(
    store: PromptStore, disk: SnapshotFolder, caplog: pytest.LogCaptureFixture
) -> None:
    disk.write("prod", [prompt(origin="3")])
    disk.failed("prod", "the server is down")
    assert [store.current("greeting").origin for _ in range(3)] == ["3"] * 3
    (record,) = caplog.records
    assert (record.levelname, "the server is down" in record.getMessage()) == ("WARNING", True)
