"""Sessions that are killed or broken off and go on later, and those scored anew: nothing is paid for twice."""

from __future__ import annotations

import os
import signal
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import Project
from rich_project import RichRun
from shared_run import heard, once, told
from slow_project import SHOUTED, examples, finished, noted, slow_down
from waiting import until, until_gone

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

COUNT = 30
TRACKED = {"MLFLOW_ENABLE_TRACKING": "true"}
EXPERIMENT = ("--eval-experiment", "words_eval")
STRICTER = """
    @scorer
    def shouted(output):
        return Score("shouted", False, False, rationale="never loud enough")

    @words
    def test_shouted(output, check):
        check(output, shouted)
"""


def kill(process: subprocess.Popen[str]) -> None:
    """Kill a session without a word, and wait until none of its processes is left."""
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    until_gone(process.pid)


def session_ids(project: Project) -> list[str]:
    return sorted(path.name for path in (project.folder / ".home/evals/sessions").iterdir())


@dataclass
class Life:
    """A session that was killed when so many cases had finished, resumed, and then scored anew.

    Of the first two examples one had failed, and the other has changed meanwhile.
    """

    project: Project
    before: list[str]
    calls: Counter[str]
    resumed: dict[str, Any]
    rescored: dict[str, Any]
    outcomes: list[pytest.RunResult]


def live(folder: Path, arguments: tuple[str, ...], at: int, environment: dict[str, str]) -> list[Any]:
    project = Project(folder / "words").fill()
    slow_down(project, 0.35)
    examples(project, COUNT, e00="boom", e01="hi")
    project.tests(SHOUTED)
    process = project.start("--eval-concurrency", "3", *EXPERIMENT, *arguments, **environment)
    until(lambda: len(finished(project)) >= at)
    kill(process)
    before = [name for name in finished(project) if name != "e01"]
    examples(project, COUNT, e00="better", e01="ho")
    outcomes = [project.run("--eval-resume", *EXPERIMENT, *arguments, **environment)]
    calls, resumed = Counter(noted(project.folder, "calls.txt")), project.results
    project.tests(STRICTER)
    outcomes.append(project.run("--eval-rescore", resumed["session_id"], *EXPERIMENT, *arguments, **environment))
    return [before, calls, resumed, project.results, [told(outcome) for outcome in outcomes]]


def lived(temporary: pytest.TempPathFactory, name: str, *how: Any) -> Life:
    folder, found = once(temporary, name, lambda folder: live(folder, *how))
    before, calls, resumed, rescored, outcomes = found
    return Life(Project(folder / "words"), before, Counter(calls), resumed, rescored, list(map(heard, outcomes)))


