"""From a finished record to the spool, without making the job wait."""

from __future__ import annotations

import json
import logging
import os
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.mlops import delivery
from technoshare_commentator.mlops.delivery import SpoolDelivery, make_tracker, unreachable
from technoshare_commentator.mlops.records import RunRecord
from technoshare_commentator.mlops.settings import TrackingSettings, load_tracking_settings

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.spool import Spool


@dataclass
class FakeProcess:
    """A shipper process that only runs; `spool` and the thread that started it are noted."""

    spool: Spool
    tracking_uri: str
    thread: str = field(default_factory=lambda: threading.current_thread().name)
    is_running: bool = True

    def __post_init__(self) -> None:
        started.append(self)

    def release(self) -> None:
        self.is_running = False

    def wait(self, seconds: float) -> bool:
        return seconds > 0


started: list[FakeProcess] = []


@pytest.fixture(autouse=True)
def _no_real_shippers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started.clear()
    monkeypatch.setattr(delivery, "ShipperProcess", FakeProcess)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> TrackingSettings:
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_ENABLE_TRACKING", "MLFLOW_ENABLE_TRACING", "TECHNOSHARE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load_tracking_settings()


def deliver(delivery: SpoolDelivery, *names: str) -> None:
    """Deliver records, each after what the one before set off has ended."""
    for name in names:
        delivery(RunRecord(name=name, kind="job"))
        if delivery._starting is not None:
            delivery._starting.join(20)


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.levelno >= logging.WARNING]


def names_in(folder: Path) -> list[str]:
    return [json.loads(path.read_text())["run"]["name"] for path in sorted(folder.glob("pending/*.json"))]


