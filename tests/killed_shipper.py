"""Ships records again and again, each time killed at a later moment, and then once more to the end.

`python killed_shipper.py sqlite WHAT WORKDIR DATABASE` dies at every commit, every call of MLflow's client and every
removal of a file; `python killed_shipper.py proxy WHAT WORKDIR DATABASE ADDRESS SERVER MOMENT…` has a proxy at ADDRESS
kill it (see `killing_proxy`). WHAT is `small` for one record, `parts` for a session of several, `shards` for two that
share a run. MLflow is imported once, every shipper is a fork. Prints JSON: what the store holds after every death.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import signal
import sys
import warnings
from dataclasses import replace
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from job_records import add, small_record
from mlflow_store import contents
from session_records import SessionRecords, assessed, results_of, session_of_four
from technoshare_commentator.mlops.evaluation_runs import open_run
from technoshare_commentator.mlops.records import Shipment, new_key
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from technoshare_commentator.mlops.records import RunRecord

AT_ONCE = 2
SHARED = "SHARED"  # stands for the id of the run that shards share


class Countdown:
    """Kills this process at a moment counted from the start; with None it only counts."""

    def __init__(self, moment: int | None) -> None:
        self._moment = moment
        self.passed = 0

    def __call__(self, *_: object) -> None:
        if self.passed == self._moment:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1

    def install(self) -> None:
        """Stand before everything that leaves a trace in the world."""
        from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds
        from mlflow.tracing.client import TracingClient  # noqa: PLC0415
        from sqlalchemy import event  # noqa: PLC0415
        from sqlalchemy.engine import Engine  # noqa: PLC0415

        event.listen(Engine, "commit", self)
        for owner, name in (
            *((MlflowClient, name) for name in ("create_run", "log_batch", "log_artifacts", "log_inputs")),
            *((MlflowClient, name) for name in ("create_experiment", "set_terminated", "delete_run")),
            *((TracingClient, name) for name in ("log_spans", "start_trace", "delete_assessment")),
            (Path, "unlink"),
        ):
            setattr(owner, name, self._before(getattr(owner, name)))

    def _before(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: object, **named: object) -> object:
            self()
            return function(*arguments, **named)

        return counted


def ship(store: str) -> None:
    """One shipper's life, in the working directory."""
    shipper = Shipper(Spool(Path("spool")), store, lambda: open_mlflow(store))
    list(shipper.ship_pending(any_store=True))
    if shipper.tally.error or shipper.tally.set_aside:
        raise RuntimeError(f"{shipper.tally}")


