"""What MLflow would refuse is made acceptable, and nothing of it is lost."""

from __future__ import annotations

import posixpath
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from technoshare_commentator.mlops.mlflow_repair import (
    MAX_KEY_LENGTH,
    MAX_NAME_LENGTH,
    MAX_PARAM_LENGTH,
    MAX_TAG_LENGTH,
    repaired,
)
from technoshare_commentator.mlops.records import AssessmentRecord, RunRecord, SpanRecord, TraceRecord

# The rules of MLflow 3 for the names of tags, params and metrics (`mlflow/utils/validation.py`).
VALID_NAME = re.compile(r"^[/\w.\- :]*$")


def job(**fields: object) -> RunRecord:
    return RunRecord(**{"name": "job", "kind": "job", **fields})  # type: ignore[arg-type]  # each test sets its own


def is_valid_key(key: str) -> bool:
    return bool(
        VALID_NAME.match(key)
        and len(key) <= MAX_KEY_LENGTH
        and posixpath.normpath(key) == key
        and key not in {"", "."}
        and not key.startswith(("..", "/"))
    )


def test_what_is_acceptable_stays_as_it_is() -> None:
    trace = TraceRecord("ab" * 16, [SpanRecord("ab" * 8, None, "root", 1, 2)], tags={"eval.tag.x": "true"})
    record = job(
        tags={"mlflow.source.git.commit": "abc", "note": "ä€𝄞"},
        params={"temperature": "0.2"},
        metrics={"latency_seconds/p50": 1.5},
        artifacts={"pages/evidence.json": "{}"},
        traces=[trace],
    )
    assert repaired(record) == record


def test_long_values_are_cut_and_stand_whole_in_an_artifact() -> None:
    result = repaired(job(tags={"t": "x" * 6000}, params={"p": "y" * 7000}))
    assert len(result.tags["t"]) == MAX_TAG_LENGTH
    assert result.tags["t"].endswith("… [6000 characters, whole in truncated/]")
    assert len(result.params["p"]) == MAX_PARAM_LENGTH
    assert result.artifacts == {"truncated/tag_t.txt": "x" * 6000, "truncated/param_p.txt": "y" * 7000}


def test_values_of_just_the_limit_are_not_cut() -> None:
    record = job(tags={"t": "x" * MAX_TAG_LENGTH}, params={"p": "y" * MAX_PARAM_LENGTH})
    assert repaired(record) == record


def test_traces_and_assessments_are_repaired_with_their_run() -> None:
    trace = TraceRecord(
        "ab" * 16,
        [],
        tags={"a?": "x" * 9000},
        metadata={"a?": "y" * 9000},
        assessments=[AssessmentRecord("n" * 300, 1.0, rationale="\x00" + "z" * 20_000, key="k1")],
    )
    result = repaired(job(traces=[trace]))
    (mended,) = result.traces
    assert [len(value) for value in (*mended.tags.values(), *mended.metadata.values())] == [MAX_TAG_LENGTH] * 2
    assert (*mended.tags, *mended.metadata) == ("a_", "a_")
    (assessment,) = mended.assessments
    assert (len(assessment.name), len(assessment.rationale), assessment.key) == (MAX_NAME_LENGTH, 10_000, "k1")
    whole = {content[1]: len(content) for content in result.artifacts.values()}
    assert whole == {"x": 9000, "y": 9000, "z": 20_001}


def test_nul_which_postgresql_cannot_hold_becomes_visible() -> None:
    trace = TraceRecord("ab" * 16, [], tags={"t": "a\x00"}, assessments=[AssessmentRecord("n\x00", 1.0)])
    result = repaired(job(name="job\x00", tags={"t": "a\x00b"}, params={"p": "\x00"}, traces=[trace]))
    assert (result.name, result.tags, result.params) == ("job\ufffd", {"t": "a\ufffdb"}, {"p": "\ufffd"})
    assert result.traces[0].tags == {"t": "a\ufffd"}
    assert result.traces[0].assessments[0].name == "n\ufffd"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a?b*c", "a_b_c"),
        ("a//b", "a/b"),
        ("/absolute", "absolute"),
        ("../../etc/passwd", "etc/passwd"),
        ("a/../b/./c", "a/b/c"),
        ("trailing/", "trailing"),
        ("x" * 249 + "/tail", "x" * 249),
        ("", "unnamed"),
        ("..", "unnamed"),
        (" / ", "unnamed"),
        ("\x00", "_"),
        ("größe/π", "größe/π"),
    ],
)
def test_names_become_what_mlflow_takes(name: str, expected: str) -> None:
    result = repaired(job(tags={name: "1"}, metrics={name: 1.0}, params={name: "1"}))
    assert list(result.tags) == list(result.metrics) == list(result.params) == [expected]


def test_names_that_become_the_same_are_numbered_so_that_nothing_is_overwritten() -> None:
    result = repaired(job(metrics={"a?": 1.0, "a*": 2.0, "a_": 3.0, "x" * 300: 4.0, "x" * 299: 5.0}))
    assert result.metrics == {"a_": 1.0, "a__2": 2.0, "a__3": 3.0, "x" * 250: 4.0, "x" * 248 + "_2": 5.0}


@given(names=st.lists(st.text(max_size=300) | st.text("./ ab?", max_size=12), max_size=6, unique=True))
@settings(max_examples=200, deadline=None)
def test_whatever_the_names_are_mlflow_takes_them_and_none_is_lost(names: list[str]) -> None:
    values = {name: f"value {number}" for number, name in enumerate(names)}
    result = repaired(job(tags=values, artifacts=values, params=values))
    for kept in (result.tags, result.params, result.artifacts):
        assert sorted(kept.values()) == sorted(values.values())
        assert [key for key in kept if not is_valid_key(key)] == []
    for path in result.artifacts:
        assert all(len(part.encode()) <= 255 for part in path.split("/"))


@given(name=st.text(max_size=400))
@settings(max_examples=100, deadline=None)
def test_a_run_always_has_a_name(name: str) -> None:
    assert 0 < len(repaired(job(name=name)).name) <= MAX_NAME_LENGTH