def test_a_record_is_spooled_for_its_store_and_one_shipper_is_started_in_the_background(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = settings(monkeypatch, MLFLOW_EXPERIMENT_NAME="jobs")
    deliver(SpoolDelivery(given), "a", "b", "c")
    assert names_in(given.spool_directory) == ["a", "b", "c"]
    content = json.loads(next(given.spool_directory.glob("pending/*.json")).read_text())
    assert (content["experiment"], content["tracking_uri"]) == ("jobs", f"sqlite:///{tmp_path}/mlflow.db")
    (shipper,) = started
    assert (shipper.spool.directory, shipper.tracking_uri) == (given.spool_directory, given.uri)
    assert shipper.thread == "start-shipper"


def test_with_tracking_off_nothing_is_written_and_nothing_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracker = make_tracker(settings(monkeypatch, MLFLOW_ENABLE_TRACKING="false"))
    with tracker.run("job", name="job") as run, run.stage("stage"):
        pass
    assert run.record.traces == []
    assert [path.name for path in tmp_path.iterdir()] == ["tmp"]
    assert started == []


def test_with_tracing_off_runs_are_spooled_without_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    given = settings(monkeypatch, MLFLOW_ENABLE_TRACING="false")
    with make_tracker(given).run("job", name="job"):
        pass
    (path,) = given.spool_directory.glob("pending/*.json")
    assert json.loads(path.read_text())["run"]["traces"] == []


def test_secrets_reach_neither_the_record_nor_the_name_of_its_store(monkeypatch: pytest.MonkeyPatch) -> None:
    uri = "postgresql://mlflow:p4ssword@127.0.0.1/mlflow"
    given = settings(monkeypatch, MLFLOW_TRACKING_URI=uri)
    with make_tracker(given, ["correct horse"]).run("job", name="job") as run:
        run.tag(note="the correct horse stands here")
        run.artifact("a.json", {"b": "correct horse"})
    (path,) = given.spool_directory.glob("pending/*.json")
    text = path.read_text()
    assert "correct horse" not in text
    assert "p4ssword" not in text
    assert json.loads(text)["tracking_uri"] == "postgresql://mlflow@127.0.0.1/mlflow"


def test_a_server_that_is_down_is_warned_of_once_and_asked_once(
    closed_port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    given = settings(monkeypatch, MLFLOW_TRACKING_URI=f"http://127.0.0.1:{closed_port}")
    asked: list[str] = []

    def noting(uri: str) -> str:
        asked.append(threading.current_thread().name)
        return unreachable(uri)

    monkeypatch.setattr(delivery, "unreachable", noting)
    deliver(SpoolDelivery(given), "a", "b", "c")
    assert asked == ["start-shipper"]
    assert started == []
    assert names_in(given.spool_directory) == ["a", "b", "c"]
    (warning,) = warnings(caplog)
    assert f"MLflow at http://127.0.0.1:{closed_port} cannot be reached" in warning
    assert "technoshare spool ship" in warning


def test_a_store_that_fails_in_the_shipper_s_hands_is_warned_of_once_by_the_job(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spooling = SpoolDelivery(settings(monkeypatch))
    deliver(spooling, "a")
    assert warnings(caplog) == []
    started[0].spool.failed("the schema of the database is out of date")
    deliver(spooling, "b", "c")
    (warning,) = warnings(caplog)
    assert warning.startswith("tracking: the schema of the database is out of date; records are kept")


def test_a_failure_of_yesterday_is_no_news(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    given = settings(monkeypatch)
    spooling = SpoolDelivery(given)
    deliver(spooling, "a")
    started[0].spool.failed("the server was down")
    yesterday = time.time() - 86_400
    os.utime(given.spool_directory / "last_error.txt", (yesterday, yesterday))
    deliver(SpoolDelivery(given), "b")
    assert warnings(caplog) == []
    assert len(started) == 2


def test_a_shipper_that_died_is_replaced_after_a_while_and_spoken_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    spooling = SpoolDelivery(settings(monkeypatch))
    deliver(spooling, "a")
    started[0].is_running = False
    deliver(spooling, "b")
    assert len(started) == 1
    monkeypatch.setattr(delivery, "_SECONDS_BETWEEN_ATTEMPTS", 0)
    deliver(spooling, "c")
    assert len(started) == 2
    (warning,) = warnings(caplog)
    assert "the last shipper ended unexpectedly" in warning
    assert "shipper.log says why" in warning


def test_a_shipper_that_cannot_be_started_costs_a_warning_and_no_record(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def out_of_processes(spool: Spool, tracking_uri: str) -> None:
        raise BlockingIOError(11, f"Resource temporarily unavailable: {spool.directory.name} {tracking_uri[:6]}")

    monkeypatch.setattr(delivery, "ShipperProcess", out_of_processes)
    given = settings(monkeypatch)
    deliver(SpoolDelivery(given), "a")
    assert names_in(given.spool_directory) == ["a"]
    assert "no shipper could be started" in warnings(caplog)[0]


def test_a_disk_that_refuses_sends_records_to_a_private_refuge_with_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("no folder can be made in a file")
    given = settings(monkeypatch, TECHNOSHARE_HOME=str(tmp_path / "file" / "home"))
    deliver(SpoolDelivery(given), "a", "b")
    deliver(SpoolDelivery(given), "c")
    refuge = tmp_path / "tmp" / f"technoshare-{os.getuid()}"
    assert names_in(refuge / "spool") == ["a", "b", "c"]
    assert refuge.stat().st_mode & 0o077 == 0
    (warning,) = warnings(caplog)
    assert f"{given.spool_directory} cannot be written (Not a directory)" in warning
    assert f"TECHNOSHARE_HOME={refuge} technoshare spool ship" in warning
    assert [process.spool.directory for process in started] == [refuge / "spool"] * 2


@pytest.mark.parametrize("trap", ["open to all", "a link"])
def test_a_refuge_that_somebody_else_prepared_is_not_used(
    trap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    refuge = tmp_path / "tmp" / f"technoshare-{os.getuid()}"
    theirs = tmp_path / "theirs"
    theirs.mkdir(mode=0o700)
    if trap == "a link":
        refuge.symlink_to(theirs)
    else:
        refuge.mkdir()
        refuge.chmod(0o777)
    (tmp_path / "file").write_text("")
    tracker = make_tracker(settings(monkeypatch, TECHNOSHARE_HOME=str(tmp_path / "file")))
    for name in ("a", "b"):
        with tracker.run("job", name=name):
            pass
    assert list(theirs.iterdir()) == []
    assert list(refuge.iterdir()) == []
    (warning,) = warnings(caplog)
    assert "the record of a could not be kept: PermissionError" in warning
    assert "is open to other users; remove it, or set TECHNOSHARE_HOME" in warning


def test_release_lets_every_shipper_end_and_says_whether_they_did(monkeypatch: pytest.MonkeyPatch) -> None:
    spooling = SpoolDelivery(settings(monkeypatch))
    assert spooling.release(1)
    deliver(spooling, "a")
    assert not spooling.release(0)
    assert not started[0].is_running
    assert spooling.release(1)


def test_only_addresses_of_servers_are_tried(closed_port: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert unreachable(f"http://127.0.0.1:{server.getsockname()[1]}/path") == ""
    assert unreachable("sqlite:////nowhere/at/all.db") == ""
    assert unreachable("postgresql://db.example/mlflow") == ""
    refused = unreachable(f"http://mlflow:p4ssword@127.0.0.1:{closed_port}")
    assert refused.startswith(f"MLflow at http://mlflow@127.0.0.1:{closed_port} cannot be reached (")
    assert "cannot be reached" in unreachable("http://127.0.0.1:99999")
    assert "cannot be reached" in unreachable("http://[::1")
