"""`technoshare evals …` as a user runs it, over session folders as a suite leaves them behind."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import commands
from simulated_session import DATASET, Plan, judged, simulate
from technoshare_commentator.mlops.evaluation.judging.baseline import read_baseline, write_baseline
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.running.journal import SessionFolder
from technoshare_commentator.mlops.evaluation.session_results import SessionResults

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

    from technoshare_commentator.mlops.evaluation.session_results import CaseDetail, CaseKey

GOOD = Plan(examples=12, verdicts={"structure": 2.0}, numbers={})  # every case passes
FAIR = Plan(examples=12, verdicts={"structure": 0.7}, numbers={"brevity": 0.7})
CLOSED_PORT = "http://127.0.0.1:9"


@pytest.fixture
def technoshare(tmp_path: Path) -> Any:
    """Run a command in a project of its own, without any setting of this machine."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")

    def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        return commands.technoshare("evals", *arguments, folder=tmp_path, settings=settings)

    return run


@pytest.fixture
def sessions(tmp_path: Path) -> Path:
    """Where the project keeps its sessions."""
    return tmp_path / ".technoshare" / "evals" / "sessions"


def written(
    folder: Path, results: SessionResults, details: Mapping[CaseKey, CaseDetail], *, ended: bool = True, **more: Any
) -> SessionResults:
    """A session's folder as the plugin leaves it; one that did not end says nothing of its end."""
    status = 1 if results.failed_cases else 0
    given = {"session_id": folder.name, "exit_status": status, "metrics": metrics_of(results.cases), **more}
    results = results.model_copy(update=given)
    session = SessionFolder(folder)
    session.begin(results.model_copy(update={"exit_status": None, "metrics": {}}), "key")
    for case in results.cases:
        session.note_case(case, details[case.key])
    if ended:
        session.end(results, "key")
    return results


def written_shards(folder: Path, plan: Plan, count: int, **more: Any) -> SessionResults:
    """The sessions of several machines below a folder, as downloaded artifacts; returns the whole."""
    whole, details = simulate(plan, 5)
    for number in range(1, count + 1):
        share = whole.model_copy(update={"cases": whole.cases[number - 1 :: count]})
        path = folder / f"evals-{number}" / "sessions" / f"2026-01-05-09000{number}-aaaa"
        written(path, share, details, shard=f"{number}/{count}", **more)
    return whole


def test_sessions_are_listed_with_the_newest_first(technoshare: Any, sessions: Path) -> None:
    written(sessions / "2026-01-05-090000-aaaa", *simulate(GOOD, 1))
    failed = written(sessions / "2026-01-06-090000-bbbb", *simulate(FAIR, 1))
    done = technoshare("sessions")
    assert done.returncode == 0, done.stderr
    head, newest, oldest = done.stdout.splitlines()
    assert head.split() == ["session", "started", "cases", "passed", "cost", "outputs", "verdict"]
    passed = len(failed.cases) - len(failed.failed_cases)
    assert newest.split()[:6] == ["2026-01-06-090000-bbbb", "2026-01-05", "09:00", "UTC", "12", str(passed)]
    assert newest.split()[-1] == "failed"
    assert oldest.split()[0] == "2026-01-05-090000-aaaa"
    assert oldest.split()[-1] == "passed"


def test_a_narrow_terminal_shows_how_every_session_ended(technoshare: Any, sessions: Path) -> None:
    written(sessions / "2026-01-05-090000-aaaa", *simulate(GOOD, 1))
    written(sessions / "2026-01-06-090000-bbbb", *simulate(FAIR, 1), ended=False, shard="2/3")
    _, newest, oldest, *_ = technoshare("sessions", COLUMNS="80").stdout.splitlines()
    assert newest.endswith("did not end (shard 2/3)")
    assert oldest.split()[-1] == "passed"


