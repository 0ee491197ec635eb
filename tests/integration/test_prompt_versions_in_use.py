"""Edit, sync, promote, use, roll back, use, without a server use: the life of a prompt, on a real server."""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from commands import technoshare
from mlflow_server import mlflow_server
from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Job, Link, LinkResult
from technoshare_commentator.mlops.delivery import make_tracker
from technoshare_commentator.mlops.prompts.store import PromptStore
from technoshare_commentator.mlops.settings import TrackingSettings
from technoshare_commentator.pipeline.process_message import comment_on_link
from technoshare_commentator.prompts import STAGE_A, STAGE_B
from waiting import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from technoshare_commentator.mlops.tracking import Tracker

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "evals" / "pages"


@pytest.fixture
def prompts(tmp_path: Path) -> Path:
    """A copy of the prompts to edit."""
    return Path(shutil.copytree(ROOT / "prompts", tmp_path / "prompts"))


def command(folder: Path, uri: str, *arguments: str) -> str:
    """Run `technoshare prompts …` and return what it printed."""
    home, yaml = str(folder / "home"), str(folder / "prompts")
    settings = {"PROMPTS_DIR": yaml, "MLFLOW_TRACKING_URI": uri, "TECHNOSHARE_HOME": home}
    done = technoshare("prompts", *arguments, folder=folder, settings=settings)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_job(store: PromptStore, prompts: Path, tracker: Tracker) -> LinkResult:
    """A job as production runs it, with the prompts that are current when it begins."""
    page = PAGES / "blog-brightsluice-ci.html"
    analysts = bootstrap.Analysts(Settings.model_construct(prompts_dir=prompts), prompt=store.current)
    parts = bootstrap.evaluation_pipeline({"https://example.com": page.name}, PAGES, analysts)
    parts = replace(parts, tracker=tracker)
    job = Job(id="1", channel_id="C1", message_ts="1.0", text="https://example.com")
    return asyncio.run(comment_on_link(job, Link(url="https://example.com"), parts))


def links_by_version(uri: str, experiment: str) -> dict[str, Any]:
    """What MLflow says of the runs and the traces of each version of stage B's prompt."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(uri)
    found = client.get_experiment_by_name(experiment)
    assert found is not None
    runs = client.search_runs([found.experiment_id], "tags.prompt_stage_b LIKE '%'")
    by_version = {}
    for number in ("1", "2"):
        mine = f"prompt = '{STAGE_B}/{number}'"
        traces = client.search_traces(locations=[found.experiment_id], filter_string=mine)
        linked = {"name": STAGE_B, "version": number}
        by_version[number] = (
            sum(linked in json.loads(run.data.tags.get("mlflow.linkedPrompts", "[]")) for run in runs),
            [linked in json.loads(trace.info.tags["mlflow.linkedPrompts"]) for trace in traces],
        )
    return by_version


def test_a_promotion_and_a_rollback_reach_a_process_that_runs_and_the_disk_stands_in_for_a_server(
    migrated_database: Path, tmp_path: Path, prompts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "server").mkdir()
    shutil.copy(migrated_database, tmp_path / "server" / "server.db")
    with mlflow_server(tmp_path / "server") as uri:
        names = {"MLFLOW_TRACKING_URI": uri, "TECHNOSHARE_HOME": tmp_path / "home", "MLFLOW_EXPERIMENT_NAME": "jobs"}
        tracking = TrackingSettings.model_validate(names)
        settings = Settings.model_construct(prompts_dir=prompts, prompt_alias="prod")
        tracker, store = make_tracker(tracking), bootstrap.prompt_store(settings, tracking)

        def version_used() -> str:
            result = run_job(store, prompts, tracker)
            assert result.commentary is not None
            return result.analyst.prompt_stage_b.split("/")[1]

        assert version_used() == "yaml"
        command(tmp_path, uri, "sync")
        assert version_used() == "1"

        edited = prompts / f"{STAGE_B}.yaml"
        edited.write_text(edited.read_text().replace("template: |\n", "template: |\n  Be brief.\n", 1))
        command(tmp_path, uri, "sync")
        assert version_used() == "1"
        command(tmp_path, uri, "promote", STAGE_B)
        assert version_used() == "2"
        assert "Be brief." in store.current(STAGE_B).template
        assert "version 2, is version 1" in command(tmp_path, uri, "rollback", STAGE_B)
        assert version_used() == "1"

        assert make_sure_shipped(tracker)
        assert links_by_version(uri, "jobs") == {"1": (3, [True] * 3), "2": (1, [True])}
        assert store.release(PATIENCE_SECONDS)

    assert version_used() == "1"
    after = bootstrap.prompt_store(settings, tracking)
    after.start()
    assert after.current(STAGE_B).origin == "1"
    until(lambda: "cannot be reached" in after._folder.last_error("prod"))
    assert (after.current(STAGE_B).origin, after.current(STAGE_A).origin) == ("1", "1")
    assert after.release(PATIENCE_SECONDS)
    make_sure_shipped(tracker)


def make_sure_shipped(tracker: Tracker) -> bool:
    """Let the shipper finish, as at the end of a process."""
    return bool(tracker._deliver.release(PATIENCE_SECONDS))  # type: ignore[attr-defined]  # it is a SpoolDelivery here


def test_what_another_machine_promotes_is_fetched_in_the_background(
    server_store: str, tmp_path: Path, prompts: Path
) -> None:
    here = TrackingSettings.model_validate(
        {"MLFLOW_TRACKING_URI": server_store, "TECHNOSHARE_HOME": tmp_path / "another machine"}
    )
    name = "fetched_greeting"
    (prompts / f"{name}.yaml").write_text(f"name: {name}\ndescription: d\ntemplate: one\noutput_schema: {{}}\n")
    store = PromptStore(here, directory=prompts, refresh_seconds=0.2)
    command(tmp_path, server_store, "sync")
    began = time.monotonic()
    assert store.current(name).origin == "yaml"
    assert time.monotonic() - began < 5.0, "a job waited for the registry"
    until(lambda: store.current(name).origin == "1")
    (prompts / f"{name}.yaml").write_text(f"name: {name}\ndescription: d\ntemplate: two\noutput_schema: {{}}\n")
    command(tmp_path, server_store, "sync")
    command(tmp_path, server_store, "promote", name)
    until(lambda: store.current(name).origin == "2")
    command(tmp_path, server_store, "rollback", name)
    until(lambda: store.current(name).origin == "1")
    assert store.release(PATIENCE_SECONDS)
