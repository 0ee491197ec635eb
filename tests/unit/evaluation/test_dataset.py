from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import Example, load_dataset

if TYPE_CHECKING:
    from pathlib import Path


class Question(Example):
    question: str


def write(folder: Path, content: object) -> Path:
    path = folder / "data.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def rows(*examples: dict[str, Any]) -> dict[str, Any]:
    return {"name": "qa", "examples": list(examples)}


def test_examples_have_the_suite_s_own_type(tmp_path: Path) -> None:
    dataset = load_dataset(write(tmp_path, rows({"id": "a", "question": "why?"})), Question)
    (example,) = dataset.examples
    assert isinstance(example, Question)
    assert example.question == "why?"


def test_without_a_type_the_fields_of_a_row_are_attributes(tmp_path: Path) -> None:
    (example,) = load_dataset(write(tmp_path, rows({"id": "a", "anything": [1, 2]}))).examples
    assert example.anything == [1, 2]  # type: ignore[attr-defined]  # kept from the row


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{", "is not valid JSON"),
        ([], "got []"),
        ({"name": "qa"}, "key 'examples'"),
        (rows(), "key 'examples'"),
        (rows({"question": "x"}), "example #0, key 'id'"),
        (rows({"id": "a b", "question": "x"}), "example 'a b', key 'id'"),
        (rows({"id": "a"}), "example 'a', key 'question'"),
        (rows({"id": "a", "question": "x", "qestion": "y"}), "example 'a', key 'qestion'"),
        (rows({"id": "a", "question": "x"}, {"id": "a", "question": "y"}), "id 'a' stands twice"),
        (rows({"id": "a", "question": "x", "tags": ["not-a-name"]}), "tag 'not-a-name' cannot be a pytest mark"),
        (rows({"id": "a", "question": "x", "tags": ["skip"]}), "tag 'skip' cannot be a pytest mark"),
        (rows({"id": "a", "question": "x", "tags": ["class"]}), "tag 'class' cannot be a pytest mark"),
        (rows({"id": "a", "question": "x", "tags": ["_x"]}), "tag '_x' cannot be a pytest mark"),
        (rows({"id": "a/b", "question": "x"}), "example 'a/b', key 'id'"),
        ({**rows({"id": "a", "question": "x"}), "descripton": "typo"}, "key 'descripton'"),
    ],
)
def test_a_malformed_dataset_is_an_error_that_says_where(tmp_path: Path, content: object, expected: str) -> None:
    with pytest.raises(DatasetError) as caught:
        load_dataset(write(tmp_path, content), Question)
    assert expected in str(caught.value)
    assert "data.json" in str(caught.value)


def test_a_missing_dataset_says_what_paths_are_relative_to(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="relative to the test file"):
        load_dataset(tmp_path / "nowhere.json")


def test_the_digest_follows_the_content_and_not_the_layout(tmp_path: Path) -> None:
    first = write(tmp_path, rows({"id": "a", "question": "x"}))
    reordered = tmp_path / "reordered.json"
    reordered.write_text(json.dumps({"examples": [{"question": "x", "id": "a"}], "name": "qa"}, indent=4))
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(rows({"id": "a", "question": "y"})))
    digests = [load_dataset(path, Question).digest for path in (first, reordered, changed)]
    assert digests[0] == digests[1] != digests[2]


def test_a_row_that_holds_a_whole_page_does_not_fill_the_message(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        load_dataset(write(tmp_path, rows({"id": "a", "page": "x" * 100_000})), Question)
    assert len(str(caught.value)) < 1000


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read: Is a directory"):
        load_dataset(tmp_path)
