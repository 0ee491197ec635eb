"""A session that is shipped while it runs: several records of one run, in whatever order and however often."""

from __future__ import annotations

import shutil
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from commands import technoshare
from deaths import check_that_every_life_ended_alike, die_many_deaths
from job_records import add
from killing_proxy import killing_proxy
from mlflow_store import contents, names
from session_records import SessionRecords, assessed, session_of_four
from technoshare_commentator.mlops.records import new_key
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from technoshare_commentator.mlops.records import RunRecord

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


class Line:
    """A spool and a store; records are shipped as they come."""

    def __init__(self, store: str, folder: Path) -> None:
        self.store = store
        self.spool = Spool(folder / "spool")
        self.experiment = f"parts {folder.name}"
        self.shipper = Shipper(self.spool, store, lambda: open_mlflow(store))

    def ship(self, *records: RunRecord) -> list[Receipt]:
        for record in records:
            add(self.spool, record, self.experiment, self.store)
        receipts = list(self.shipper.ship_pending())
        assert (self.shipper.tally.error, self.shipper.tally.set_aside) == ("", 0)
        assert self.spool.pending() == []
        return receipts

    def look(self) -> dict[str, Any]:
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

        return contents(MlflowClient(self.store), self.experiment)

    def run(self) -> dict[str, Any]:
        (run,) = self.look()["runs"]
        return dict(run)


@pytest.fixture
def line(store: str, tmp_path: Path) -> Line:
    return Line(store, tmp_path)


