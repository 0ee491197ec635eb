"""The one run of a session, as records: its parts and its end."""

from __future__ import annotations

import json

import pytest

from case_results import SECOND, case, ended, said
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.rows import row_of
from technoshare_commentator.mlops.evaluation.session_results import DatasetRow, SessionResults
from technoshare_commentator.mlops.evaluation.session_run import SessionRun, assessed_traces

RUN = SessionRun("k" * 32, "eval", SECOND)


def test_a_part_has_the_key_of_the_run_and_no_end() -> None:
    part = SessionRun("k" * 32, "eval", SECOND, run_id="r1", shard="2/3").part(assessed_traces([case("a")]))
    assert (part.key, part.name, part.start_ns, part.is_part) == ("k" * 32, "eval", SECOND, True)
    assert (part.run_id, part.shard, part.tags) == ("r1", "2/3", {"mlflow.runType": "genai_evaluate"})
    assert len(part.traces) == 1


def test_the_end_carries_what_the_session_came_to() -> None:
    cases = [case("a", ended()), case("b", ended("failed", said("loud", 1.0)))]
    rows = tuple(map(row_of, cases))
    datasets = (DatasetRow(name="words", version="7", digest="abc", source="words.json"),)
    metrics = {**metrics_of(rows), "unknown": None}
    results = SessionResults(tags={"model": "m"}, metrics=metrics, cases=rows, datasets=datasets)
    run = RUN.end(results, RUN.part(assessed_traces(cases)), 9 * SECOND, "FINISHED")
    assert (run.key, run.end_ns, run.status, run.is_part) == ("k" * 32, 9 * SECOND, "FINISHED", False)
    assert run.tags["mlflow.runType"] == "genai_evaluate"
    assert (run.tags["model"], run.tags["dataset.digest"]) == ("m", "abc")
    assert (run.metrics["pass_rate"], run.metrics["loud/mean"]) == (0.5, 1.0)
    assert "unknown" not in run.metrics
    assert json.loads(run.artifacts["eval_results.json"]) == json.loads(results.model_dump_json())
    assert [one.name for one in run.datasets] == ["words"]


def test_of_several_datasets_none_stands_in_the_tags() -> None:
    datasets = tuple(DatasetRow(name=name, source=f"{name}.json") for name in ("words", "others"))
    run = RUN.end(SessionResults(datasets=datasets), RUN.part([]), SECOND, "FAILED")
    assert [one.name for one in run.datasets] == ["words", "others"]
    assert not [name for name in run.tags if name.startswith("dataset.")]


def test_a_trace_says_which_case_it_is_and_what_became_of_it() -> None:
    found = case("a", ended("error"))
    found.variant, found.trial = "small", 2
    (trace,) = assessed_traces([found])
    assert trace.tags == {
        "eval.example_id": "a",
        "eval.variant": "small",
        "eval.trial": "2",
        "eval.outcome": "error",
        "eval.tag.easy": "true",
        "eval.dataset": "words",
    }


def test_a_case_without_a_trace_is_in_the_results_alone() -> None:
    bare = case("a")
    bare.run = None
    assert assessed_traces([bare]) == []


def keys(*tests: tuple[str, list[str]], trace_id: str = "ab" * 16) -> list[str]:
    found = case("a", *(ended("passed", *map(said, scorers), nodeid=nodeid) for nodeid, scorers in tests))
    assert found.trace is not None
    found.trace.trace_id = trace_id
    (trace,) = assessed_traces([found])
    return [one.key for one in trace.assessments]


def test_an_assessment_has_the_same_id_whenever_it_is_made_so_that_the_later_replaces_the_earlier() -> None:
    assert keys(("t1", ["x", "y"]), ("t2", ["x"])) == keys(("t1", ["x", "y"]), ("t2", ["x"]))
    assert keys(("t2", ["x"])) == keys(("t1", ["x", "y"]), ("t2", ["x"]))[2:]


@pytest.mark.parametrize("trace_id", ["ab" * 16, "cd" * 16])
def test_no_two_assessments_have_one_id(trace_id: str) -> None:
    found = keys(("t1", ["x", "x", "y"]), ("t2", ["x", "y"]), trace_id=trace_id)
    assert len(set(found)) == 5
    assert {len(one) for one in found} == {32}
    assert set(found).isdisjoint(keys(("t1", ["x", "x", "y"]), ("t2", ["x", "y"]), trace_id="ef" * 16))