def test_a_session_that_was_killed_is_listed_with_how_to_go_on(technoshare: Any, sessions: Path) -> None:
    name = "2026-01-05-090000-aaaa"
    written(sessions / name, *simulate(GOOD, 1), ended=False, shard="2/3")
    SessionFolder(sessions / name).output_file("gw0").write_text("{}\n{}\n{}\n", encoding="utf-8")
    done = technoshare("sessions")
    assert "did not end (shard 2/3)" in done.stdout
    assert f"pytest evals --eval-resume {name}" in done.stdout
    (listed,) = json.loads(technoshare("sessions", "--json").stdout)
    assert (listed["cases"], listed["passed"], listed["outputs"], listed["unfinished"]) == (12, 12, 3, True)


def test_without_sessions_the_list_says_how_to_make_one(technoshare: Any) -> None:
    done = technoshare("sessions")
    assert done.returncode == 0
    assert "pytest evals" in done.stdout
    assert json.loads(technoshare("sessions", "--json").stdout) == []


def test_show_prints_what_a_session_came_to(technoshare: Any, sessions: Path) -> None:
    results = written(sessions / "2026-01-05-090000-aaaa", *judged(FAIR, 3))
    assert results.gate is not None
    done = technoshare("show")
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0].startswith("2026-01-05-090000-aaaa: failed · 2026-01-05 09:00 UTC")
    assert f"failed cases ({len(results.failed_cases)})" in lines
    assert f"gate {'passed' if results.gate.passed else 'failed'} (evals/gate.yaml)" in lines
    assert any(line.startswith("structure ") for line in lines)
    assert any(line.startswith("baseline.json → this, 12 pairs") for line in lines)
    assert "brevity: brevity: “12 ms” stands nowhere on the page" in done.stdout


def test_show_takes_a_results_file(technoshare: Any, tmp_path: Path) -> None:
    results, _ = judged(FAIR, 3)
    (tmp_path / "eval_results.json").write_text(json.dumps(results.model_dump(mode="json")), encoding="utf-8")
    done = technoshare("show", "eval_results.json")
    assert done.stdout.startswith("eval_results.json (simulated-3): ")


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("last", "there is no session 'last'"),
        ("2026", "there is no session '2026'"),
        ("broken.json", "'broken.json' is no JSON"),
        ("other.json", "'other.json' is no results file of a session"),
        ("empty", "'empty' holds no session: there is neither session.json nor eval_results.json"),
        ("damaged", "damaged' is not the folder of a session"),
    ],
)
def test_what_is_no_session_is_status_2_and_one_line(
    technoshare: Any, tmp_path: Path, reference: str, message: str
) -> None:
    (tmp_path / "broken.json").write_text("{", encoding="utf-8")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "session.json").write_text("{}", encoding="utf-8")
    done = technoshare("show", reference)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_report_is_written_from_a_folder(technoshare: Any, sessions: Path, tmp_path: Path) -> None:
    results, details = judged(FAIR, 3)
    written(sessions / "2026-01-05-090000-aaaa", results, details)
    done = technoshare("report", "last", "--html", "out/report.html")
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "example-000 is fast." in page  # an output, which only details hold
    assert results.cases[0].example_id in page


def test_a_report_of_two_variants_that_ran_apart_compares_them(technoshare: Any, tmp_path: Path) -> None:
    for day, (name, ease) in enumerate({"small": 0.0, "large": 0.3}.items(), start=5):
        plan = Plan(examples=6, variants={name: ease})
        written(tmp_path / name, *simulate(plan, 1), started_at=f"2026-01-0{day}T09:00:00+00:00")
    done = technoshare("report", "small", "large", "--html", "report.html")
    assert done.returncode == 0, done.stderr
    assert "small → large" in (tmp_path / "report.html").read_text(encoding="utf-8")


def test_all_shards_together_are_the_whole(technoshare: Any, tmp_path: Path) -> None:
    whole = written_shards(tmp_path / "artifacts", GOOD, 3)
    done = technoshare("merge", "artifacts", "--json", "all.json", "--report", "all.html")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("3 sessions: passed")
    assert done.stderr == ""
    merged = SessionResults.model_validate_json((tmp_path / "all.json").read_bytes())
    assert {case.key for case in merged.cases} == {case.key for case in whole.cases}
    assert (merged.exit_status, merged.metrics["cases_passed"], merged.shard) == (0, 12, "")
    assert "example-000 is fast." in (tmp_path / "all.html").read_text(encoding="utf-8")


