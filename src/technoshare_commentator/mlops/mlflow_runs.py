"""What goes into one MLflow run besides traces, in as few calls as the server allows."""

from __future__ import annotations

import json
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mlflow.entities import Dataset, DatasetInput, Metric, Param, RunTag

from technoshare_commentator.mlops.mlflow_repair import MAX_DIGEST_LENGTH, MAX_NAME_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from mlflow import MlflowClient
    from mlflow.store.entities import PagedList

    from technoshare_commentator.mlops.records import DatasetRecord, RunRecord

_TAGS_PER_CALL = 90
_METRICS_PER_CALL = 800  # MLflow takes 1,000 values a call in all

T = TypeVar("T")


def log_values(client: MlflowClient, run_id: str, record: RunRecord) -> None:
    """Write tags, params and metrics; metrics carry the record's own time, so that a second time changes nothing."""
    moment = (record.end_ns or record.start_ns) // 1_000_000
    tags = [RunTag(name, value) for name, value in record.tags.items()]
    params = [Param(name, value) for name, value in record.params.items()]
    metrics = [Metric(name, value, moment, 0) for name, value in record.metrics.items()]
    for few_metrics, few_params, few_tags in zip_longest(
        batches(metrics, _METRICS_PER_CALL),
        batches(params, _TAGS_PER_CALL),
        batches(tags, _TAGS_PER_CALL),
        fillvalue=(),
    ):
        client.log_batch(run_id, few_metrics, few_params, few_tags)


def log_artifacts(client: MlflowClient, run_id: str, artifacts: Mapping[str, str]) -> None:
    """Write files by their path; those that are there already are replaced."""
    if not artifacts:
        return
    with tempfile.TemporaryDirectory() as folder:
        for path, content in artifacts.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode(errors="replace"))
        client.log_artifacts(run_id, folder)


def log_datasets(client: MlflowClient, run_id: str, datasets: Sequence[DatasetRecord]) -> None:
    """Say which datasets the run evaluated."""
    if datasets:
        client.log_inputs(run_id, datasets=[_dataset(dataset) for dataset in datasets])


def all_pages(ask: Callable[[str | None], PagedList[T]]) -> Iterator[T]:
    """Everything that a search finds, page by page."""
    token = None
    while True:
        page = ask(token)
        yield from page
        token = page.token
        if not token:
            return


def batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    """Items in lists of at most `size`."""
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


def _dataset(record: DatasetRecord) -> DatasetInput:
    source = json.dumps({"path": record.source, "version": record.version})
    return DatasetInput(Dataset(record.name[:MAX_NAME_LENGTH], record.digest[:MAX_DIGEST_LENGTH], "local", source))
