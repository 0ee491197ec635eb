from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.mlops.evaluation.recording.places import CasePlace, file_name
from technoshare_commentator.mlops.evaluation.recording.requests import (
    AskedRequest,
    as_body,
    as_content,
    asked,
    differences,
    likeness,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def chat(**body: object) -> AskedRequest:
    return asked("POST", "/v1/chat/completions", "", json.dumps(body).encode())


def test_a_request_is_the_same_wherever_it_is_sent_and_however_its_keys_are_ordered() -> None:
    one = asked("post", "/v1/chat/completions", "", b'{"model": "m", "n": 1}')
    for path in ("/api/v1/chat/completions", "/gateway/team-7/v1beta/chat/completions", "/chat/completions"):
        assert asked("POST", path, "", b'{"n":1,"model":"m"}').digest == one.digest
    assert asked("POST", "/v1/embeddings", "", b'{"model": "m", "n": 1}').digest != one.digest
    assert asked("GET", "/v1/chat/completions", "", b'{"model": "m", "n": 1}').digest != one.digest


def test_parameters_count_but_for_credentials() -> None:
    one = asked("GET", "/v1/models", "limit=2&after=x&api_key=secret", b"")
    assert one.path == "models?after=x&limit=2"
    assert one.digest == asked("GET", "/v1/models", "after=x&key=other&limit=2", b"").digest
    assert one.digest != asked("GET", "/v1/models", "after=x&limit=3", b"").digest


@given(st.binary())
def test_any_content_comes_back_from_a_recording(content: bytes) -> None:
    body = json.loads(json.dumps(as_body(content)))
    again = as_content(body)
    assert again == content or json.loads(again) == json.loads(content)


@given(JSON)
def test_json_comes_back_as_the_same_json(value: object) -> None:
    assert json.loads(as_content(as_body(json.dumps(value).encode()))) == value


@pytest.mark.parametrize("content", [b"null", b'"text"', b"1.0", b'{"base64": "aGk="}', b"{", b"\xff\x00", b""])
def test_what_only_looks_like_a_recording_s_own_words_comes_back_as_it_was(content: bytes) -> None:
    assert as_content(json.loads(json.dumps(as_body(content)))) == content


@given(JSON, JSON)
def test_requests_differ_somewhere_exactly_when_they_are_not_the_same(before: object, after: object) -> None:
    one, other = chat(x=before), chat(x=after)
    assert bool(differences(one, other)) == (one.digest != other.digest) == bool(likeness(one, other))


def test_a_difference_is_told_by_its_place_and_its_first_words() -> None:
    text = "The quick brown fox jumps over the lazy dog, and then it rests for a while under the old tree."
    before = chat(model="a", messages=[{"role": "user", "content": text}], n=1, old=True)
    after = chat(model="a", messages=[{"role": "user", "content": text.replace("lazy", "tired")}], n=2.0, new=[])
    lazy, tired = "'… over the lazy dog, and then it rests fo…'", "'… over the tired dog, and then it rests f…'"
    assert differences(before, after) == [
        f"messages[0].content ({lazy} is now {tired})",
        "n (1 is now 2.0)",
        "old (gone)",
    ]
    longer = chat(model="a", messages=[{"role": "user", "content": text}, {"role": "user", "content": "go on"}], n=1)
    assert differences(before, longer) == ["messages[1] (new)", "old (gone)"]


@given(st.text(), st.text())
def test_file_names_are_safe_and_differ_also_where_case_is_ignored(one: str, other: str) -> None:
    name = file_name(one)
    assert name not in {"", ".", ".."}
    assert not set(name) & set('/\\:*?"<>|\0 []')
    assert len(name) <= 100
    if one != other:
        assert file_name(one).lower() != file_name(other).lower()


def test_a_case_has_a_folder_that_people_can_find() -> None:
    assert CasePlace("words/short-word", "small").folder.as_posix() == "small/words/short-word"
    assert CasePlace("words/short-word", "small", 2).folder.as_posix() == "small/words/short-word/trial-2"
    odd = CasePlace("words/../../etc", "GPT/4", 1).folder
    assert ".." not in odd.parts
    assert not odd.is_absolute()
