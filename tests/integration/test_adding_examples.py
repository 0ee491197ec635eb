"""From production to the dataset: jobs that ran, tracked to a real store, become examples that pytest runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from eval_project_copy import Project
from technoshare_commentator.cli.evals.adding import Expected, Kind, add
from tracked_jobs import GONE, GOOD, SHORT, Production, run_jobs

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

MESSAGES = {
    "good": f"<@U07QK2M4XAB> builds got faster <{GOOD}|brightsluice> :rocket:",
    "short": f"anybody tried this? <{SHORT}>",
    "gone": f"<{GONE}>",
    "again": f"and once more {SHORT}",
}


@pytest.fixture
def production(store: str, tmp_path: Path) -> Production:
    return Production(store, f"jobs {tmp_path.name}", tmp_path / "home")


@pytest.fixture
def project(production: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path / "project", production)
    project.enter(monkeypatch)
    return project


@pytest.mark.parametrize("store", ["server_store"], indirect=True)
def test_a_failed_job_becomes_an_example_that_waits_for_its_reviewer_and_then_guards(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.production.track(*run_jobs(MESSAGES))
    runs = project.production.ship()
    before = project.dataset.read_text()

    add(kind=Kind.FAILURES, dry_run=True)
    assert "1 example would be added" in capsys.readouterr().out
    assert (project.dataset.read_text(), project.evidence) == (before, [])

    added = project.technoshare("evals", "add", "--from", "failures", "--since", "1h")
    assert added.returncode == 0, added.stderr
    check_what_is_said(added.stdout, runs)
    assert "pytest evals -m needs_review --eval-gate none" in added.stdout

    example_id = "hashfold-hashfold-a-tiny-note"
    assert project.evidence == [f"{example_id}.json"]
    assert project.dataset.read_text().startswith(before.rstrip("\n}] "))
    row = project.rows[-1]
    assert (row["id"], row["url"], row["slack_text"]) == (example_id, SHORT, MESSAGES["again"])
    assert (row["expected_outcome"], row["evidence"]) == ("success", f"evidence/{example_id}.json")
    assert {"production", "webpage", "needs_review", "summary_sentence_count"} <= set(row["tags"])
    assert f"run {runs['job_again']}" in row["notes"]
    add(kind=Kind.FAILURES)
    assert "nothing to add" in capsys.readouterr().out
    assert len(project.rows) == 2

    gate = project.pytest()
    assert gate.returncode == 0, gate.stdout
    assert "deselected" in gate.stdout
    review = project.pytest("-m", "needs_review")
    assert review.returncode == 1, review.stdout
    assert f"test_outcome[{example_id}]" in review.stdout
    assert "expected success, got gate_failed" in review.stdout

    project.decide(example_id, "gate_failed")
    guarded = project.pytest("-k", example_id)
    assert guarded.returncode == 0, guarded.stdout
    assert guarded.stdout.splitlines()[-1].startswith("1 passed")


def check_what_is_said(said: str, runs: dict[str, str]) -> None:
    table, _, rest = said.partition("left out")
    assert runs["job_again"] in table
    assert "gate_failed" in table
    assert runs["job_short"] not in table
    assert f"{runs['job_gone']} (error, {GONE}): it left no evidence: '{GONE}' answered 404" in rest
    assert f"{runs['job_short']} (gate_failed, {SHORT}): what it read is there already" in rest
    assert runs["job_good"] not in said
    assert "1 example added to evals/datasets/technoshare.json" in said


def test_a_job_that_is_named_is_taken_whatever_became_of_it(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    project.production.track(*run_jobs({"good": MESSAGES["good"]}))
    (run_id,) = project.production.ship().values()
    add([run_id], example_id="fast-builds", expect=Expected.SUCCESS)
    row = project.rows[-1]
    assert (row["id"], row["slack_text"], row["tags"]) == ("fast-builds", MESSAGES["good"], ["production", "webpage"])
    assert project.evidence == ["fast-builds.json"]
    ran = project.pytest("-k", "fast-builds")
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("6 passed")

    add([run_id])
    assert len(project.rows) == 2
    assert "what it read is there already, as 'fast-builds'" in capsys.readouterr().out


def test_the_newest_come_first_as_far_as_time_and_limit_allow(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    short, good = run_jobs({name: MESSAGES[name] for name in ("short", "good")}, tracing=False)
    short.start_ns -= 2 * 3600 * 10**9
    project.production.track(short, good)
    runs = project.production.ship()
    add(kind=Kind.ALL, limit=1)
    said = capsys.readouterr().out
    assert (runs["job_good"] in said, runs["job_short"] in said) == (True, False)
    add(kind=Kind.ALL, since="1h")
    assert runs["job_short"] not in capsys.readouterr().out
    add(kind=Kind.SUCCESSES)
    assert "there already" in capsys.readouterr().out
    add(kind=Kind.ALL)
    assert [row["url"] for row in project.rows[1:]] == [GOOD, SHORT]
    assert project.rows[-1]["slack_text"] == f"<{SHORT}>"  # what the message said is in the trace, and there is none
