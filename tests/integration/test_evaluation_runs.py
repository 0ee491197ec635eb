"""Earlier evaluation runs as baselines, and runs opened for shards: the functions, and the process that is asked."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from job_records import add
from mlflow_server import QUIET, free_port
from session_records import SessionRecords, results_of
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops import mlflow_client
from technoshare_commentator.mlops.evaluation.session_results import SessionResults
from technoshare_commentator.mlops.evaluation_runs import fetch_results, open_run
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.records import RunRecord, Status

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
    pytest.mark.usefixtures("_mlflow_is_imported"),
]


class Past:
    """Sessions of the past in an experiment of this test's own; each started a day after the one before."""

    def __init__(self, store: str, folder: Path) -> None:
        self.store = store
        self.spool = Spool(folder / "spool")
        self.experiment = f"past {folder.name}"
        self._days = 0

    def session(self, name: str, cases: int, status: Status = "FINISHED") -> str:
        """Ship one and return its run's id."""
        record = SessionRecords(name).end(results=results_of(range(cases)), status=status)
        return self._ship(record)

    def session_without_results(self, name: str) -> str:
        record = SessionRecords(name).end()
        record.artifacts = {}
        return self._ship(record)

    def _ship(self, record: RunRecord) -> str:
        self._days += 1
        record.start_ns += self._days * 86_400 * 10**9
        record.end_ns = record.start_ns + 10**9
        add(self.spool, record, self.experiment, self.store)
        (receipt,) = Shipper(self.spool, self.store, lambda: open_mlflow(self.store)).ship_pending()
        return receipt.run_id

    def cases(self, reference: str) -> int:
        """How many cases the results meant have."""
        _, text = fetch_results(self.store, self.experiment, reference)
        return len(SessionResults.model_validate_json(text).cases)

    def problem(self, reference: str) -> str:
        with pytest.raises(ConfigurationError) as caught:
            fetch_results(self.store, self.experiment, reference)
        return str(caught.value)


@pytest.fixture
def past(store: str, tmp_path: Path) -> Past:
    return Past(store, tmp_path)


def test_results_are_found_by_the_run_s_id_by_its_name_and_as_the_latest(past: Past) -> None:
    first = past.session("main", 1)
    second = past.session("main", 2)
    past.session("it's a branch", 3)
    past.session("broken off", 4, "FAILED")
    past.session_without_results("main")
    open_run(past.store, past.experiment, "main")
    assert [past.cases(reference) for reference in (first, second, "main", "it's a branch", "latest")] == [
        1,
        2,
        2,
        3,
        3,
    ]
    label, text = fetch_results(past.store, past.experiment, "main")
    assert label == f"main (run {second})"
    assert text == results_of(range(2)).model_dump_json()


def test_a_run_of_another_experiment_is_found_by_its_id(past: Past) -> None:
    run_id = past.session("main", 1)
    _, text = fetch_results(past.store, "another experiment", run_id)
    assert text == results_of(range(1)).model_dump_json()


def test_a_reference_to_nothing_is_told_what_there_is(past: Past) -> None:
    assert f"there is no experiment {past.experiment!r} in {past.store}" in past.problem("latest")
    opened = open_run(past.store, past.experiment)
    nothing = f"there is no finished evaluation run in the experiment {past.experiment!r}"
    assert nothing in past.problem("latest")
    assert nothing in past.problem("main")
    empty = past.session_without_results("empty")
    assert "of the newest 1 finished runs for 'empty'" in past.problem("empty")
    for name in ("main", "release-1", "release-2"):
        past.session(name, 1)
    said = past.problem("relese-2")
    assert f"no finished run called 'relese-2' in the experiment {past.experiment!r}; did you mean 'release-2'?" in said
    assert "the newest are 'release-2', 'release-1', 'main', 'empty'" in said
    assert f"there is no run '{'0' * 32}' in {past.store}" in past.problem("0" * 32)
    for run_id in (opened, empty):
        assert f"({run_id}) has no eval_results.json" in past.problem(run_id)