def test_a_failed_case_fails_a_merge_without_a_gate(technoshare: Any, tmp_path: Path) -> None:
    whole = written_shards(tmp_path / "artifacts", FAIR, 2)
    assert whole.failed_cases
    done = technoshare("merge", "artifacts")
    assert done.returncode == 1
    assert f"failed cases ({len(whole.failed_cases)})" in done.stdout


def test_the_gate_decides_where_there_is_one(technoshare: Any, tmp_path: Path) -> None:
    written_shards(tmp_path / "artifacts", FAIR, 2)
    (tmp_path / "gate.yaml").write_text("rules: [pass_rate >= 0.99]", encoding="utf-8")
    lenient = technoshare("merge", "artifacts", "--gate", "pass_rate >= 0.1")
    strict = technoshare("merge", "artifacts", "--gate", "gate.yaml", "--gate", "cases == 12")
    assert (lenient.returncode, strict.returncode) == (0, 1)
    assert "gate passed (--eval-gate)" in lenient.stdout
    assert "cases: 12 == 12 — passed" in strict.stdout


def test_gate_and_baseline_of_the_project_count_unless_flags_say_otherwise(technoshare: Any, tmp_path: Path) -> None:
    whole = written_shards(tmp_path / "artifacts", FAIR, 2)
    (tmp_path / "gate.yaml").write_text("rules: [pass_rate >= 0.1, regressions <= 0]", encoding="utf-8")
    ini = "[pytest]\neval_gate = gate.yaml\neval_baseline = baseline.json\n"
    (tmp_path / "pytest.ini").write_text(ini, encoding="utf-8")
    write_baseline(tmp_path / "baseline.json", whole)
    assert technoshare("merge", "artifacts").returncode == 0
    better = [case.model_copy(update={"outcome": "passed"}) for case in whole.cases]
    write_baseline(tmp_path / "baseline.json", whole.model_copy(update={"cases": tuple(better)}))
    worse = technoshare("merge", "artifacts")
    assert worse.returncode == 1
    assert f"regressions: {len(whole.failed_cases)} <= 0 — failed" in worse.stdout
    assert technoshare("merge", "artifacts", "--gate", "none", "--baseline", "none").returncode == 1
    assert technoshare("merge", "artifacts", "--gate", "pass_rate >= 0.1").returncode == 0


def test_a_missing_shard_is_named_and_nothing_passes_without_it(technoshare: Any, tmp_path: Path) -> None:
    written_shards(tmp_path / "artifacts", GOOD, 3)
    parts = ["artifacts/evals-1", "artifacts/evals-3"]
    done = technoshare("merge", *parts, "--gate", "pass_rate >= 0.9", "--json", "some.json")
    assert done.returncode == 1
    assert "shard 2/3 missing; there is only 1/3, 3/3" in done.stderr
    assert "pass_rate: 1 >= 0.9 — passed" in done.stdout
    assert json.loads((tmp_path / "some.json").read_text())["exit_status"] == 1


def test_shards_of_two_variants_are_counted_apart(technoshare: Any, tmp_path: Path) -> None:
    for name, count in (("small", 2), ("large", 2)):
        written_shards(tmp_path / name, Plan(examples=6, variants={name: 2.0}, numbers={}), count)
    complete = technoshare("merge", "small", "large")
    assert (complete.returncode, complete.stderr) == (0, "")
    missing = technoshare("merge", "small", "large/evals-1")
    assert missing.returncode == 1
    assert "shard 2/2 of variant large missing" in missing.stderr


def test_a_session_that_was_broken_off_keeps_the_whole_from_passing(technoshare: Any, tmp_path: Path) -> None:
    results, details = simulate(GOOD, 1)
    half = results.model_copy(update={"cases": results.cases[:6]})
    written(tmp_path / "a", results, details)
    written(tmp_path / "b", half, details, ended=False)
    done = technoshare("merge", "a", "b")
    assert done.returncode == 1
    assert "b is not complete (did not end, 6 cases)" in done.stderr
    assert "6 cases in more than one session; of each the newest counts" in done.stderr


