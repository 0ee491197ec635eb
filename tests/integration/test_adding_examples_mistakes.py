"""What cannot become an example says why, at once, and leaves the dataset as it was."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from eval_project_copy import Project
from job_records import job_record
from technoshare_commentator.cli.evals.adding import Kind, add
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.mlflow_jobs import JobReader
from technoshare_commentator.mlops.settings import load_tracking_settings
from technoshare_commentator.mlops.tracking import Tracker
from tracked_jobs import GONE, GOOD, SHORT, Production, run_jobs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlflow import MlflowClient

    from technoshare_commentator.mlops.records import RunRecord

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

NOBODY = "0" * 32


@pytest.fixture
def production(sqlite_store: str, tmp_path: Path) -> Production:
    return Production(sqlite_store, "jobs", tmp_path / "home")


@pytest.fixture
def client(production: Production) -> MlflowClient:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    return MlflowClient(production.store)


@pytest.fixture
def project(production: Production, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Nothing is ever added to it."""
    project = Project(tmp_path / "project", production)
    project.enter(monkeypatch)
    before = project.dataset.read_bytes()
    yield project
    assert (project.dataset.read_bytes(), project.evidence) == (before, [])


def shipped(project: Project, *records: RunRecord) -> dict[str, str]:
    project.production.track(*records)
    return project.production.ship()


def test_a_run_that_is_not_there_is_compared_with_the_newest_jobs(project: Project) -> None:
    run_id = shipped(project, *run_jobs({"short": SHORT}))["job_short"]
    for asked in (run_id[:8], "short", "job_short", run_id[:-1] + "x"):
        with pytest.raises(ConfigurationError, match=f"there is no run '{asked}' in .*; did you mean {run_id} "):
            add([asked])
    with pytest.raises(ConfigurationError, match=r"--from all --dry-run' lists the newest jobs$") as caught:
        add([NOBODY])
    assert "did you mean" not in str(caught.value)


def test_a_job_in_the_spool_is_known_by_its_id_and_wants_to_be_shipped(
    project: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped(project, *run_jobs({"good": GOOD}))
    project.production.track(*run_jobs({"short": SHORT}))
    with pytest.raises(ConfigurationError, match=r"the job 'short' is not in .* yet; 1 record waits.*spool ship"):
        add(["short"])
    with pytest.raises(ConfigurationError, match=r"there is no run .*; 1 record waits in the spool, ship with"):
        add([NOBODY])
    add(kind=Kind.FAILURES)
    told = capsys.readouterr()
    assert "nothing to add" in told.out
    assert "1 record waits in the spool, ship with 'technoshare spool ship'" in told.err


def test_before_anything_is_shipped_there_is_no_store_and_the_spool_says_what_to_do(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.production.track(*run_jobs({"short": SHORT}))
    with pytest.raises(ConfigurationError, match=r"there is no experiment 'jobs' .*; 1 record waits in the spool"):
        add(kind=Kind.ALL)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(ConfigurationError, match=r"there is no MLflow store to read .*; 1 record waits in the spool"):
        add(kind=Kind.ALL)
    assert not (tmp_path / "none.db").exists()


def test_a_store_that_a_shipper_is_making_just_now_is_waited_for(project: Project) -> None:
    shipped(project, *run_jobs({"short": SHORT}))
    settings = load_tracking_settings()
    with ThreadPoolExecutor(1) as pool:
        with project.production.spool.store_lock(settings.uri):
            reader = pool.submit(JobReader, settings)
            with pytest.raises(TimeoutError):
                reader.result(0.5)
        assert reader.result(60).about_the_spool() == ""


def test_a_stage_of_a_job_names_the_job(project: Project, client: MlflowClient) -> None:
    run_id = shipped(project, *run_jobs({"short": SHORT}))["job_short"]
    experiment = client.get_run(run_id).info.experiment_id
    (stage,) = client.search_runs([experiment], "attributes.run_name = 'stage_a'")
    with pytest.raises(ConfigurationError, match=f"'stage_a' .* is a stage of a job .*; that is the run {run_id}"):
        add([stage.info.run_id])


def test_runs_that_are_no_jobs_of_this_project_say_what_they_are(project: Project, client: MlflowClient) -> None:
    run_id = shipped(project, *run_jobs({"short": SHORT}))["job_short"]
    jobs, others = client.get_run(run_id).info.experiment_id, client.create_experiment("others")
    session = client.create_run(jobs, tags={"mlflow.runType": "genai_evaluate"}, run_name="eval-1").info.run_id
    strange = client.create_run(jobs, run_name="training").info.run_id
    elsewhere = client.create_run(others, run_name="training").info.run_id
    for asked, message in (
        (session, "'eval-1' .* is a session of the evaluation and no job"),
        (strange, "'training' .* is no job: this project did not track it"),
        (elsewhere, "belongs to the experiment 'others' and not to 'jobs'; set MLFLOW_EXPERIMENT_NAME"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            add([asked])


def test_what_is_deleted_says_how_to_restore_it(project: Project, client: MlflowClient) -> None:
    run_id = shipped(project, *run_jobs({"short": SHORT}))["job_short"]
    client.delete_run(run_id)
    with pytest.raises(ConfigurationError, match=f"is deleted in .*mlflow runs restore --run-id {run_id}"):
        add([run_id])
    client.delete_experiment(client.get_run(run_id).info.experiment_id)
    with pytest.raises(ConfigurationError, match=r"the experiment 'jobs' is deleted .*mlflow experiments restore"):
        add([run_id])


def test_a_job_without_usable_evidence_says_why(project: Project) -> None:
    finished: list[RunRecord] = []
    with Tracker(finished.append).run("job", name="job_empty", tags={"job_id": "empty", "outcome": "no_urls"}):
        pass
    runs = shipped(project, *run_jobs({"gone": GONE}), job_record(), *finished)
    for name, message in (
        ("job_gone", f"the job 'job_gone' .* cannot become an example: it left no evidence: '{GONE}' answered 404"),
        ("job_J1", r"its evidence\.json holds no evidence of this version: key 'url': Field required"),
        ("job_empty", "it left no evidence, so nothing was read"),
    ):
        with pytest.raises(ConfigurationError, match=message):
            add([runs[name]])


def test_one_run_that_cannot_be_added_keeps_the_others_out_too(project: Project) -> None:
    runs = shipped(project, *run_jobs({"short": SHORT, "gone": GONE}))
    with pytest.raises(ConfigurationError, match="left no evidence"):
        add([runs["job_short"], runs["job_gone"]])


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("blog-brightsluice-monorepo-ci", "is the name of an example in"),
        ("Blog-Brightsluice-Monorepo-CI", "is the name of an example in"),
        ("not an id", "use letters, digits and"),
        ("../outside", "use letters, digits and"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(project: Project, given: str, message: str) -> None:
    run_id = shipped(project, *run_jobs({"short": SHORT}))["job_short"]
    with pytest.raises(ConfigurationError, match=f"--id '{given}'.*{message}"):
        add([run_id], example_id=given)


def test_a_dead_server_is_known_at_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert project.rows
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    began = time.monotonic()
    with pytest.raises(ConfigurationError, match=f"{address} cannot be reached .*check MLFLOW_TRACKING_URI"):
        add([NOBODY])
    assert time.monotonic() - began < 5