def forked(work: Callable[[], Any]) -> Callable[[], tuple[int, Any]]:
    """Start a fork that does some work; the function returned waits for it and gives its status and result."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        status = 1
        try:
            result = pickle.dumps(work())
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(result)
            status = 0
        finally:
            os._exit(status)
    os.close(writing)

    def wait() -> tuple[int, Any]:
        with os.fdopen(reading, "rb") as pipe:
            content = pipe.read()
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        return status, pickle.loads(content) if content else None  # noqa: S301 - from our own fork

    return wait


def first_and_second_life(folder: Path, first: Callable[[], Any], second: Callable[[], Any]) -> dict[str, Any]:
    """Ship in `folder` until killed, then to the end; what came of it."""
    os.chdir(folder)
    ended_with, passed = forked(first)()
    found = second()
    waiting = len(list(Path("spool/pending").glob("*.json")))
    return {"ended_with": ended_with, "passed": passed, "found": found, "waiting": waiting}


def in_parallel(works: list[Callable[[], Any]]) -> list[Any]:
    """Do work in forks, a few at a time, results in order."""
    results: list[Any] = []
    running: list[Callable[[], tuple[int, Any]]] = []
    for work in works:
        running.append(forked(work))
        if len(running) == AT_ONCE:
            results.append(running.pop(0)()[1])
    return [*results, *(wait()[1] for wait in running)]


def spool(folder: Path, records: Sequence[RunRecord], experiment: str) -> None:
    """Put records in the spool of a folder."""
    for record in records:
        add(Spool(folder / "spool"), record, experiment, "anywhere")


def prepared(workdir: Path, name: str, records: Sequence[RunRecord], experiment: str) -> Path:
    """A folder with the records in its spool."""
    folder = workdir / name
    folder.mkdir()
    spool(folder, records, experiment)
    return folder


def parts() -> list[RunRecord]:
    """A session of three records; the second changes what the first says of a case."""
    return session_of_four()[1:]


def shards() -> list[RunRecord]:
    """The ends of two sessions that share a run."""
    names = ["1/2", "2/2"]
    sessions = [SessionRecords(shard=shard, run_id=SHARED) for shard in names]
    results = [results_of([number], shard=shard) for number, shard in enumerate(names)]
    return [
        session.end(assessed(number), results=found, after=60 + number)
        for number, (session, found) in enumerate(zip(sessions, results, strict=True))
    ]


def on_sqlite(workdir: Path, database: Path, records: Sequence[RunRecord]) -> dict[str, Any]:
    """Die at every moment; the first result is that of an undisturbed life."""

    def life(moment: int | None) -> dict[str, Any]:
        folder = workdir / f"moment-{moment}"
        folder.mkdir()
        shutil.copy(database, folder / "mlflow.db")
        store = f"sqlite:///{folder}/mlflow.db"
        os.chdir(folder)
        shared = {SHARED: forked(lambda: open_run(store, "killed", "shared"))()[1]} if records[0].run_id else {}
        spool(folder, [replace(record, run_id=shared.get(record.run_id, "")) for record in records], "killed")
        countdown = Countdown(moment)

        def first() -> int:
            countdown.install()
            ship(store)
            return countdown.passed

        result = first_and_second_life(folder, first, lambda: shipped_and_read(store, "killed"))
        return dict(json.loads(replaced(json.dumps(result), {run_id: name for name, run_id in shared.items()})))

    (undisturbed,) = in_parallel([partial(life, None)])
    moments = range(undisturbed["passed"])
    return {"undisturbed": undisturbed, "killed": in_parallel([partial(life, at) for at in moments])}


def with_other_ids(records: Sequence[RunRecord]) -> tuple[list[RunRecord], dict[str, str]]:
    """The same records with an identity of their own, so that a server can hold both; and which id became which."""
    runs = [run for record in records for run in record.walk()]
    traces = [trace for run in runs for trace in run.traces]
    keys = [*(run.key for run in runs), *(trace.trace_id for trace in traces)]
    keys += [assessment.key for trace in traces for assessment in trace.assessments]
    others = {key: new_key() for key in keys}
    texts = [Shipment("", "", record).to_json().decode() for record in records]
    return [Shipment.from_json(replaced(text, others).encode()).run for text in texts], others


def replaced(text: str, others: dict[str, str]) -> str:
    for ours, theirs in others.items():
        text = text.replace(ours, theirs)
    return text


def shipped_and_read(store: str, experiment: str) -> dict[str, Any]:
    """Ship to the end and read what is there."""
    from mlflow import MlflowClient  # noqa: PLC0415 - takes seconds

    ship(store)
    return contents(MlflowClient(tracking_uri=store), experiment)


def through_the_proxy(
    workdir: Path, address: str, server: str, moments: list[str], records: Sequence[RunRecord]
) -> dict[str, Any]:
    """Die at the moments named, which the proxy reads off the path."""

    def life(moment: str) -> dict[str, Any]:
        experiment = f"killed {workdir.name} {moment}"
        twins, twin_ids = with_other_ids(records)
        folder = prepared(workdir, f"moment-{moment}", twins, experiment)
        result = first_and_second_life(
            folder,
            lambda: ship(f"{address}/{moment}/{os.getpid()}"),
            lambda: shipped_and_read(server, experiment),
        )
        result = json.loads(replaced(json.dumps(result), {theirs: ours for ours, theirs in twin_ids.items()}))
        result["found"]["traces"].sort(key=itemgetter("id"))
        return dict(result)

    undisturbed, *killed = in_parallel([partial(life, at) for at in ("never", *moments)])
    return {"undisturbed": undisturbed, "killed": killed}


def warm_up(workdir: Path, database: Path) -> None:
    """Ship once before the first fork, so that not every fork has to import and compile what MLflow loads late."""
    folder = prepared(workdir, "warm-up", [small_record()], "warm")
    shutil.copy(database, folder / "mlflow.db")
    os.chdir(folder)
    shipped_and_read(f"sqlite:///{folder}/mlflow.db", "warm")


def small() -> list[RunRecord]:
    """One record with one of everything."""
    return [small_record()]


def main(mode: str, what: str, workdir: str, database: str, *more: str) -> None:
    """Import MLflow, then die many deaths."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warm_up(Path(workdir), Path(database))
    gc.freeze()  # else every fork's collector copies all of MLflow
    records = {"small": small, "parts": parts, "shards": shards}[what]()
    if mode == "sqlite":
        result = on_sqlite(Path(workdir), Path(database), records)
    else:
        result = through_the_proxy(Path(workdir), more[0], more[1], list(more[2:]), records)
    json.dump(result, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
