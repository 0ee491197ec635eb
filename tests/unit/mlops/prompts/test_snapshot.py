"""The copy of the registry on disk."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from prompt_samples import CONTENTS, prompt
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.prompts.snapshot import SnapshotFolder
from technoshare_commentator.prompts import Prompt, PromptFile

if TYPE_CHECKING:
    from collections.abc import Mapping

STORE = "http://127.0.0.1:5000"


@pytest.fixture
def folder(tmp_path: Path) -> SnapshotFolder:
    return SnapshotFolder(tmp_path, STORE)


@settings(deadline=None, max_examples=50)
@given(CONTENTS)
def test_what_is_read_equals_what_was_written(content: PromptFile) -> None:
    with tempfile.TemporaryDirectory() as home:
        folder = SnapshotFolder(Path(home), STORE)
        written = Prompt.of(content, origin="3")
        folder.write("prod", [written])
        folder.keep_version(written)
        assert folder.read("prod").prompts == {written.name: written}
        assert folder.kept_version(written.name, "3") == written


def test_every_store_and_every_alias_has_prompts_of_its_own(tmp_path: Path, folder: SnapshotFolder) -> None:
    folder.write("prod", [prompt(origin="1")])
    folder.write("candidate", [prompt(origin="2")])
    other = SnapshotFolder(tmp_path, "http://127.0.0.1:5001")
    other.write("prod", [prompt(origin="9")])
    found = [one.read(alias).prompts["greeting"].origin for one, alias in ((folder, "prod"), (folder, "candidate"))]
    assert (found, other.read("prod").prompts["greeting"].origin) == (["1", "2"], "9")


def test_a_password_in_the_address_reaches_neither_the_disk_nor_the_folder_s_name(tmp_path: Path) -> None:
    one = SnapshotFolder(tmp_path, "postgresql://ada:secret@db/mlflow")
    one.write("prod", [prompt(origin="1")])
    assert one.path == SnapshotFolder(tmp_path, "postgresql://ada:other@db/mlflow").path
    assert b"secret" not in one.file("prod").read_bytes()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"read_at": 1, "prompts": [{}]}', b"null", b"\xff"])
def test_a_damaged_file_is_a_value_error(folder: SnapshotFolder, damage: bytes) -> None:
    folder.write("prod", [prompt(origin="1")])
    folder.file("prod").write_bytes(damage)
    with pytest.raises(ValueError, match=r".+"):
        folder.read("prod")


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"{}", b'{"version": "1"}', b"null", b"\xff"])
def test_a_damaged_version_is_none(folder: SnapshotFolder, damage: bytes) -> None:
    folder.keep_version(prompt(origin="1"))
    (file,) = (folder.path / "versions").iterdir()
    file.write_bytes(damage)
    assert folder.kept_version("greeting", "1") is None


def test_a_prompt_on_disk_is_called_by_what_it_holds(folder: SnapshotFolder) -> None:
    folder.write("prod", [prompt(origin="1")])
    file = folder.file("prod")
    file.write_text(file.read_text().replace("Hello", "Goodbye"))
    found = folder.read("prod").prompts["greeting"]
    assert found.sha256 == prompt(template="Goodbye {{ name }}.").sha256


def test_a_success_forgets_the_last_error(folder: SnapshotFolder) -> None:
    assert folder.last_error("prod") == ""
    folder.failed("prod", "the server is down")
    assert folder.last_error("prod") == "the server is down"
    folder.write("prod", [])
    assert folder.last_error("prod") == ""


def test_an_update_is_told_what_lies_there(folder: SnapshotFolder) -> None:
    asked: list[tuple[str, dict[str, Prompt]]] = []

    def ask(alias: str, last: Mapping[str, Prompt]) -> list[Prompt]:
        asked.append((alias, dict(last)))
        return [prompt(origin=str(len(asked)))]

    folder.update("prod", ask)
    folder.update("prod", ask)
    assert asked == [("prod", {}), ("prod", {"greeting": prompt(origin="1")})]
    assert folder.read("prod").prompts["greeting"].origin == "2"


def test_a_version_that_was_never_kept_or_is_damaged_is_none(folder: SnapshotFolder) -> None:
    assert folder.kept_version("greeting", "1") is None
    folder.keep_version(prompt(origin="1"))
    for file in (folder.path / "versions").iterdir():
        file.write_text("{")
    assert folder.kept_version("greeting", "1") is None


def test_who_does_not_wait_for_the_lock_learns_that_another_has_it(folder: SnapshotFolder) -> None:
    with folder.lock("x") as first, folder.lock("x", wait=False) as second:
        assert (first, second) == (True, False)
    with folder.lock("x", wait=False) as again:
        assert again


@pytest.mark.parametrize("alias", ["latest", "3", "../prod", ""])
def test_what_is_no_alias_is_an_error_that_names_it(folder: SnapshotFolder, alias: str) -> None:
    with pytest.raises(ConfigurationError, match="is no alias"):
        folder.file(alias)
