"""What MLflow would choke on is repaired or set aside, and the records behind it arrive."""

from __future__ import annotations

import math
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from job_records import add
from mlflow_store import contents, names
from technoshare_commentator.mlops import shipper as shipping
from technoshare_commentator.mlops.records import (
    AssessmentRecord,
    DatasetRecord,
    RunRecord,
    SpanRecord,
    TraceRecord,
    new_key,
)
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Line:
    """A spool, a store and an experiment; records are shipped in the order they are added."""

    def __init__(self, store: str, folder: Path) -> None:
        self.store = store
        self.spool = Spool(folder / "spool")
        self.experiment = f"odd {folder.name}"
        self.shipper = Shipper(self.spool, store, lambda: open_mlflow(store))

    def add(self, name: str, experiment: str = "", **fields: Any) -> RunRecord:
        record = RunRecord(name=name, kind="job", start_ns=10**18, end_ns=10**18 + 10**9, status="FINISHED", **fields)
        add(self.spool, record, experiment or self.experiment, self.store)
        return record

    def ship(self) -> dict[str, Any]:
        list(self.shipper.ship_pending())
        return self.look()

    def look(self) -> dict[str, Any]:
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

        return contents(MlflowClient(self.store), self.experiment)

    @property
    def reasons(self) -> list[str]:
        return [path.read_text() for path in sorted(self.spool.directory.glob("set_aside/*.reason.txt"))]


