"""The background process that empties the spool: `python -m technoshare_commentator.mlops.shipper`.

It is a process of its own so that the job neither imports MLflow nor shares an interpreter with it. It works
until its standard input closes and nothing is left for its store, so whoever starts it decides how long it lives.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.mlflow_environment import prepare_mlflow
from technoshare_commentator.mlops.records import Shipment
from technoshare_commentator.mlops.redaction import Redactor, without_password
from technoshare_commentator.mlops.spool import Receipt, Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

logger = logging.getLogger("technoshare_commentator.shipper")

_POLL_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 30.0
_ATTEMPTS = 3
_RETRY_SECONDS = 1.0
# Errors that will come back however often the record is sent; anything else may be the store's bad day.
_FINAL_ERRORS = frozenset({"INVALID_PARAMETER_VALUE", "BAD_REQUEST", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE"})


class Writer(Protocol):
    """Takes shipments."""

    def write(self, shipment: Shipment) -> Receipt:
        """Write one, or raise."""
        ...

    def check(self) -> None:
        """Raise when the store cannot be reached."""
        ...


@dataclass
class Tally:
    """What a shipper did: counts, and why it stopped early, if it did."""

    shipped: int = 0
    set_aside: int = 0
    error: str = ""


class Shipper:
    """Moves records from a spool into a store; hold the spool's `store_lock` while it does."""

    def __init__(self, spool: Spool, tracking_uri: str, open_store: Callable[[], Writer]) -> None:
        """Take the spool and how to open the store, which happens when there is something to ship."""
        self._spool = spool
        self._name = without_password(tracking_uri)
        self._open_store = open_store
        self._store: Writer | None = None
        self._for_others: set[Path] = set()
        self._redact = Redactor()
        self.tally = Tally()

    def try_to_warm_up(self) -> None:
        """Open the store ahead of the first record; what fails here fails again, with a reason, at that record."""
        with suppress(Exception):
            self._opened()

    def has_work(self) -> bool:
        """Whether something waits that may be for this store."""
        return any(path not in self._for_others for path in self._spool.pending())

    def ship_pending(self, *, any_store: bool = False) -> Iterator[Receipt]:
        """Ship what waits for this store (or for any), oldest first; stops at the first sign of a dead store."""
        self.tally.error = ""
        for path in self._spool.pending():
            if path in self._for_others and not any_store:
                continue
            try:
                with self._spool.claim(path) as content:
                    receipt = None if content is None else self._ship(path, content, any_store=any_store)
            except ConfigurationError as error:  # this record waits until somebody has mended it; the next need not
                self.tally.error = str(error)
                continue
            except _DeadStoreError as error:
                self.tally.error = str(error)
                break
            if receipt is not None:
                yield receipt
        if self.tally.error:
            self._spool.failed(self.tally.error)

    def _ship(self, path: Path, content: bytes, *, any_store: bool) -> Receipt | None:
        try:
            shipment = Shipment.from_json(content)
        except ValueError as error:
            self._set_aside(path, f"not a readable record: {error}")
            return None
        if not any_store and shipment.tracking_uri != self._name:
            self._for_others.add(path)
            return None
        try:
            receipt = self._write(shipment)
        except _RefusedError as refusal:
            self._set_aside(path, str(refusal))
            return None
        self._spool.shipped(path, receipt)
        self.tally.shipped += 1
        return receipt

    def _write(self, shipment: Shipment) -> Receipt:
        """Write with a few attempts; what fails while the store answers other questions is the record's own fault."""
        reason = ""
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(_RETRY_SECONDS)
            try:
                return self._opened().write(shipment)
            except ConfigurationError:
                raise
            except Exception as error:
                reason = self._redact.text(_first_line(error))
                if not self._is_alive():
                    raise _DeadStoreError(f"{self._name}: {reason}") from error
                if getattr(error, "error_code", "") in _FINAL_ERRORS:
                    raise _RefusedError(reason) from error
        raise _RefusedError(f"the store answers, but failed {_ATTEMPTS} times on this record: {reason}")

    def _opened(self) -> Writer:
        if self._store is None:
            self._store = self._open_store()
        return self._store

    def _is_alive(self) -> bool:
        if self._store is None:
            return False
        try:
            self._store.check()
        except Exception as error:  # noqa: BLE001 - whatever it is, the store does not answer
            logger.debug("the store does not answer: %s", error)
            return False
        return True

    def _set_aside(self, path: Path, reason: str) -> None:
        kept = self._spool.set_aside(path, reason)
        self.tally.set_aside += 1
        logger.warning("set aside %s: %s", kept, reason)


class _RefusedError(Exception):
    """The store refuses this record for good."""


class _DeadStoreError(Exception):
    """The store does not answer."""


def open_mlflow(tracking_uri: str) -> Writer:
    """Open an MLflow store; this is where MLflow gets imported."""
    prepare_mlflow()
    from technoshare_commentator.mlops.mlflow_writer import MlflowWriter  # noqa: PLC0415 - takes seconds

    return MlflowWriter(tracking_uri)


def run_until_released(shipper: Shipper, store_lock: Callable[[], AbstractContextManager[None]]) -> None:
    """Ship what comes until standard input closes, and once more after that; a dead store is asked ever less often."""
    released = threading.Event()
    threading.Thread(target=_wait_for_end_of_input, args=(released,), daemon=True).start()
    pause = _POLL_SECONDS
    while True:
        last_round = released.is_set()
        if shipper.has_work():
            with store_lock():
                for receipt in shipper.ship_pending():
                    what = "" if receipt.is_final else "a part of "
                    logger.info("shipped %s%s as run %s", what, receipt.name, receipt.run_id)
        if last_round:
            return
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS) if shipper.tally.error else _POLL_SECONDS
        released.wait(pause)


def _wait_for_end_of_input(released: threading.Event) -> None:
    sys.stdin.buffer.read()
    released.set()


def main(arguments: list[str] | None = None) -> int:
    """Empty the spool into the store of `MLFLOW_TRACKING_URI`; exit status 3 when that could not be reached."""
    parser = argparse.ArgumentParser(prog="technoshare_commentator.mlops.shipper", description=__doc__)
    parser.add_argument("--spool", type=Path, required=True, help="folder of the spool")
    parser.add_argument("--warm-up", action="store_true", help="open the store before there is anything to ship")
    options = parser.parse_args(arguments)
    uri = os.environ["MLFLOW_TRACKING_URI"]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    spool = Spool(options.spool)
    shipper = Shipper(spool, uri, lambda: open_mlflow(uri))

    def store_lock() -> AbstractContextManager[None]:
        return spool.store_lock(uri)

    if options.warm_up:
        with store_lock():
            shipper.try_to_warm_up()
    run_until_released(shipper, store_lock)
    if shipper.tally.error:
        logger.error(shipper.tally.error)
        return 3
    return 0


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return f"{type(error).__name__}: {text.splitlines()[0] if text else ''}"


if __name__ == "__main__":
    sys.exit(main())
