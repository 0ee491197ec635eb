from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.mlops.evaluation.session_results import CaseRow, SessionResults
from technoshare_commentator.mlops.evaluation.session_run import tags_of_session
from technoshare_commentator.mlops.prompt_links import LINKS_TAG, labels_in_use, links, prompt_tags, versions_in
from technoshare_commentator.mlops.tracking import Tracker

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord

NAMES = st.from_regex(r"[A-Za-z0-9_.-]{1,20}", fullmatch=True)
NUMBERS = st.integers(1, 999).map(str)
HASHES = st.from_regex(r"[0-9a-f]{12}", fullmatch=True)
A = {"prompt_stage_a": "extract/3/0f3a9c2b1d4e"}
B = {"prompt_stage_b": "compose/1/aaaaaaaaaaaa"}


def linked(*tagged: dict[str, str]) -> list[dict[str, str]]:
    return list(json.loads(links(*tagged)[LINKS_TAG]))


@given(NAMES, NUMBERS, HASHES)
def test_a_label_with_a_number_is_a_link(name: str, number: str, sha: str) -> None:
    assert linked({"prompt_x": f"{name}/{number}/{sha}"}) == [{"name": name, "version": number}]


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40)))
def test_tags_of_strangers_are_never_an_error(tags: dict[str, str]) -> None:
    assert set(prompt_tags(tags)) <= set(tags)
    assert versions_in(tags) == versions_in(prompt_tags(tags))


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"prompt_stage_a": "extract/yaml/0f3a9c2b1d4e"},
        {"prompt_stage_a": "extract/0/0f3a9c2b1d4e"},
        {"prompt_stage_a": "extract/latest/0f3a9c2b1d4e"},
        {"prompt_stage_a": "extract/3/"},
        {"prompt_stage_a": "a/b/3/0f3a9c2b1d4e"},
        {"stage_a": "extract/3/0f3a9c2b1d4e"},
    ],
)
def test_what_no_registry_has_seen_or_names_no_prompt_is_not_linked(tags: dict[str, str]) -> None:
    assert links(tags) == {}


def test_links_of_several_are_put_together_each_once_those_that_were_there_first() -> None:
    known = links(B)
    assert linked(known, A, B, A) == [{"name": "compose", "version": "1"}, {"name": "extract", "version": "3"}]
    assert links({**known, **A}) == links(known, A)


@pytest.mark.parametrize("value", ["", "[", "{}", "[1]", '[{"name": "x"}]', "null", "3"])
def test_a_tag_of_links_that_somebody_else_wrote_is_left_out(value: str) -> None:
    assert linked({LINKS_TAG: value, **A}) == [{"name": "extract", "version": "3"}]


def test_a_session_says_every_label_that_its_cases_used() -> None:
    other = {"prompt_stage_a": "extract/4/bbbbbbbbbbbb", "answer": "extract/5/bbbbbbbbbbbb"}
    assert labels_in_use([A, {**A, **B}, other]) == {
        "prompt_stage_a": "extract/3/0f3a9c2b1d4e, extract/4/bbbbbbbbbbbb",
        "prompt_stage_b": "compose/1/aaaaaaaaaaaa",
    }


def test_a_trace_names_the_prompts_of_its_run_and_of_those_inside_it() -> None:
    records: list[RunRecord] = []
    tracker = Tracker(records.append)
    with tracker.run("case", name="case") as run:
        run.tag(B, answer="42")
        with tracker.run("job", name="job", tags=A):
            pass
    (trace,) = records[0].traces
    assert trace.tags == {**A, **B}


def test_a_session_links_to_what_its_cases_used_and_keeps_its_own_tags() -> None:
    cases = tuple(CaseRow(case_id=str(number), example_id="x", run_tags=tags) for number, tags in enumerate((A, B)))
    tags = tags_of_session(SessionResults(cases=cases, tags={"team": "search", **links(B)}))
    assert (tags["team"], tags["prompt_stage_a"]) == ("search", A["prompt_stage_a"])
    assert json.loads(tags[LINKS_TAG]) == linked(A, B)
