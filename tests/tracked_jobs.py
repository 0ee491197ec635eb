"""Jobs that really ran, tracked and shipped to a real store: production's line over pages of the evals."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator import bootstrap
from technoshare_commentator.config import Settings
from technoshare_commentator.domain import Job
from technoshare_commentator.errors import FetchFailedError
from technoshare_commentator.mlops.records import Shipment
from technoshare_commentator.mlops.shipper import Shipper, open_mlflow
from technoshare_commentator.mlops.spool import Spool
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import process_message
from technoshare_commentator.retrieval.frozen import FrozenRetriever

if TYPE_CHECKING:
    from collections.abc import Mapping

    from technoshare_commentator.domain import Evidence, Link
    from technoshare_commentator.mlops.records import RunRecord

EVALS = Path(__file__).resolve().parents[1] / "evals"
GOOD, SHORT, GONE = "https://brightsluice.example/ci", "https://hashfold.example/note", "https://gone.example/x"
PAGES = {GOOD: "blog-brightsluice-ci.html", SHORT: "edge-too-short.html"}


class Retriever(FrozenRetriever):
    """Pages of the evals; every other link is dead."""

    async def retrieve(self, link: Link) -> Evidence:
        if link.url not in PAGES:
            raise FetchFailedError(f"{link.url!r} answered 404 Not Found: check the link")
        return await super().retrieve(link)


def run_jobs(messages: Mapping[str, str], *, tracing: bool = True) -> list[RunRecord]:
    """Answer messages, job's id to text, one after the other; the records of the jobs."""
    records: list[RunRecord] = []
    analysts = bootstrap.Analysts(Settings())
    parts = replace(
        bootstrap.evaluation_pipeline({}, EVALS, analysts),
        retriever=Retriever(PAGES, EVALS / "pages"),
        tracker=Tracker(records.append, tracing_enabled=tracing),
    )
    for job_id, text in messages.items():
        asyncio.run(process_message(Job(id=job_id, channel_id="C0TECHNO", message_ts="1.2", text=text), parts))
    return records


@dataclass(frozen=True)
class Production:
    """A store, an experiment in it, and the home of the process that tracks there."""

    store: str
    experiment: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a process that reads or tracks there."""
        return {
            "MLFLOW_TRACKING_URI": self.store,
            "MLFLOW_EXPERIMENT_NAME": self.experiment,
            "TECHNOSHARE_HOME": str(self.home),
        }

    @property
    def spool(self) -> Spool:
        """Where its records wait."""
        return Spool(self.home / "spool")

    def track(self, *records: RunRecord) -> None:
        """Leave records in the spool."""
        for record in records:
            self.spool.append(record.key, Shipment(self.experiment, self.store, record).to_json())

    def ship(self) -> dict[str, str]:
        """Ship what waits; the runs by the names of the records."""
        shipper = Shipper(self.spool, self.store, lambda: open_mlflow(self.store))
        receipts = list(shipper.ship_pending())
        assert (shipper.tally.error, shipper.tally.set_aside) == ("", 0)
        return {receipt.name: receipt.run_id for receipt in receipts}
