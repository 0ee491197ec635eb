"""The shipper's decisions, with a writer that does as it is told."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops import shipper as shipping
from technoshare_commentator.mlops.records import RunRecord, Shipment
from technoshare_commentator.mlops.shipper import Shipper
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STORE = "http://mlflow.example:5000"


class StoreError(Exception):
    """As MLflow's exceptions: an error code beside the text."""

    def __init__(self, message: str, error_code: str = "INTERNAL_ERROR") -> None:
        super().__init__(message)
        self.error_code = error_code


@dataclass
class FakeWriter:
    """Raises the errors set for a record's name, one an attempt; `dead` makes it refuse to answer at all."""

    errors: dict[str, list[Exception]] = field(default_factory=dict)
    dead: bool = False
    dead_with: Exception = field(default_factory=lambda: ConnectionError("connection refused"))
    dies_of: str = ""
    written: list[str] = field(default_factory=list)
    attempts: list[str] = field(default_factory=list)

    def write(self, shipment: Shipment) -> Receipt:
        name = shipment.run.name
        self.attempts.append(name)
        self.dead = self.dead or name == self.dies_of
        if self.dead:
            raise self.dead_with
        if self.errors.get(name):
            raise self.errors[name].pop(0)
        self.written.append(name)
        return Receipt(shipment.run.key, name, "1", f"run of {name}", STORE)

    def check(self) -> None:
        if self.dead:
            raise self.dead_with


@dataclass
class Room:
    """A spool, a writer, and a shipper between them."""

    spool: Spool
    writer: FakeWriter
    shipper: Shipper

    def add(self, *names: str, store: str = STORE) -> None:
        for name in names:
            record = RunRecord(name=name, kind="job")
            self.spool.append(record.key, Shipment("experiment", store, record).to_json())

    def ship(self, *, any_store: bool = False) -> list[str]:
        return [receipt.name for receipt in self.shipper.ship_pending(any_store=any_store)]

    @property
    def waiting(self) -> list[str]:
        return [json.loads(path.read_bytes())["run"]["name"] for path in self.spool.pending()]

    @property
    def reasons(self) -> list[str]:
        return [path.read_text().strip() for path in sorted(self.spool.directory.glob("set_aside/*.reason.txt"))]


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setattr(shipping, "_RETRY_SECONDS", 0)
    spool, writer = Spool(tmp_path / "spool"), FakeWriter()
    return Room(spool, writer, Shipper(spool, STORE, lambda: writer))


def test_everything_that_waits_is_shipped_oldest_first(room: Room) -> None:
    room.add("a", "b", "c")
    assert room.ship() == room.writer.written == ["a", "b", "c"]
    assert (room.waiting, room.shipper.tally.shipped, room.shipper.tally.error) == ([], 3, "")
    assert room.ship() == []


def test_a_dead_store_keeps_every_record_and_is_not_asked_for_each_of_them(room: Room) -> None:
    room.add("a", "b", "c")
    room.writer.dies_of = "b"
    assert room.ship() == ["a"]
    assert room.writer.attempts == ["a", "b"]
    assert room.waiting == ["b", "c"]
    assert room.shipper.tally.error == f"{STORE}: ConnectionError: connection refused"
    assert room.spool.last_error == room.shipper.tally.error
    assert room.reasons == []


def test_a_store_that_comes_back_gets_what_waited_and_clears_the_error(room: Room) -> None:
    room.add("a", "b")
    room.writer.dead = True
    assert room.ship() == []
    room.writer.dead = False
    assert room.ship() == ["a", "b"]
    assert (room.shipper.tally.error, room.spool.last_error) == ("", "")


def test_a_store_that_cannot_even_be_opened_keeps_every_record(room: Room) -> None:
    def open_store() -> FakeWriter:
        raise OSError("unable to open database file")

    room.add("a", "b")
    shipper = Shipper(room.spool, STORE, open_store)
    assert list(shipper.ship_pending()) == []
    assert shipper.tally.error == f"{STORE}: OSError: unable to open database file"
    assert room.waiting == ["a", "b"]


def test_a_passing_failure_is_tried_again(room: Room) -> None:
    room.add("a", "b")
    room.writer.errors["a"] = [StoreError("deadlock"), TimeoutError("slow")]
    assert room.ship() == ["a", "b"]
    assert room.writer.attempts == ["a", "a", "a", "b"]


@pytest.mark.parametrize("code", ["INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE"])
def test_what_a_store_refuses_for_good_is_set_aside_at_once_and_does_not_block_the_next(room: Room, code: str) -> None:
    room.add("a", "b", "c")
    room.writer.errors["b"] = [StoreError("no such thing\nwith details", code)]
    assert room.ship() == ["a", "c"]
    assert room.writer.attempts == ["a", "b", "c"]
    assert (room.waiting, room.shipper.tally.set_aside, room.shipper.tally.error) == ([], 1, "")
    assert room.reasons == ["StoreError: no such thing"]


