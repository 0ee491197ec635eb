"""Several machines evaluate a share of the cases each, into one run: the last to arrive puts it together."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from deaths import check_that_every_life_ended_alike, die_many_deaths
from job_records import add
from mlflow_store import contents
from session_records import SessionRecords, assessed, results_of
from technoshare_commentator.mlops.delivery import ShipperProcess
from technoshare_commentator.mlops.evaluation.merging import merge_results
from technoshare_commentator.mlops.evaluation.session_results import SessionResults
from technoshare_commentator.mlops.evaluation_runs import open_run
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from pathlib import Path

    from technoshare_commentator.mlops.records import RunRecord, Status

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")

SECONDS = 60


class Machines:
    """Machines with a spool each and one store, in which a run was opened."""

    def __init__(self, store: str, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.experiment = f"shards {folder.name}"
        self.run_id = open_run(store, self.experiment, "shared")

    def session(self, shard: str, run_id: str = "") -> SessionRecords:
        return SessionRecords(shard=shard, run_id=run_id or self.run_id)

    def spool(self, machine: str) -> Spool:
        return Spool(self.folder / f"spool of {machine}")

    def ship(self, machine: str, *records: RunRecord) -> list[Receipt]:
        for record in records:
            add(self.spool(machine), record, self.experiment, self.store)
        shipper = Shipper(self.spool(machine), self.store, lambda: open_mlflow(self.store))
        receipts = list(shipper.ship_pending())
        assert (shipper.tally.error, shipper.tally.set_aside) == ("", 0)
        return receipts

    def look(self) -> dict[str, Any]:
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

        return contents(MlflowClient(self.store), self.experiment)

    def run(self) -> dict[str, Any]:
        (run,) = self.look()["runs"]
        return dict(run)


@pytest.fixture
def machines(store: str, tmp_path: Path) -> Machines:
    return Machines(store, tmp_path)


def arrived(run: dict[str, Any]) -> dict[str, str]:
    return {tag.removeprefix("eval.shard."): text for tag, text in run["tags"].items() if tag.startswith("eval.shard.")}


RESULTS = {
    shard: results_of(numbers, shard=shard, failed=[4])
    for shard, numbers in (("1/3", [1, 4]), ("2/3", [2]), ("3/3", [3]))
}


def ends(machines: Machines, statuses: dict[str, Status] | None = None) -> dict[str, RunRecord]:
    """The last records of three shards, a trace in each, ending after 61, 62 and 63 seconds."""
    return {
        shard: machines.session(shard).end(
            assessed(number), results=found, after=60 + number, status=(statuses or {}).get(shard, "FINISHED")
        )
        for number, (shard, found) in enumerate(RESULTS.items(), start=1)
    }


def check_merged(machines: Machines, status: Status = "FINISHED") -> None:
    run = machines.run()
    merged = merge_results(list(RESULTS.values()))
    assert (run["name"], run["status"]) == ("shared", status)
    assert SessionResults.model_validate_json(run["artifacts"]["eval_results.json"]) == merged
    assert {name: float(points[-1][0]) for name, points in run["metrics"].items()} == merged.metrics
    assert merged.metrics["cases"] == 4.0
    assert run["tags"].items() >= {**merged.tags, "mlflow.runType": "genai_evaluate"}.items()
    for shard, found in RESULTS.items():
        stored = run["artifacts"][f"shards/{shard.replace('/', '-of-')}.json"]
        assert SessionResults.model_validate_json(stored) == found
    assert len(run["artifacts"]) == 4
    traces = machines.look()["traces"]
    assert sorted(trace["tags"]["eval.example_id"] for trace in traces) == ["case-1", "case-2", "case-3"]
    assert {trace["run"] for trace in traces} == {machines.run_id}
    assert {one["run"] for trace in traces for one in trace["assessments"]} == {machines.run_id}


def test_the_run_goes_on_until_the_last_shard_has_arrived_and_then_holds_all_of_them(machines: Machines) -> None:
    opened = machines.run()
    assert (opened["status"], opened["tags"]["mlflow.runType"]) == ("RUNNING", "genai_evaluate")
    first, second, third = ends(machines).values()
    (of_part,) = machines.ship("a", replace(first, end_ns=None, status="RUNNING", metrics={}, artifacts={}, traces=[]))
    (of_first,) = machines.ship("a", first)
    machines.ship("c", third)
    waiting = machines.run()
    assert (waiting["status"], waiting["metrics"]) == ("RUNNING", {})
    assert set(waiting["artifacts"]) == {"shards/1-of-3.json", "shards/3-of-3.json"}
    assert arrived(waiting) == {"1-of-3": "FINISHED 1760000061000", "3-of-3": "FINISHED 1760000063000"}
    (of_second,) = machines.ship("b", second)
    check_merged(machines)
    assert machines.run()["times"][1] == (third.end_ns or 0) // 1_000_000
    assert [one.run_id for one in (of_part, of_first, of_second)] == [machines.run_id] * 3
    assert [one.trace_count for one in (of_part, of_first, of_second)] == [None, 1, 1]  # each counts its own


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_shards_may_arrive_in_any_order_and_more_than_once(
    order: tuple[int, ...], sqlite_store: str, tmp_path: Path
) -> None:
    machines = Machines(sqlite_store, tmp_path)
    records = list(ends(machines).values())
    for number in (*order, order[0], order[-1]):
        machines.ship(str(number), records[number])
    check_merged(machines)
    assert machines.run()["times"][1] == (records[2].end_ns or 0) // 1_000_000
    for points in machines.run()["metrics"].values():
        assert len(points) == 1


def test_a_shard_that_was_broken_off_makes_the_run_a_failed_one(machines: Machines) -> None:
    for shard, record in ends(machines, {"2/3": "FAILED"}).items():
        machines.ship(shard.replace("/", "-"), record)
    check_merged(machines, "FAILED")


def test_parts_of_shards_mix_in_one_run_and_one_that_waited_until_the_end_still_arrives(machines: Machines) -> None:
    one, two = machines.session("1/2"), machines.session("2/2")
    late = one.part(assessed(1))
    machines.ship("a", one.part())
    machines.ship("b", two.part(), two.part(assessed(2)), two.end(assessed(3), results=results_of([2, 3], shard="2/2")))
    (receipt,) = machines.ship("a", one.end(assessed(4), results=results_of([1, 4], shard="1/2")))
    assert receipt.trace_count == 1
    before = machines.run()
    assert before["status"] == "FINISHED"
    machines.ship("a", late)
    assert machines.run() == before
    traces = machines.look()["traces"]
    assert sorted(trace["tags"]["eval.example_id"] for trace in traces) == ["case-1", "case-2", "case-3", "case-4"]


def test_shards_that_waited_in_spools_while_the_store_was_away_make_the_same_run(machines: Machines) -> None:
    for shard, record in ends(machines).items():
        add(machines.spool(shard.replace("/", "-")), record, machines.experiment, "http://127.0.0.1:9")
    for shard in reversed(RESULTS):
        shipper = Shipper(machines.spool(shard.replace("/", "-")), machines.store, lambda: open_mlflow(machines.store))
        assert len(list(shipper.ship_pending(any_store=True))) == 1
    check_merged(machines)


def test_two_last_shards_that_finish_at_once_both_put_it_together(server_store: str, tmp_path: Path) -> None:
    machines = Machines(server_store, tmp_path)
    first, *last = ends(machines).values()
    machines.ship("a", first)
    processes = [ShipperProcess(machines.spool(str(number)), server_store, warm_up=True) for number in range(2)]
    for number, record in enumerate(last):
        add(machines.spool(str(number)), record, machines.experiment, server_store)
    for process in processes:
        process.release()
    assert [process.wait(SECONDS) for process in processes] == [True, True]
    check_merged(machines)


def test_a_run_without_shards_is_written_into_and_ended_like_one_of_its_own(machines: Machines) -> None:
    session = machines.session("")
    results = results_of([1, 2])
    machines.ship("a", session.part(assessed(1)), session.end(assessed(2), results=results))
    run = machines.run()
    assert (run["name"], run["status"], list(run["artifacts"])) == ("shared", "FINISHED", ["eval_results.json"])
    assert {name: float(points[0][0]) for name, points in run["metrics"].items()} == results.metrics
    assert len(machines.look()["traces"]) == 2


def test_a_record_for_a_run_that_does_not_exist_waits_and_says_how_to_open_one(machines: Machines) -> None:
    nowhere = machines.session("1/2", run_id="0" * 32).end(results=results_of([1]))
    odd = machines.session("3/2").end(results=results_of([1]))
    spool = machines.spool("a")
    for record in (nowhere, odd):
        add(spool, record, machines.experiment, machines.store)
    shipper = Shipper(spool, machines.store, lambda: open_mlflow(machines.store))
    reasons = []
    for _ in range(2):
        assert list(shipper.ship_pending()) == []
        reasons.append(shipper.tally.error)
        spool.pending()[-1].unlink()
    assert reasons[0] == "the shard '3/2' is none; give i/n, such as '1/3', with i at most n"
    assert f"there is no run '{'0' * 32}' in {machines.store}; open one with" in reasons[1]
    assert spool.status().set_aside == 0


def test_a_record_for_a_deleted_run_waits_until_it_is_restored(machines: Machines) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    client, spool = MlflowClient(machines.store), machines.spool("a")
    client.delete_run(machines.run_id)
    add(spool, machines.session("1/1").end(results=results_of([1], shard="1/1")), machines.experiment, machines.store)
    shipper = Shipper(spool, machines.store, lambda: open_mlflow(machines.store))
    assert list(shipper.ship_pending()) == []
    assert f"mlflow runs restore --run-id {machines.run_id}" in shipper.tally.error
    client.restore_run(machines.run_id)
    machines.ship("a")
    assert machines.run()["status"] == "FINISHED"


def test_a_shipper_killed_between_any_two_steps_of_the_last_shards_leaves_the_same_run(
    migrated_database: Path, tmp_path: Path
) -> None:
    result = die_many_deaths("sqlite", "shards", str(tmp_path), str(migrated_database))
    for life in (result["undisturbed"], *result["killed"]):
        (run,) = life["found"]["runs"]
        run["times"][0] = None  # each was opened at a time of its own
    (run,) = result["undisturbed"]["found"]["runs"]
    assert (run["status"], set(arrived(run)), len(run["artifacts"])) == ("FINISHED", {"1-of-2", "2-of-2"}, 3)
    assert len(result["killed"]) == result["undisturbed"]["passed"] > 30
    check_that_every_life_ended_alike(result)
