"""One session, one run: in an SQLite store, whatever the number of workers."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from foreign_project import Project
    from rich_project import RichRun

ONE_TEST = "\n    @words\n    def test_x(output, check):\n        check(output, shouted)\n"


def test_a_session_is_one_run(rich: RichRun) -> None:
    (run,) = rich.store["runs"]
    tags, metrics = run["tags"], {name: float(points[-1][0]) for name, points in run["metrics"].items()}
    assert run["status"] == "FINISHED"
    assert tags["mlflow.runType"] == "genai_evaluate"
    assert tags["prompt"] == "shout/3"
    assert tags["pytest.exit_status"] == "1"
    assert metrics["cases"] == 21
    assert metrics["cases_passed"] == 16
    assert metrics["brevity/pass_rate"] == pytest.approx(4 / 6)
    assert metrics["broken/pass_rate"] == 0.0
    assert metrics["cost_usd"] == 2.25
    assert sorted(name for name, _, _ in run["datasets"]) == ["odd", "others", "words"]
    assert json.loads(run["artifacts"]["eval_results.json"]) == rich.project.results


def test_there_is_a_trace_for_every_case_and_an_assessment_for_every_score(rich: RichRun) -> None:
    (run,) = rich.store["runs"]
    traces = {trace["id"]: trace for trace in rich.store["traces"]}
    rows = rich.project.results["cases"]
    assert set(traces) == {row["trace_id"] for row in rows}
    for row in rows:
        trace = traces[row["trace_id"]]
        assert trace["run"] == run["key"]
        assert trace["tags"]["eval.example_id"] == row["example_id"]
        assert trace["tags"].get("eval.dataset") == row["dataset"]
        assert trace["tags"]["eval.outcome"] == row["outcome"]
        said = Counter(one["assessment_name"] for one in trace["assessments"])
        assert said == Counter(score["name"] for score in row["scores"])
        assert {one["run"] for one in trace["assessments"]} <= {run["key"]}
    rich.outcome.stdout.fnmatch_lines(
        ["*one run in experiment 'words_eval', 21 traces", "*mlflow ui --backend-store-uri*"]
    )


def test_an_assessment_holds_the_value_or_the_crash(rich: RichRun) -> None:
    row = rich.project.row("test_all[bytes]")
    (trace,) = (trace for trace in rich.store["traces"] if trace["id"] == row["trace_id"])
    said = {one["assessment_name"]: one["feedback"] for one in trace["assessments"]}
    assert said["in_bytes"]["value"] is True
    assert said["quiet"]["value"] == 0.25
    assert said["broken"]["error"]["error_message"] == "ZeroDivisionError: division by zero"


def test_a_closed_port_changes_neither_results_nor_exit_status_and_loses_nothing(
    project: Project, distribution: tuple[str, ...]
) -> None:
    project.tests(ONE_TEST)
    uri = "http://bob:s3cret@127.0.0.1:9"
    result = project.run(*distribution, MLFLOW_ENABLE_TRACKING="true", MLFLOW_TRACKING_URI=uri)
    assert result.ret == 0
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["*MLflow at http://bob@127.0.0.1:9 cannot be reached*", "*technoshare spool ship*"])
    assert "s3cret" not in result.stdout.str() + result.stderr.str()
    waiting = _waiting(project)
    assert len({one["run"]["key"] for one in waiting}) == 1
    assert sum(len(one["run"]["traces"]) for one in waiting) == 3
    assert [one["run"]["end_ns"] is None for one in waiting] == [True] * (len(waiting) - 1) + [False]
    assert len(project.results["cases"]) == 3


def test_a_run_that_no_disk_takes_is_said_to_be_lost(project: Project) -> None:
    project.tests(ONE_TEST)
    refuge = project.folder / "tmp" / f"technoshare-{os.getuid()}"
    refuge.mkdir(parents=True, mode=0o755)
    home = str(project.folder / "pytest.ini" / "home")
    result = project.run(MLFLOW_ENABLE_TRACKING="true", TECHNOSHARE_HOME=home, TMPDIR=str(refuge.parent))
    assert result.ret == 0
    result.stdout.fnmatch_lines(["results: *cannot be written*", "MLflow: the run could not be kept: *"])
    result.stdout.no_fnmatch_line("*spool ship*")


def test_without_tracing_there_is_a_run_but_no_trace(project: Project) -> None:
    project.tests(ONE_TEST)
    off = {"MLFLOW_ENABLE_TRACING": "false", "MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}
    project.run(MLFLOW_ENABLE_TRACKING="true", **off)
    assert [one["run"]["traces"] for one in _waiting(project)] == [[], []]


def test_with_tracking_off_the_results_are_still_written(project: Project) -> None:
    project.tests(ONE_TEST)
    project.run().stdout.fnmatch_lines(["MLflow: off*"])
    assert project.results["metrics"]["pass_rate"] == 1.0
    assert not (project.folder / ".home/spool").exists()


def _waiting(project: Project) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((project.folder / ".home/spool/pending").glob("*.json"))]
