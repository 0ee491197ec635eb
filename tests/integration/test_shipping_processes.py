"""Shippers as the processes they are: started in the background, left alone, never waited for, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from job_records import STAGES, add, job_record
from killing_proxy import killing_proxy
from mlflow_server import QUIET, free_port
from mlflow_store import contents, names
from technoshare_commentator.mlops.delivery import ShipperProcess
from technoshare_commentator.mlops.records import RunRecord
from technoshare_commentator.mlops.redaction import without_password
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool
from waiting import PATIENCE_SECONDS, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning"),
    pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are looked up in /proc"),
]

ONE_JOB_EACH = {"job_J1": 1, **dict.fromkeys(STAGES, 1)}

# A process as production's: settings from the environment, one job, and the end. It tells what it had to wait for.
JOB = """
    import sys
    from technoshare_commentator.mlops.delivery import make_tracker
    from technoshare_commentator.mlops.settings import load_tracking_settings
    tracker = make_tracker(load_tracking_settings())
    with tracker.run("job", name="job_J1") as run, run.stage("retrieval") as stage:
        stage.artifact("evidence.json", {"snippets": []})
    print(sorted({"mlflow", "sqlalchemy", "requests", "httpx2"} & sys.modules.keys()))
"""


def run_job(store: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **QUIET, "MLFLOW_TRACKING_URI": store, "TECHNOSHARE_HOME": str(home)}
    environment["MLFLOW_EXPERIMENT_NAME"] = f"jobs {home.name}"
    command = [sys.executable, "-c", textwrap.dedent(JOB)]
    return subprocess.run(command, env=environment, cwd=home, capture_output=True, text=True, check=True)


def shippers(folder: Path) -> dict[int, str]:
    """The process ids and command lines of all shippers of spools in a folder."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:  # it has ended meanwhile
                continue
            if "mlops.shipper" in command and str(folder) in command:
                found[int(entry.name)] = command
    return found


def wait_for_a_shipper(folder: Path) -> str:
    """Return the command line of the one shipper; a process that has just begun may not show its own yet."""
    (command,) = until(lambda: shippers(folder)).values()
    return command


def wait_until_none_is_left(folder: Path) -> None:
    until(lambda: not shippers(folder))


@pytest.fixture(autouse=True)
def _no_shipper_is_left_behind(tmp_path: Path) -> Iterator[None]:
    yield
    left = shippers(tmp_path)
    for process in left:
        os.kill(process, signal.SIGKILL)
    assert left == {}


def read(store: str, experiment: str) -> dict[str, int]:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    return dict(names(contents(MlflowClient(store), experiment)))


def test_a_shipper_outlives_its_job_finishes_the_work_and_ends_by_itself(sqlite_store: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    job = run_job(sqlite_store, home)
    assert job.stdout == "[]\n"
    assert job.stderr == ""
    wait_until_none_is_left(tmp_path)
    assert Spool(home / "spool").status().pending == 0
    assert read(sqlite_store, "jobs home") == {"job_J1": 1, "retrieval": 1}


def test_the_command_line_of_a_shipper_tells_nobody_the_password(tmp_path: Path) -> None:
    store = f"http://mlflow:p4ssword@127.0.0.1:{free_port()}"
    shipper = ShipperProcess(Spool(tmp_path / "spool"), store)
    try:
        command = wait_for_a_shipper(tmp_path)
    finally:
        shipper.release()
        ended = shipper.wait(PATIENCE_SECONDS)
    assert ended
    assert "p4ssword" not in command


def test_a_server_that_is_down_gets_its_records_later_and_once(server_store: str, tmp_path: Path) -> None:
    home, experiment = tmp_path / "home", "jobs home"
    home.mkdir()
    with killing_proxy(server_store) as proxy:
        address = f"{proxy.address}/never/0"
    job = run_job(address, home)  # the proxy has gone: nobody listens there now
    assert job.stdout == "[]\n"
    assert job.stderr.count("cannot be reached") == job.stderr.count("\n") == 1
    assert shippers(tmp_path) == {}
    spool = Spool(home / "spool")
    assert (spool.status().pending, "cannot be reached" in spool.status().last_error) == (1, True)
    for _ in range(2):
        list(Shipper(spool, server_store, lambda: open_mlflow(server_store)).ship_pending(any_store=True))
    assert (spool.status().pending, spool.status().last_error) == (0, "")
    assert read(server_store, experiment) == {"job_J1": 1, "retrieval": 1}


def test_a_shipper_that_runs_while_its_server_is_away_delivers_when_it_is_back(
    server_store: str, tmp_path: Path
) -> None:
    spool = Spool(tmp_path / "spool")
    with killing_proxy(server_store) as proxy:
        port, address = proxy.port, f"{proxy.address}/never/0"
    record = RunRecord(name="patient", kind="job", end_ns=2 * 10**18)
    shipper = ShipperProcess(spool, address)
    add(spool, record, f"away {tmp_path.name}", address)
    until(lambda: spool.last_error)
    with killing_proxy(server_store, port):
        shipper.release()
        assert shipper.wait(PATIENCE_SECONDS)
    receipt = spool.receipt(record.key)
    assert receipt is not None
    assert receipt.tracking_uri == without_password(address)
    assert read(server_store, f"away {tmp_path.name}") == {"patient": 1}


@pytest.mark.usefixtures("_mlflow_is_imported")
def test_two_shippers_at_once_on_a_new_database_share_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making the database is part of it: two that migrate it at the same time would leave it unopenable."""
    monkeypatch.chdir(tmp_path)
    store, spool = f"sqlite:///{tmp_path}/new.db", Spool(tmp_path / "spool")
    records = [job_record() for _ in range(4)]
    for record in records:
        add(spool, record, "jobs", store)
    both = [ShipperProcess(spool, store, warm_up=True) for _ in range(2)]
    for shipper in both:
        shipper.release()
    assert [shipper.wait(PATIENCE_SECONDS) for shipper in both] == [True, True]
    assert (spool.pending(), spool.status().set_aside) == ([], 0)
    assert all(spool.receipt(record.key) for record in records)
    assert read(store, "jobs") == dict.fromkeys(ONE_JOB_EACH, 4)
    assert len((spool.directory / "shipped.jsonl").read_text().splitlines()) == 4


def test_a_second_shipper_does_not_wait_for_the_first_one_s_job_to_end(sqlite_store: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    worker = ShipperProcess(spool, sqlite_store)
    record = RunRecord(name="short", kind="job", end_ns=2 * 10**18)
    add(spool, record, "jobs", sqlite_store)
    command = ShipperProcess(spool, sqlite_store)
    command.release()
    assert command.wait(PATIENCE_SECONDS)
    assert worker.is_running
    assert spool.pending() == []
    worker.release()
    assert worker.wait(PATIENCE_SECONDS)
    assert read(sqlite_store, "jobs") == {"short": 1}
