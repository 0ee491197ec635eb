"""Time the same job logged with MLflow's fluent API, in the job's own process; prints a list of milliseconds."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from typing import TYPE_CHECKING

import mlflow
from prepared_job import LINK, milliseconds, prepared_pipeline

from technoshare_commentator.domain import Job
from technoshare_commentator.mlops.tracking import Tracker
from technoshare_commentator.pipeline.process_message import Pipeline, comment_on_link

if TYPE_CHECKING:
    from technoshare_commentator.mlops.records import RunRecord


def recorded(pipeline: Pipeline) -> RunRecord:
    """Return what a job records, to be logged again and again."""
    kept: list[RunRecord] = []
    tracked = Pipeline(**{**vars(pipeline), "tracker": Tracker(kept.append, tracing_enabled=False)})
    asyncio.run(comment_on_link(Job(id="0"), LINK, tracked))
    return kept[0]


def log(record: RunRecord, *, nested: bool = False) -> None:
    """Log a run and what is nested in it the way MLflow's documentation shows."""
    with mlflow.start_run(run_name=record.name, nested=nested):
        mlflow.set_tags(record.tags)
        mlflow.log_params(record.params)
        mlflow.log_metrics(record.metrics)
        for path, content in record.artifacts.items():
            mlflow.log_text(content, path)
        for child in record.children:
            log(child, nested=True)


if __name__ == "__main__":
    logging.disable()
    job = recorded(prepared_pipeline())
    mlflow.set_experiment("benchmark")
    print(json.dumps(milliseconds(int(sys.argv[1]), lambda _: log(job))))
