"""One session, one run: in an SQLite store, whatever the number of workers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

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


@pytest.fixture(scope="module", autouse=True)
def _mlflow_is_imported() -> None:
    """Import it before pytester notes what is imported: it would forget half of it after a test."""
    import mlflow  # noqa: F401, PLC0415 - takes seconds, so only where it is needed


def read_store(database: Path) -> dict[str, list[Any]]:
    """Return runs and traces by experiment."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(tracking_uri=f"sqlite:///{database}")
    experiments = {found.name: found.experiment_id for found in client.search_experiments()}
    return {
        name: [client.search_runs([identifier]), client.search_traces(locations=[identifier])]
        for name, identifier in experiments.items()
        if name != "Default"
    }


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_a_session_is_one_run_with_a_trace_a_case_and_an_assessment_a_score(
    project: Project, distribution: tuple[str, ...], mlflow_store: Path
) -> None:
    project.tests(SUITE)
    result = project.run("--eval-experiment", "words_eval", *distribution)
    result.stdout.fnmatch_lines(["*one run in experiment 'words_eval', 3 traces", "*mlflow ui --backend-store-uri*"])
    store = read_store(mlflow_store)
    assert list(store) == ["words_eval"]
    (run,), traces = store["words_eval"]
    assert run.info.status == "FINISHED"
    assert run.data.tags["mlflow.runType"] == "genai_evaluate"
    assert run.data.tags["prompt"] == "shout/3"
    assert (run.data.tags["dataset.name"], run.data.tags["dataset.version"]) == ("words", "7")
    assert run.data.metrics["shouted/pass_rate"] == 1.0
    assert run.data.metrics["brevity/pass_rate"] == pytest.approx(2 / 3)
    assert run.data.metrics["broken/pass_rate"] == 0.0
    assert run.inputs.dataset_inputs[0].dataset.name == "words"
    assert {trace.info.tags["eval.example_id"] for trace in traces} == {"short-word", "long-word", "two-words"}
    for trace in traces:
        assert trace.info.trace_metadata["mlflow.sourceRun"] == run.info.run_id
        assessments = {one.name: one for one in trace.info.assessments}
        assert sorted(assessments) == ["brevity", "broken", "shouted"]
        assert assessments["shouted"].value is True
        assert assessments["broken"].error.error_message == "ZeroDivisionError: division by zero"
        assert assessments["shouted"].metadata["mlflow.assessment.sourceRunId"] == run.info.run_id


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
