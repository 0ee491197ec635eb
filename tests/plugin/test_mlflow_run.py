"""One session, one run: in an SQLite store, whatever the number of workers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from store_dump import read_store

if TYPE_CHECKING:
    from foreign_project import Project

SUITE = """
    pytestmark = pytest.mark.eval(dataset="words.json")

    def test_shouted(output, check):
        check(output, shouted)

    def test_brief(output, check):
        check(output, brevity)

    @scorer
    def broken(output):
        return 1 / 0

    def test_broken(output, check):
        check(output, broken)
"""


def test_a_session_is_one_run_with_a_trace_a_case_and_an_assessment_a_score(
    project: Project, distribution: tuple[str, ...], mlflow_store: str
) -> None:
    project.tests(SUITE)
    result = project.run("--eval-experiment", "words_eval", *distribution)
    result.stdout.fnmatch_lines(["*one run in experiment 'words_eval', 3 traces", "*mlflow ui --backend-store-uri*"])
    store = read_store(mlflow_store)
    assert list(store) == ["words_eval"]
    (run,) = store["words_eval"]["runs"]
    traces = store["words_eval"]["traces"]
    check_run(run)
    assert {trace["info"]["tags"]["eval.example_id"] for trace in traces} == {"short-word", "long-word", "two-words"}
    for trace in traces:
        check_trace(trace, run["info"]["run_id"])


def check_run(run: dict[str, Any]) -> None:
    tags, metrics = run["data"]["tags"], run["data"]["metrics"]
    assert run["info"]["status"] == "FINISHED"
    assert tags["mlflow.runType"] == "genai_evaluate"
    assert tags["prompt"] == "shout/3"
    assert (tags["dataset.name"], tags["dataset.version"]) == ("words", "7")
    assert metrics["shouted/pass_rate"] == 1.0
    assert metrics["brevity/pass_rate"] == pytest.approx(2 / 3)
    assert metrics["broken/pass_rate"] == 0.0
    (dataset,) = run["inputs"]["dataset_inputs"]
    assert dataset["dataset"]["name"] == "words"


def check_trace(trace: dict[str, Any], run_id: str) -> None:
    info = trace["info"]
    assert info["trace_metadata"]["mlflow.sourceRun"] == run_id
    assessments = {one["assessment_name"]: one for one in info["assessments"]}
    assert sorted(assessments) == ["brevity", "broken", "shouted"]
    assert assessments["shouted"]["feedback"]["value"] is True
    assert assessments["broken"]["feedback"]["error"]["error_message"] == "ZeroDivisionError: division by zero"
    assert assessments["shouted"]["metadata"]["mlflow.assessment.sourceRunId"] == run_id


def test_a_closed_port_changes_neither_results_nor_exit_status_and_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, distribution: tuple[str, ...]
) -> None:
    project.tracking(monkeypatch, on=True, uri="http://127.0.0.1:9")
    project.tests('@pytest.mark.eval(dataset="words.json")\ndef test_x(output, check):\n    check(output, shouted)')
    result = project.run(*distribution)
    assert result.ret == 0
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*MLflow at http://127.0.0.1:9 cannot be reached*", "*technoshare spool ship*"])
    (waiting,) = (project.folder / ".home/spool/pending").glob("*.json")
    assert len(json.loads(waiting.read_text())["run"]["traces"]) == 3
    assert len(project.rows) == 3


def test_with_tracking_off_the_results_are_still_written(project: Project) -> None:
    project.tests('@pytest.mark.eval(dataset="words.json")\ndef test_x(output, check):\n    check(output, shouted)')
    result = project.run()
    result.stdout.fnmatch_lines(["MLflow: off*"])
    assert project.results["metrics"]["pass_rate"] == 1.0
    assert not (project.folder / ".home/spool").exists()