@pytest.mark.parametrize("status", [1, 4])
def test_a_session_that_failed_though_its_cases_passed_fails_the_whole(
    technoshare: Any, tmp_path: Path, status: int
) -> None:
    written(tmp_path / "a", *simulate(GOOD, 1), exit_status=status)
    done = technoshare("merge", "a")
    assert done.returncode == 1
    assert "technoshare: a " in done.stderr


def test_sessions_over_different_contents_of_a_dataset_are_not_merged(technoshare: Any, tmp_path: Path) -> None:
    results, details = simulate(GOOD, 1)
    other = DATASET.model_copy(update={"digest": "fedcba9876543210", "source": "/elsewhere/datasets/links.json"})
    written(tmp_path / "a", results, details)
    written(tmp_path / "b", results, details, datasets=(other,))
    refused = technoshare("merge", "a", "b")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "dataset 'links' has different contents in a (0123456789abcdef) and b (fedcba9876543210)" in refused.stderr
    assert "--allow-different-datasets" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    allowed = technoshare("merge", "a", "b", "--allow-different-datasets")
    assert allowed.returncode == 0
    assert "has different contents" in allowed.stderr


def test_the_same_dataset_in_other_folders_is_the_same(technoshare: Any, tmp_path: Path) -> None:
    results, details = simulate(GOOD, 1)
    elsewhere = DATASET.model_copy(update={"source": "/home/runner/work/evals/datasets/links.json"})
    written(tmp_path / "a", results, details)
    written(tmp_path / "b", results, details, datasets=(elsewhere,))
    assert technoshare("merge", "a", "b").returncode == 0


def test_a_merge_can_become_the_baseline(technoshare: Any, tmp_path: Path) -> None:
    whole = written_shards(tmp_path / "artifacts", FAIR, 2)
    technoshare("merge", "artifacts", "--update-baseline", "baseline.json")
    _, cases = read_baseline(tmp_path / "baseline.json")
    assert {case.case_id: case.passed for case in cases} == {case.case_id: case.passed for case in whole.cases}
    assert (
        technoshare("merge", "artifacts", "--baseline", "baseline.json", "--gate", "regressions <= 0").returncode == 0
    )


