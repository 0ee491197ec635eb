from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import AnyExample, Example
from technoshare_commentator.mlops.evaluation.dataset_file import DatasetFile, open_dataset, with_rows

if TYPE_CHECKING:
    from pathlib import Path

ROWS = {"name": "words", "examples": [{"id": "a", "tags": ["x"]}, {"id": "b"}]}
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(STRINGS, inner, max_size=3),
    max_leaves=5,
)
ROW = st.dictionaries(STRINGS, VALUES, max_size=4)
OTHERS = st.dictionaries(STRINGS.filter(lambda key: key != "examples"), VALUES, max_size=2)


def written(folder: Path, text: str | None = None) -> Path:
    path = folder / "words.json"
    path.write_bytes((json.dumps(ROWS, indent=2) if text is None else text).encode())
    return path


def listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@given(
    rows=st.lists(ROW, min_size=1, max_size=3),
    new=st.lists(ROW, max_size=3),
    around=st.tuples(OTHERS, OTHERS),
    indent=st.sampled_from([None, 0, 1, 2, 4, "\t"]),
    ends=st.sampled_from([("\n", ""), ("\n", "\n"), ("\r\n", "\r\n")]),
)
def test_new_rows_stand_behind_the_others_and_nothing_else_changes(
    rows: list[Any], new: list[Any], around: tuple[Any, Any], indent: Any, ends: tuple[str, str]
) -> None:
    def text(rows: list[Any]) -> str:
        content = {**around[0], "examples": rows, **{key: around[1][key] for key in around[1] if key not in around[0]}}
        return json.dumps(content, indent=indent, ensure_ascii=False).replace("\n", ends[0]) + ends[1]

    assert with_rows(text(rows), new) == text([*rows, *new])


def test_a_file_that_people_indented_as_they_liked_stays_as_it_is() -> None:
    text = '{"name":"words","examples":[\n  {"id":"a"},   {"id":"b"}\n\n],\n"version":"1"}'
    assert with_rows(text, [{"id": "c", "n": [1]}]) == (
        '{"name":"words","examples":[\n  {"id":"a"},   {"id":"b"},\n  {\n   "id": "c",\n   "n": [\n    1\n   ]\n  }'
        '\n\n],\n"version":"1"}'
    )


def test_rows_and_their_files_are_written_together(tmp_path: Path) -> None:
    path = written(tmp_path)
    path.chmod(0o640)
    with open_dataset(path, AnyExample) as file:
        assert [example.id for example in file.examples] == ["a", "b"]
        file.append([{"id": "c", "file": "more/c.json"}], {tmp_path / "more" / "c.json": "{}\n"})
    assert [row["id"] for row in json.loads(path.read_text())["examples"]] == ["a", "b", "c"]
    assert (tmp_path / "more" / "c.json").read_text() == "{}\n"
    assert listing(tmp_path) == {"words.json", "more/c.json"}
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_link_to_a_dataset_stays_a_link(tmp_path: Path) -> None:
    path, link = written(tmp_path), tmp_path / "link.json"
    link.symlink_to(path)
    with open_dataset(link, AnyExample) as file:
        file.append([{"id": "c"}], {})
    assert link.is_symlink()
    assert len(json.loads(path.read_text())["examples"]) == 3


@pytest.mark.parametrize(
    ("rows", "files", "message"),
    [
        ([{"id": "a"}], {}, "id 'a' stands twice"),
        ([{"id": "not an id"}], {}, "key 'id'"),
        ([{"id": "c"}], {"there.json": "other"}, r"there\.json' is there already with other content"),
        ([{"id": "c"}], {"there.json/below.json": "x"}, "cannot be written"),
    ],
)
def test_what_cannot_be_added_leaves_everything_as_it_was(
    rows: list[dict[str, object]], files: dict[str, str], message: str, tmp_path: Path
) -> None:
    path = written(tmp_path)
    (tmp_path / "there.json").write_text("as it is")
    before = {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)}
    new = {tmp_path / "new.json": "x", **{tmp_path / name: content for name, content in files.items()}}
    with open_dataset(path, Example) as file, pytest.raises(DatasetError, match=message):
        file.append(rows, new)
    assert {name: (tmp_path / name).read_bytes() for name in listing(tmp_path)} == before


def test_a_file_with_the_same_content_is_taken_as_it_is(tmp_path: Path) -> None:
    path, there = written(tmp_path), tmp_path / "there.json"
    there.write_text("{}\n")
    with open_dataset(path, Example) as file:
        file.append([{"id": "c"}], {there: "{}\n"})
    assert len(json.loads(path.read_text())["examples"]) == 3


def test_a_dataset_that_somebody_saved_meanwhile_keeps_what_they_wrote(tmp_path: Path) -> None:
    path = written(tmp_path)
    with open_dataset(path, Example) as file:
        edited = path.read_text().replace('"b"', '"b2"')
        path.write_text(edited)
        with pytest.raises(DatasetError, match="was changed meanwhile; it stays as it is, try again"):
            file.append([{"id": "c"}], {tmp_path / "c.json": "{}"})
    assert path.read_text() == edited
    assert listing(tmp_path) == {"words.json"}


def test_two_who_add_at_once_wait_for_each_other(tmp_path: Path) -> None:
    path = written(tmp_path)

    def add(name: str) -> None:
        with open_dataset(path, Example) as file:
            file.append([{"id": name}], {})

    threads = [threading.Thread(target=add, args=(f"c{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [row["id"] for row in json.loads(path.read_text())["examples"]]
    assert (ids[:2], sorted(ids[2:])) == (["a", "b"], [f"c{number}" for number in range(8)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON"),
        ('{"name": "x", "examples": []}', "key 'examples'"),
        ('{"name": "x", "examples": [{"id": "a", "nonsense": 1}]}', "key 'nonsense'"),
    ],
)
def test_a_dataset_that_is_malformed_is_not_touched(text: str, message: str, tmp_path: Path) -> None:
    path = written(tmp_path, text)
    with pytest.raises(DatasetError, match=message), open_dataset(path, Example):
        pass
    assert path.read_text() == text


def test_a_dataset_that_is_none_names_the_flag(tmp_path: Path) -> None:
    for path, problem in ((tmp_path / "no.json", "does not exist"), (tmp_path, "is no file")):
        with pytest.raises(DatasetError, match=rf"{problem}; .*--dataset"), open_dataset(path, Example):
            pass
    with pytest.raises(DatasetError, match="cannot be read"):
        DatasetFile(tmp_path, Example)
