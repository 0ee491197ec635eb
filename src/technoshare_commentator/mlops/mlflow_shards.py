"""Several sessions, each with a share of the cases, that write into one run; whoever comes last puts it together.

shards/<i>-of-<n>.json     the results of one session, written when everything else of it is there
tag eval.shard.<i>-of-<n>  that it has arrived: how it ended, and when, in milliseconds since the epoch

When the last of n files is there, its writer merges them into the results, metrics and tags of the run and ends it. Two
that finish at once both do so, with the same result.
"""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE, SessionResults
from technoshare_commentator.mlops.mlflow_repair import repaired
from technoshare_commentator.mlops.mlflow_runs import log_artifacts, log_values
from technoshare_commentator.mlops.records import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

    from technoshare_commentator.mlops.records import Status

_FOLDER = "shards"
_TAG = "eval.shard."
_SHARD = re.compile(r"^([1-9]\d*)/([1-9]\d*)$")


@dataclass(frozen=True)
class Shard:
    """One of `count` sessions, counted from 1."""

    number: int
    count: int

    @classmethod
    def of(cls, record: RunRecord) -> Shard | None:
        """The shard that a record for a shared run is, if it is one; raises `ConfigurationError` for nonsense."""
        if not record.shard or not record.run_id:
            return None
        found = _SHARD.match(record.shard)
        if found is None or int(found[1]) > int(found[2]):
            raise ConfigurationError(f"the shard {record.shard!r} is none; give i/n, such as '1/3', with i at most n")
        return cls(int(found[1]), int(found[2]))

    @property
    def name(self) -> str:
        """The shard in the names of files and tags."""
        return f"{self.number}-of-{self.count}"

    def share_of(self, record: RunRecord) -> RunRecord:
        """The record with all that only the whole run has taken out: its end, its metrics, its results file."""
        if record.end_ns is None:
            return record
        return replace(
            record,
            end_ns=None,
            metrics={},
            tags={**record.tags, f"{_TAG}{self.name}": f"{record.status} {record.end_ns // 1_000_000}"},
            artifacts={self._path(path): content for path, content in record.artifacts.items()},
        )

    def end_run_when_complete(self, client: MlflowClient, run_id: str) -> None:
        """Merge and end the run when every shard has arrived."""
        files = [Shard(number, self.count)._path(RESULTS_FILE) for number in range(1, self.count + 1)]  # noqa: SLF001
        if set(files) <= {found.path for found in client.list_artifacts(run_id, _FOLDER)}:
            self._end_run(client, run_id, files)

    def _path(self, path: str) -> str:
        return f"{_FOLDER}/{self.name}.json" if path == RESULTS_FILE else f"{_FOLDER}/{self.name}/{path}"

    def _end_run(self, client: MlflowClient, run_id: str, files: list[str]) -> None:
        from technoshare_commentator.mlops.evaluation.merging import merge_results  # noqa: PLC0415 - evals only
        from technoshare_commentator.mlops.evaluation.session_run import tags_of_session  # noqa: PLC0415 - as above

        merged = merge_results([_results(client, run_id, file) for file in files])
        status, end_ms = self._ending(client.get_run(run_id).data.tags)
        content = json.dumps(merged.model_dump(mode="json"), indent=2, ensure_ascii=False)
        whole = repaired(
            RunRecord(
                name=merged.run_name,
                kind="eval_session",
                end_ns=end_ms * 1_000_000,
                tags=tags_of_session(merged),
                metrics={name: value for name, value in merged.metrics.items() if value is not None},
                artifacts={RESULTS_FILE: content},
            )
        )
        log_values(client, run_id, whole)
        log_artifacts(client, run_id, whole.artifacts)
        client.set_terminated(run_id, status, end_time=end_ms)

    def _ending(self, tags: dict[str, str]) -> tuple[Status, int]:
        """How and when the run ended: as well as the worst of its shards, as late as the last."""
        endings = [tags[f"{_TAG}{Shard(number, self.count).name}"].split() for number in range(1, self.count + 1)]
        failed = any(status != "FINISHED" for status, _ in endings)
        return "FAILED" if failed else "FINISHED", max(int(end) for _, end in endings)


def _results(client: MlflowClient, run_id: str, file: str) -> SessionResults:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(client.download_artifacts(run_id, file, folder))
        return SessionResults.model_validate_json(path.read_bytes())