@pytest.fixture(scope="module")
def tracked(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """In one process and with a store; some of the first session's traces are there before it dies."""
    return lived(tmp_path_factory, "tracked", (), 23, TRACKED)


@pytest.fixture(scope="module", params=["plain", "n2"])
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The same, and on two workers without a store, whose controller alone is killed."""
    if request.param == "plain":
        found: Life = request.getfixturevalue("tracked")
        return found
    return lived(tmp_path_factory, "workers", ("-n", "2"), 12, {})


def test_no_finished_case_is_run_again(life: Life) -> None:
    assert 12 <= len(life.before) < COUNT
    # The task says that it is done a moment before that is written down; each of two processes may die in between.
    assert sum(life.calls[name] > 1 for name in life.before) <= 2
    assert max(life.calls.values()) == 2
    assert set(life.calls) == {f"e{number:02}" for number in range(COUNT)}
    assert (life.calls["e00"], life.calls["e01"]) == (2, 2)
    assert sum(life.calls.values()) <= COUNT + 2 + 2 * 3  # what was in flight had begun and has to begin again


def test_a_resumed_session_is_complete_and_the_same_session(life: Life) -> None:
    life.outcomes[0].assert_outcomes(passed=COUNT)
    assert life.outcomes[0].ret == 0
    assert sorted(row["example_id"] for row in life.resumed["cases"]) == sorted(life.calls)
    assert {len(row["scores"]) for row in life.resumed["cases"]} == {1}
    assert life.resumed["session_id"] == session_ids(life.project)[0]
    assert min(row["latency_seconds"] for row in life.resumed["cases"]) > 0.3  # as it was when they ran
    assert life.resumed["metrics"]["pass_rate"] == 1.0


def test_scoring_anew_runs_nothing_and_uses_the_scorers_of_today(life: Life) -> None:
    life.outcomes[1].assert_outcomes(failed=COUNT)
    assert Counter(noted(life.project.folder, "calls.txt")) == life.calls
    scores = [score for row in life.rescored["cases"] for score in row["scores"]]
    assert {(one["name"], one["passed"], one["rationale"]) for one in scores} == {
        ("shouted", False, "never loud enough")
    }
    assert len(scores) == COUNT
    assert life.rescored["session_id"] == session_ids(life.project)[1]


def test_what_was_resumed_is_one_run_with_a_trace_for_every_case_and_what_was_scored_anew_another(
    tracked: Life,
) -> None:
    store = RichRun(tracked.project, tracked.outcomes[1]).store
    assert [run["status"] for run in store["runs"]] == ["FINISHED"] * 2
    runs = {run["name"]: run["key"] for run in store["runs"]}
    for results, outcome in ((tracked.resumed, "passed"), (tracked.rescored, "failed")):
        traces = [trace for trace in store["traces"] if trace["run"] == runs[results["run_name"]]]
        assert sorted(trace["tags"]["eval.example_id"] for trace in traces) == sorted(tracked.calls)
        assert {trace["id"] for trace in traces} == {row["trace_id"] for row in results["cases"]}
        assert {trace["tags"]["eval.outcome"] for trace in traces} == {outcome}
        assert {len(trace["assessments"]) for trace in traces} == {1}
        assert {len(trace["spans"]) for trace in traces} == {1}
    for session in tracked.outcomes:
        session.stdout.fnmatch_lines([f"MLflow: one run in experiment 'words_eval', {COUNT} traces"])
        session.stdout.no_fnmatch_line("*MLflow holds*")


def test_some_of_it_was_in_the_store_before_the_session_died(tracked: Life) -> None:
    shipped = (tracked.project.folder / ".home/spool/shipped.jsonl").read_text().splitlines()
    assert len(shipped) > 2 * 2  # more than the beginning and the end of either run


# Broken off by hand


def test_after_ctrl_c_only_what_is_missing_has_failed_or_has_changed_is_run(project: Project) -> None:
    slow_down(project, 0.4)
    examples(project, 12, e01="boom", e02="hi")
    project.tests(SHOUTED)
    process = project.start("--eval-concurrency", "2")
    until(lambda: len(finished(project)) >= 6)
    os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == pytest.ExitCode.INTERRUPTED
    (session,) = session_ids(project)
    assert f"--eval-resume {session}" in output
    before = finished(project)
    examples(project, 12, e01="better", e02="ho")
    result = project.run("--eval-resume", session)
    result.assert_outcomes(passed=12)
    calls = Counter(noted(project.folder, "calls.txt"))
    assert (calls["e01"], calls["e02"]) == (2, 2)
    assert {calls[name] for name in before if name != "e02"} == {1}  # nobody is killed: what is done is written down
    assert project.results["session_id"] == session
    assert [row["example_id"] for row in project.results["cases"]] == [f"e{number:02}" for number in range(12)]


@pytest.mark.parametrize("flag", ["--eval-resume", "--eval-rescore"])
def test_a_session_that_there_is_not_is_a_usage_error(project: Project, flag: str) -> None:
    project.tests(SHOUTED)
    result = project.run(flag, "2026-01-05")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: there is no session '2026-01-05' in *; the newest are: none yet"])
    assert project.calls == []


def test_of_what_a_session_does_not_have_nothing_is_scored_anew_wherever_the_project_is_now(
    project: Project, tmp_path: Path
) -> None:
    project.tests(SHOUTED)
    project.run("-k", "easy")
    project = Project(project.folder.rename(tmp_path / "moved"))
    result = project.run("--eval-rescore", "-rs")
    result.assert_outcomes(passed=2, skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED *not run: the session that is rescored has no output of it"])
    assert project.calls == ["short-word", "two-words"]