def test_a_server_that_answers_no_to_everything_is_a_wrong_address_and_no_reason_to_set_records_aside(
    room: Room,
) -> None:
    room.add("a", "b")
    room.writer.dead = True
    room.writer.dead_with = StoreError("404 page not found", "RESOURCE_DOES_NOT_EXIST")
    assert room.ship() == []
    assert (room.waiting, room.reasons) == (["a", "b"], [])
    assert room.shipper.tally.error == f"{STORE}: StoreError: 404 page not found"


def test_a_record_that_fails_three_times_on_a_store_that_answers_is_set_aside(room: Room) -> None:
    room.add("a", "b")
    room.writer.errors["a"] = [KeyError("tokens"), StoreError("internal error"), StoreError("still")]
    assert room.ship() == ["b"]
    assert room.writer.attempts == ["a", "a", "a", "b"]
    assert room.reasons == ["the store answers, but failed 3 times on this record: StoreError: still"]


def test_a_corrupt_file_is_set_aside_with_the_reason(room: Room) -> None:
    room.spool.append("k1", b'{"experiment": ')
    room.add("b")
    assert room.ship() == ["b"]
    (reason,) = room.reasons
    assert reason.startswith("not a readable record: ")
    assert room.waiting == []


def test_what_a_user_has_to_mend_keeps_its_record_and_does_not_block_the_next(room: Room) -> None:
    room.add("deleted", "fine")
    room.writer.errors["deleted"] = [ConfigurationError("the experiment 'x' is deleted; restore it")] * 2
    assert room.ship() == ["fine"]
    assert (room.waiting, room.reasons) == (["deleted"], [])
    assert room.shipper.tally.error == room.spool.last_error == "the experiment 'x' is deleted; restore it"
    assert room.ship() == []
    assert room.ship() == ["deleted"]
    assert room.spool.last_error == ""


def test_records_for_another_store_wait_for_it_unless_any_store_will_do(room: Room) -> None:
    room.add("ours")
    room.add("theirs", store="sqlite:////elsewhere/mlflow.db")
    assert room.ship() == ["ours"]
    assert room.waiting == ["theirs"]
    assert room.shipper.tally.error == ""
    assert not room.shipper.has_work()
    assert room.ship() == []
    assert room.ship(any_store=True) == ["theirs"]


def test_a_new_record_is_work_even_while_those_of_others_wait(room: Room) -> None:
    room.add("theirs", store="http://other.example")
    assert room.shipper.has_work()
    room.ship()
    assert not room.shipper.has_work()
    room.add("ours")
    assert room.shipper.has_work()
    assert room.ship() == ["ours"]


def test_a_record_names_its_store_without_the_password_and_is_shipped_all_the_same(room: Room) -> None:
    room.add("a", store="postgresql://mlflow@db.example/mlflow")
    uri = "postgresql://mlflow:p4ssword@db.example/mlflow"
    shipper = Shipper(room.spool, uri, lambda: room.writer)
    assert [receipt.name for receipt in shipper.ship_pending()] == ["a"]


def test_no_password_is_written_down_when_a_store_fails(room: Room) -> None:
    uri = "http://mlflow:p4ssword@mlflow.example"
    room.add("a", store="http://mlflow@mlflow.example")

    def open_store() -> FakeWriter:
        raise ConnectionError(f"cannot connect to {uri}")

    shipper = Shipper(room.spool, uri, open_store)
    assert list(shipper.ship_pending()) == []
    assert "p4ssword" not in shipper.tally.error
    assert "p4ssword" not in room.spool.last_error


def test_warming_up_opens_the_store_once_and_swallows_what_goes_wrong(room: Room) -> None:
    opened: list[str] = []

    def open_store() -> FakeWriter:
        opened.append("opened")
        if len(opened) == 1:
            raise OSError("not yet")
        return room.writer

    shipper = Shipper(room.spool, STORE, open_store)
    shipper.try_to_warm_up()
    shipper.try_to_warm_up()
    room.add("a")
    assert [receipt.name for receipt in shipper.ship_pending()] == ["a"]
    assert opened == ["opened", "opened"]


def test_a_record_that_another_shipper_has_finished_meanwhile_is_passed_over(room: Room) -> None:
    room.add("a", "b")

    def pending_then_gone() -> Iterator[Path]:
        first, second = room.spool.pending()
        first.unlink()
        yield from (first, second)

    paths = list(pending_then_gone())
    room.shipper._spool = spool = Spool(room.spool.directory)
    spool.pending = lambda: paths  # type: ignore[method-assign]  # the listing is older than the disk
    assert room.ship() == ["b"]