def test_in_github_actions_a_merge_writes_summary_and_annotations(technoshare: Any, tmp_path: Path) -> None:
    whole = written_shards(tmp_path / "artifacts", FAIR, 2)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n", encoding="utf-8")
    done = technoshare("merge", "artifacts", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text(encoding="utf-8").startswith("before\n## ❌ Evaluation: failed")
    commands = [line for line in done.stdout.splitlines() if line.startswith("::error ")]
    assert len(commands) == len(whole.failed_cases) < 10
    assert "::error" not in technoshare("merge", "artifacts").stdout


def test_in_github_actions_a_missing_shard_is_no_secret(technoshare: Any, tmp_path: Path) -> None:
    written_shards(tmp_path / "artifacts", GOOD, 2)
    summary = tmp_path / "summary.md"
    done = technoshare("merge", "artifacts/evals-1", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text(encoding="utf-8").startswith("⚠️ shard 2/2 missing; there is only 1/2\n\n## ❌ ")
    assert "::error title=evaluation::shard 2/2 missing; there is only 1/2" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["merge"], "Missing argument"),
        (["merge", "a", "--gate", "pass_rat >= 0.9"], "did you mean 'pass_rate'"),
        (["merge", "a", "--gate", "nowhere.yaml"], "nowhere.yaml"),
        (["merge", "a", "--baseline", "nowhere.json"], "nowhere.json"),
        (["merge", "a", "--gate", "structur/mean >= 0.5"], "did you mean 'structure'"),
        (["merge", "a", "--report", "pytest.ini/report.html"], "cannot be written"),
        (["report", "a"], "Missing option"),
        (["compare", "a", "nothing.json"], "nothing.json"),
        (["compare", "a", "others"], "no case in common"),
    ],
)
def test_usage_is_status_2_and_names_the_fix(
    technoshare: Any, tmp_path: Path, arguments: list[str], message: str
) -> None:
    results, details = simulate(GOOD, 1)
    written(tmp_path / "a", results, details)
    renamed = results.cases[0].model_copy(update={"case_id": "links/other"})
    written(
        tmp_path / "others",
        results.model_copy(update={"cases": (renamed,)}),
        {renamed.key: details[results.cases[0].key]},
    )
    done = technoshare(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_a_configuration_that_pytest_refuses_is_said_in_one_line(technoshare: Any, tmp_path: Path) -> None:
    written(tmp_path / "a", *simulate(GOOD, 1))
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n", encoding="utf-8")
    done = technoshare("merge", "a")
    assert done.returncode == 2
    assert "unrecognized arguments: --nonsense" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_the_habits_of_a_project_are_no_obstacle(technoshare: Any, tmp_path: Path) -> None:
    written(tmp_path / "a", *simulate(GOOD, 1))
    habits = "addopts = -n 2 --cov=. --strict-config --strict-markers\nfilterwarnings = error\ntestpaths = a\n"
    (tmp_path / "pytest.ini").write_text(f"[pytest]\n{habits}", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('not needed')\n", encoding="utf-8")
    before = {path.name for path in tmp_path.iterdir()}
    done = technoshare("merge", "a")
    assert (done.returncode, done.stderr) == (0, "")
    assert {path.name for path in tmp_path.iterdir()} == before


def test_compare_names_what_newly_fails_with_its_evidence(technoshare: Any, tmp_path: Path) -> None:
    before, details = simulate(GOOD, 1)
    broken = before.cases[0].model_copy(update={"outcome": "failed"})
    after = before.model_copy(update={"cases": (broken, *before.cases[1:])})
    written(tmp_path / "a", before, details)
    written(tmp_path / "b", after, details)
    write_baseline(tmp_path / "baseline.json", before)
    for earlier in ("a", "baseline.json"):
        done = technoshare("compare", earlier, "b")
        assert done.returncode == 0, done.stderr
        assert "→ b, 12 pairs of cases" in done.stdout
        assert "newly failing (1): links/example-000" in done.stdout
    (comparison,) = json.loads(technoshare("compare", "a", "b", "--json").stdout)
    assert [change["case_id"] for change in comparison["newly_failing"]] == ["links/example-000"]
    assert comparison["scores"][0]["p_value"] == 1.0


def test_compare_takes_the_last_session_of_the_project(technoshare: Any, sessions: Path, tmp_path: Path) -> None:
    results, details = simulate(GOOD, 1)
    written(sessions / "2026-01-05-090000-aaaa", results, details)
    write_baseline(tmp_path / "baseline.json", results)
    assert "→ 2026-01-05-090000-aaaa, 12 pairs" in technoshare("compare", "baseline.json").stdout


def test_open_run_prints_the_id_of_a_run_in_the_experiment_of_the_project(
    technoshare: Any, tmp_path: Path, sqlite_store: str
) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\neval_experiment = links_eval\n", encoding="utf-8")
    done = technoshare("open-run", "--name", "nightly", MLFLOW_TRACKING_URI=sqlite_store)
    assert done.returncode == 0, done.stderr

    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(tracking_uri=sqlite_store)
    run = client.get_run(done.stdout.strip())
    assert (run.info.run_name, run.info.status) == ("nightly", "RUNNING")
    assert client.get_experiment(run.info.experiment_id).name == "links_eval"


def test_open_run_says_when_the_store_cannot_be_reached(technoshare: Any) -> None:
    done = technoshare("open-run", "--experiment", "x", MLFLOW_TRACKING_URI=CLOSED_PORT)
    assert (done.returncode, done.stdout) == (2, "")
    assert "MLFLOW_TRACKING_URI" in done.stderr
    assert len(done.stderr.splitlines()) == 1