def test_an_opened_run_goes_on_and_is_one_of_mlflow_s_evaluations(past: Past) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(past.store)
    named, unnamed = open_run(past.store, past.experiment, "nightly"), open_run(past.store, past.experiment)
    runs = [client.get_run(run_id) for run_id in (named, unnamed)]
    assert [run.info.status for run in runs] == ["RUNNING", "RUNNING"]
    assert [run.data.tags["mlflow.runType"] for run in runs] == ["genai_evaluate"] * 2
    assert runs[0].info.run_name == "nightly"
    assert re.fullmatch(r"eval-\d{4}-\d\d-\d\d-\d{6}", runs[1].info.run_name)
    client.delete_experiment(runs[0].info.experiment_id)
    with pytest.raises(ConfigurationError, match="mlflow experiments restore --experiment-id"):
        open_run(past.store, past.experiment)


def test_a_database_that_is_not_there_is_said_and_not_made(tmp_path: Path) -> None:
    for name in ("none.db", ""):  # not even a folder is taken for one
        with pytest.raises(ConfigurationError, match=r"no MLflow store to read at sqlite:.*check MLFLOW_TRACKING_URI"):
            fetch_results(f"sqlite:///{tmp_path}/{name}", "evals", "latest")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("scheme", ["http", "postgresql", "postgresql+psycopg2", "mysql+pymysql"])
def test_a_server_that_nobody_runs_is_said_at_once(scheme: str) -> None:
    store = f"{scheme}://ada:s3cret@127.0.0.1:{free_port()}"
    for ask in (lambda: fetch_results(store, "evals", "latest"), lambda: open_run(store, "evals")):
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match=r"cannot be reached.*start the server") as caught:
            ask()
        assert time.monotonic() - began < 10
        assert "s3cret" not in str(caught.value)


def test_a_server_that_takes_the_call_and_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_client, "_PATIENCE_SECONDS", "1")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = f"http://127.0.0.1:{silent.getsockname()[1]}"
        began = time.monotonic()
        with pytest.raises(ConfigurationError, match=r"does not answer as it should: .*timed out"):
            fetch_results(store, "evals", "latest")
        assert time.monotonic() - began < 10


def ask(store: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "technoshare_commentator.mlops.evaluation_runs", *arguments]
    environment = {**os.environ, **QUIET, "MLFLOW_TRACKING_URI": store}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_process_prints_results_alone_on_standard_output_and_what_went_wrong_in_one_line(
    sqlite_store: str, tmp_path: Path
) -> None:
    past = Past(sqlite_store, tmp_path)
    opened = ask(sqlite_store, "open", "--experiment", past.experiment, "--name", "nightly")
    assert (opened.returncode, opened.stderr) == (0, "")
    assert re.fullmatch(r"[0-9a-f]{32}\n", opened.stdout)
    run_id = past.session("main", 2)
    fetched = ask(sqlite_store, "fetch", "--experiment", past.experiment, "--reference", "latest")
    assert (fetched.returncode, fetched.stderr) == (0, f"main (run {run_id})\n")
    assert SessionResults.model_validate_json(fetched.stdout) == results_of(range(2))
    failed = ask(sqlite_store, "fetch", "--experiment", past.experiment, "--reference", "mian")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "did you mean 'main'?" in failed.stderr
    unset = ask("", "fetch", "--experiment", past.experiment, "--reference", "main")
    assert (unset.returncode, unset.stderr) == (
        2,
        "MLFLOW_TRACKING_URI is not set; it says which MLflow store to ask\n",
    )


def test_a_database_that_cannot_be_read_is_one_line_too(tmp_path: Path) -> None:
    (tmp_path / "odd.db").write_text("this is no database")
    failed = ask(f"sqlite:///{tmp_path}/odd.db", "fetch", "--experiment", "evals", "--reference", "latest")
    assert (failed.returncode, failed.stdout, failed.stderr.count("\n")) == (2, "", 1)
    assert "does not answer as it should" in failed.stderr