@pytest.fixture
def line(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr(shipping, "_RETRY_SECONDS", 0)
    return Line(store, tmp_path)


def a_trace(**fields: Any) -> TraceRecord:
    root = SpanRecord(new_key()[:16], None, "root", 10**18, 10**18 + 10**9, attributes=fields.pop("attributes", {}))
    return TraceRecord(new_key(), [root, *fields.pop("spans", [])], **fields)


def test_everything_odd_at_once_arrives_and_so_does_what_waits_behind_it(line: Line) -> None:
    odd = line.add(
        "odd\x00 name " + "n" * 300,
        tags={f"tag {number}": f"value {number}" for number in range(150)} | {"long": "ä" * 9000, "": "no name"},
        params={"bad key?*": "1", "../../up": "2", "nul\x00": "a\x00b", "long": "y" * 7000, "empty": ""},
        metrics={f"metric_{number}": float(number) for number in range(1500)}
        | {"nan": math.nan, "inf": math.inf, "-inf": -math.inf, "bad?": 1.0, "bad*": 2.0},
        artifacts={
            "../../escape.txt": "1",
            "/abs/ü ö.txt": "2",
            "n" * 300 + ".json": "3",
            "nul.txt": "a\x00b",
            "": "4",
        },
        datasets=[DatasetRecord("d" * 600, "1", "0" * 64, "file.json")],
        traces=[
            a_trace(
                attributes={"input.value": "not JSON", "huge": 2**70, "nan": math.nan, "nul": "a\x00b", "none": None},
                tags={"long": "x" * 9000, "bad?": "1", "nul": "\x00"},
                metadata={"long": "x" * 9000},
                assessments=[
                    AssessmentRecord("nothing", value=None),
                    AssessmentRecord("nan", value=math.nan),
                    AssessmentRecord("inf", value=-math.inf),
                    AssessmentRecord("n" * 300, value="\x00", rationale="r" * 20_000, error="e" * 20_000),
                ],
            )
        ],
    )
    line.add("behind")
    found = line.ship()
    assert line.reasons == []
    assert line.spool.pending() == []
    assert [run["name"] for run in found["runs"]] == ["behind", ("odd\ufffd name " + "n" * 300)[:250]]
    run = found["runs"][1]
    assert len([tag for tag in run["tags"] if tag.startswith("tag ")]) == 150
    assert run["tags"]["unnamed"] == "no name"
    assert run["params"] | {"long": ""} == {"bad key__": "1", "up": "2", "nul_": "a\ufffdb", "long": "", "empty": ""}
    assert len(run["metrics"]) == 1505
    assert run["metrics"]["nan"][0][0] == "nan"
    assert (run["metrics"]["bad_"][0][0], run["metrics"]["bad__2"][0][0]) == ("1.0", "2.0")
    assert run["artifacts"]["escape.txt"] == "1"
    assert run["artifacts"]["abs/ü ö.txt"] == "2"
    assert run["artifacts"]["nul.txt"] == "a\x00b"
    assert run["artifacts"]["truncated/tag_long.txt"] == "ä" * 9000
    assert {"1", "2", "3", "4"} <= set(run["artifacts"].values())
    add(line.spool, odd, line.experiment, line.store)
    assert line.ship() == found
    (trace,) = found["traces"]
    assert trace["run"] == odd.key
    assert trace["spans"][0]["attributes"]["mlflow.spanInputs"] == "not JSON"
    assert trace["spans"][0]["attributes"]["huge"] == str(2**70)
    assert trace["spans"][0]["attributes"]["nan"] == "nan"
    values = [one["feedback"]["value"] for one in trace["assessments"]]
    assert sorted(values, key=str) == ["\x00", "-inf", None, "nan"]


def test_spans_whose_parent_never_ended_hang_from_the_root(line: Line) -> None:
    orphan = SpanRecord("bb" * 8, "cc" * 8, "orphan", 10**18 + 1, 10**18 + 2)
    line.add("job", traces=[a_trace(spans=[orphan]), TraceRecord(new_key(), [])])
    (trace,) = line.ship()["traces"]
    assert {span["name"]: span["parent"] for span in trace["spans"]} == {"root": None, "orphan": "root"}


def test_what_cannot_be_repaired_is_set_aside_with_the_reason_and_what_is_behind_it_arrives(line: Line) -> None:
    line.add("times before time", traces=[TraceRecord("not hex", a_trace().spans)])
    line.add("an experiment nobody can make", experiment="e" * 600)
    line.add("behind")
    assert names(line.ship())["behind"] == 1
    assert len(line.reasons) == 2
    assert "failed 3 times on this record: ValueError" in line.reasons[0]
    assert "exceeds the maximum length" in line.reasons[1]
    assert line.spool.status().set_aside == 2
    assert line.shipper.tally.error == ""


def test_many_runs_in_one_record_are_found_again_beyond_the_first_page(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from technoshare_commentator.mlops import mlflow_trace_writer, mlflow_writer  # noqa: PLC0415 - import MLflow

    monkeypatch.setattr(mlflow_writer, "_PAGE", 2)
    monkeypatch.setattr(mlflow_trace_writer, "_PAGE", 2)
    monkeypatch.setattr(mlflow_trace_writer, "_TRACES_PER_CALL", 2)
    children = [RunRecord(name=f"child {number}", kind="stage", end_ns=2 * 10**18) for number in range(4)]
    record = line.add("parent", children=children, traces=[a_trace() for _ in range(5)])
    first = line.ship()
    add(line.spool, record, line.experiment, line.store)
    assert line.ship() == first
    assert names(first) == {"parent": 1, **{f"child {number}": 1 for number in range(4)}}
    receipt = line.spool.receipt(record.key)
    assert receipt is not None
    assert receipt.trace_count == len(first["traces"]) == 5


def test_a_deleted_experiment_is_named_with_the_way_to_restore_it_and_nothing_is_lost(line: Line) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(line.store)
    deleted = client.create_experiment(f"deleted {line.experiment}")
    client.delete_experiment(deleted)
    line.add("waits", experiment=f"deleted {line.experiment}")
    line.add("behind")
    assert names(line.ship()) == {"behind": 1}
    assert line.reasons == []
    assert f"the experiment 'deleted {line.experiment}' is deleted in {line.store}" in line.shipper.tally.error
    assert f"mlflow experiments restore --experiment-id {deleted}" in line.spool.status().last_error
    client.restore_experiment(deleted)
    line.ship()
    assert names(contents(client, f"deleted {line.experiment}")) == {"waits": 1}
    assert (line.spool.pending(), line.spool.status().last_error) == ([], "")


def test_an_experiment_that_is_deleted_while_a_shipper_is_at_work_costs_nothing_either(line: Line) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client = MlflowClient(line.store)
    line.add("first")
    line.ship()
    found = client.get_experiment_by_name(line.experiment)
    assert found is not None
    client.delete_experiment(found.experiment_id)
    line.add("second")
    list(line.shipper.ship_pending())
    assert "is deleted" in line.shipper.tally.error
    client.restore_experiment(found.experiment_id)
    line.ship()
    # MLflow deletes the runs with their experiment and brings both back together.
    assert names(line.look()) == {"first": 1, "second": 1}


class _NoMlflow(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_error(404)

    do_POST = do_GET  # noqa: N815 - the base class wants this name

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Keep quiet."""


@pytest.mark.usefixtures("_mlflow_is_imported")
def test_a_web_server_that_is_no_mlflow_gets_nothing_and_nothing_is_set_aside(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _NoMlflow) as http:
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            line = Line(f"http://127.0.0.1:{http.server_port}", tmp_path)
            line.add("a")
            line.add("b")
            assert list(line.shipper.ship_pending()) == []
        finally:
            http.shutdown()
            thread.join()
    assert (line.spool.status().pending, line.reasons) == (2, [])
    assert line.shipper.tally.error.startswith(f"{line.store}: ")
    assert "404" in line.shipper.tally.error
