"""However a shipper dies, and whatever answer is lost: shipped again, everything is there once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from deaths import check_that_every_life_ended_alike, die_many_deaths
from job_records import add, small_record
from killing_proxy import killing_proxy
from mlflow_store import contents, names
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


def check_that_it_is_all_there(found: dict[str, Any]) -> None:
    assert names(found) == {"small": 1, "stage_a": 1}
    (trace,) = found["traces"]
    assert [span["name"] for span in trace["spans"]] == ["small", "stage_a.run"]
    assert [one["assessment_name"] for one in trace["assessments"]] == ["brevity"]
    assert {run["status"] for run in found["runs"]} == {"FINISHED"}


def test_a_shipper_killed_between_any_two_steps_on_sqlite_leaves_nothing_twice(
    migrated_database: Path, tmp_path: Path
) -> None:
    """Steps are the commits of the database, the calls of MLflow's client and the removal of the record's file."""
    result = die_many_deaths("sqlite", "small", str(tmp_path), str(migrated_database))
    check_that_it_is_all_there(result["undisturbed"]["found"])
    assert len(result["killed"]) == result["undisturbed"]["passed"] > 30
    check_that_every_life_ended_alike(result)


def test_a_shipper_killed_around_a_request_to_a_server_leaves_nothing_twice(
    migrated_database: Path, server_store: str, tmp_path: Path
) -> None:
    moments = [f"{when}-{number}" for number in (2, 3, 6, 9, 12, 15) for when in ("before", "after")]
    with killing_proxy(server_store) as proxy:
        result = die_many_deaths(
            *("proxy", "small", str(tmp_path), str(migrated_database), proxy.address, server_store, *moments)
        )
    check_that_it_is_all_there(result["undisturbed"]["found"])
    assert len([client for client, _, _ in proxy.requests if client.startswith("never/")]) > 15
    assert len(result["killed"]) == len(moments)
    check_that_every_life_ended_alike(result)


@pytest.mark.parametrize(
    "lost", ["lost-runs_create", "lost-runs_log-batch", "lost-v1_traces", "lost-runs_update", "late-runs_create"]
)
def test_a_request_whose_answer_is_lost_is_not_done_twice(lost: str, server_store: str, tmp_path: Path) -> None:
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    record, spool, experiment = small_record(), Spool(tmp_path / "spool"), f"{lost} {tmp_path.name}"
    with killing_proxy(server_store) as proxy:
        address = f"{proxy.address}/{lost}/0"
        add(spool, record, experiment, address)
        shipper = Shipper(spool, address, lambda: open_mlflow(address))
        (receipt,) = shipper.ship_pending()
    assert proxy.seen[lost] > 1, "no answer was lost"
    assert proxy.held == {}, "the late request was never made"
    assert receipt.key == record.key
    check_that_it_is_all_there(contents(MlflowClient(server_store), experiment))