def scores(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Every assessment's value by trace and name; a name that occurs twice would be missed, so they are counted."""
    result = {}
    for trace in found["traces"]:
        said = {one["assessment_name"]: one["feedback"]["value"] for one in trace["assessments"]}
        assert len(said) == len(trace["assessments"])
        result[trace["tags"]["eval.example_id"]] = said
    return result


def test_traces_that_no_longer_count_are_removed_with_the_end_however_often_it_comes(line: Line) -> None:
    session, other = SessionRecords(), SessionRecords()
    first, again, kept = assessed(1), assessed(1, brevity=0.9), assessed(2)
    foreign = assessed(3)
    line.ship(other.part(foreign), session.part(first, kept))
    end = session.end(again)
    end.superseded = [f"tr-{one.trace_id}" for one in (first, foreign)] + ["tr-unknown"]
    for _ in range(2):
        (receipt,) = line.ship(end)
        assert receipt.trace_count == 2
    found = {trace["id"]: trace["run"] for trace in line.look()["traces"]}
    assert found == {
        f"tr-{kept.trace_id}": session.key,
        f"tr-{again.trace_id}": session.key,
        f"tr-{foreign.trace_id}": other.key,
    }


def test_a_run_can_be_watched_from_its_first_part_on_and_ends_with_its_last_record(line: Line) -> None:
    session = SessionRecords()
    (first,) = line.ship(session.part())
    run = line.run()
    assert (run["name"], run["status"], run["times"][1]) == ("eval", "RUNNING", None)
    assert run["tags"]["mlflow.runType"] == "genai_evaluate"
    assert (first.is_final, first.trace_count, line.spool.receipt(session.key)) == (False, None, None)

    line.ship(session.part(assessed(1, plain=True), assessed(2)))
    line.ship(session.part(assessed(3)))
    found = line.look()
    assert scores(found) == {
        "case-1": {"brevity": 0.5, "plain": True},
        "case-2": {"brevity": 0.5},
        "case-3": {"brevity": 0.5},
    }
    assert all(len(trace["spans"]) == 2 and trace["run"] == session.key for trace in found["traces"])
    assert line.spool.receipt(session.key) is None
    assert line.run()["status"] == "RUNNING"

    (last,) = line.ship(end := session.end(assessed(4)))
    assert line.spool.receipt(session.key) == last
    assert (last.is_final, last.trace_count, last.run_id, last.end_ns) == (True, 4, first.run_id, end.end_ns)
    run = line.run()
    assert (run["status"], run["times"][1]) == ("FINISHED", (end.end_ns or 0) // 1_000_000)
    assert run["metrics"] == {"pass_rate": [["0.5", run["times"][1], 0]]}
    assert set(run["artifacts"]) == {"eval_results.json"}
    assert len(run["datasets"]) == 1


FOUR_ENDED = {
    "case-1": {"brevity": 0.9, "added": False},
    "case-2": {"brevity": 0.5},
    "case-3": {"brevity": 0.5},
}


def check_that_it_ended_well(found: dict[str, Any]) -> None:
    (run,) = found["runs"]
    assert (run["status"], list(run["artifacts"]), len(run["datasets"])) == ("FINISHED", ["eval_results.json"], 1)
    assert scores(found) == FOUR_ENDED
    assert [len(trace["spans"]) for trace in found["traces"]] == [2, 2, 2]


def orders(records: Sequence[RunRecord]) -> list[tuple[RunRecord, ...]]:
    """Every order, and one in which everything comes again."""
    return [*permutations(records), (*records, *records, *reversed(records))]


def test_in_every_order_and_repetition_the_run_ends_the_same(
    migrated_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = session_of_four()
    ended = []
    for number, order in enumerate(orders(records)):
        folder = tmp_path / str(number)
        folder.mkdir()
        monkeypatch.chdir(folder)
        shutil.copy(migrated_database, folder / "mlflow.db")
        line = Line(f"sqlite:///{folder}/mlflow.db", folder)
        for record in order:
            line.ship(record)
        ended.append(line.look())
        receipt = line.spool.receipt(records[0].key)
        assert receipt is not None
        assert receipt.end_ns == records[-1].end_ns
    check_that_it_ended_well(ended[0])
    for order, found in zip(orders(records), ended, strict=True):
        assert found == ended[0], [records.index(record) for record in order]


def test_parts_that_waited_until_after_the_end_neither_reopen_the_run_nor_undo_what_is_newer(line: Line) -> None:
    opening, first, second, end = session_of_four()
    line.ship(end)
    line.ship(second)
    line.ship(opening, first)
    check_that_it_ended_well(line.look())
    assert line.run()["times"][1] == (end.end_ns or 0) // 1_000_000


def test_a_session_that_is_taken_up_again_after_its_end_has_the_last_word(line: Line) -> None:
    session, trace = SessionRecords(), new_key()
    broken_off = session.end(assessed(1, trace_id=trace, brevity=0.1), after=10, status="FAILED")
    line.ship(session.part(), broken_off)
    assert line.run()["status"] == "FAILED"
    line.ship(session.part(assessed(1, trace_id=trace, brevity=0.8)))
    assert line.run()["status"] == "FAILED"
    assert line.spool.receipt(session.key, end_ns=99) is None
    resumed = session.end(assessed(2), after=90)
    (receipt,) = line.ship(resumed)
    assert line.spool.receipt(session.key) == line.spool.receipt(session.key, end_ns=resumed.end_ns) == receipt
    assert receipt.trace_count == 2
    line.ship(broken_off)  # put back by 'technoshare spool retry', for instance
    run = line.run()
    assert (run["status"], run["times"][1]) == ("FINISHED", (resumed.end_ns or 0) // 1_000_000)
    assert scores(line.look()) == {"case-1": {"brevity": 0.8}, "case-2": {"brevity": 0.5}}


def test_what_is_said_of_a_case_again_replaces_what_was_said_but_not_what_people_said(line: Line) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds
    from mlflow.entities import AssessmentSource, Feedback  # noqa: PLC0415
    from mlflow.tracing.client import TracingClient  # noqa: PLC0415

    session, trace = SessionRecords(), new_key()
    line.ship(session.part(assessed(1, trace_id=trace, brevity=0.1, gone=True, flips=True)))
    by_hand = Feedback(name="by_hand", value="good", source=AssessmentSource(source_type="HUMAN", source_id="ada"))
    TracingClient(line.store).log_assessment(f"tr-{trace}", by_hand)
    line.ship(session.part(assessed(1, trace_id=trace, brevity=0.9, flips=False, added=True)))
    assert scores(line.look()) == {"case-1": {"brevity": 0.9, "flips": False, "added": True, "by_hand": "good"}}
    stored = MlflowClient(line.store).get_trace(f"tr-{trace}").info.assessments
    rationales = {one.name: one.rationale for one in stored}
    assert rationales == {
        "brevity": "brevity is 0.9",
        "flips": "flips is False",
        "added": "added is True",
        "by_hand": None,
    }


def test_a_twin_that_a_late_request_makes_between_two_parts_does_not_take_over_the_run(line: Line) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    session, client = SessionRecords(), MlflowClient(line.store)
    (first,) = line.ship(session.part(assessed(1)))
    tags = {"record.key": session.key, "record.root_key": session.key, "record.kind": "eval_session"}
    for start in (0, 2 * 10**12):  # older and newer: whichever way the search sorts them
        client.create_run(first.experiment_id, tags=tags, start_time=start, run_name="eval")
    (second,) = line.ship(session.part(assessed(2)))
    (last,) = line.ship(session.end(assessed(3)))
    assert first.run_id == second.run_id == last.run_id
    found = line.look()
    assert names(found) == {"eval": 1}
    assert {trace["run"] for trace in found["traces"]} == {session.key}
    assert last.trace_count == 3


def test_a_part_costs_the_same_however_many_traces_were_shipped_before(sqlite_store: str, tmp_path: Path) -> None:
    from sqlalchemy import event  # noqa: PLC0415 - MLflow brings it
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    line, session = Line(sqlite_store, tmp_path), SessionRecords()
    statements: list[int] = []

    def count(*_: object) -> None:
        statements[-1] += 1

    event.listen(Engine, "before_cursor_execute", count)
    try:
        for start in range(0, 100, 20):
            statements.append(0)
            line.ship(session.part(*(assessed(start + number, flag=True) for number in range(20))))
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    assert len(set(statements[1:])) == 1
    assert statements[-1] / 20 < 20  # MLflow's own way takes 117


def test_a_shipper_killed_between_any_two_steps_of_a_session_leaves_nothing_twice(
    migrated_database: Path, tmp_path: Path
) -> None:
    result = die_many_deaths("sqlite", "parts", str(tmp_path), str(migrated_database))
    check_that_it_ended_well(result["undisturbed"]["found"])
    assert len(result["killed"]) == result["undisturbed"]["passed"] > 50
    check_that_every_life_ended_alike(result)


def test_a_shipper_killed_around_a_request_of_a_session_to_a_server_leaves_nothing_twice(
    migrated_database: Path, server_store: str, tmp_path: Path
) -> None:
    moments = [f"{when}-{number}" for number in (4, 8, 12, 16, 20, 24) for when in ("before", "after")]
    with killing_proxy(server_store) as proxy:
        result = die_many_deaths(
            *("proxy", "parts", str(tmp_path), str(migrated_database), proxy.address, server_store, *moments)
        )
    check_that_it_ended_well(result["undisturbed"]["found"])
    assert len([client for client, _, _ in proxy.requests if client.startswith("never/")]) > 24
    assert len(result["killed"]) == len(moments)
    check_that_every_life_ended_alike(result)


@pytest.mark.parametrize("lost", ["lost-runs_create", "lost-v1_traces", "lost-runs_update", "late-runs_create"])
def test_a_request_of_a_session_whose_answer_is_lost_is_not_done_twice(
    lost: str, server_store: str, tmp_path: Path
) -> None:
    with killing_proxy(server_store) as proxy:
        line = Line(f"{proxy.address}/{lost}/0", tmp_path)
        line.ship(*session_of_four())
    assert proxy.seen[lost], "no answer was lost"
    assert proxy.held == {}, "the late request was never made"
    line.store = server_store
    check_that_it_ended_well(line.look())


def test_the_command_that_ships_what_waits_knows_parts(sqlite_store: str, tmp_path: Path) -> None:
    spool = Spool(tmp_path / ".technoshare" / "spool")
    for record in session_of_four():
        add(spool, record, "evals", "sqlite:///elsewhere.db")
    environment = {"MLFLOW_TRACKING_URI": sqlite_store, "TECHNOSHARE_HOME": str(tmp_path / ".technoshare")}

    def spool_command(*arguments: str) -> str:
        done = technoshare("spool", *arguments, folder=tmp_path, settings=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "pending    4  (technoshare spool ship)" in spool_command("status")
    said = spool_command("ship")
    assert said.count("shipped a part of eval as run ") == 3
    assert said.count("shipped eval as run ") == 1
    assert "4 shipped, 0 set aside, 0 left" in said
    assert "pending    0" in spool_command("status")
