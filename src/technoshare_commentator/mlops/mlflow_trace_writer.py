"""Writes the traces of a run, the cheapest way there is, and knows which of them the store has.

`start_trace` before `log_spans`: a trace that is new to the store takes 15 SQL statements that way. The other way
round the header finds its row there, fails, rolls back, and then reads and merges each tag and assessment by itself: 43
statements and twice the time. Both ways end with the same rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow.entities import AssessmentSourceType
from mlflow.entities.model_registry import PromptVersion
from mlflow.exceptions import MlflowException
from mlflow.tracing.constant import AssessmentMetadataKey, TraceTagKey

from technoshare_commentator.mlops.mlflow_runs import all_pages, batches
from technoshare_commentator.mlops.mlflow_traces import mlflow_spans, mlflow_trace_id, mlflow_trace_info
from technoshare_commentator.mlops.prompt_links import versions_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlflow import MlflowClient
    from mlflow.entities import Trace, TraceInfo
    from mlflow.store.entities import PagedList
    from mlflow.tracing.client import TracingClient

    from technoshare_commentator.mlops.records import RunRecord, TraceRecord

ROOT_KEY = "record.root_key"
RECORDED_NS = "record.recorded_ns"
_TRACES_PER_CALL = 50
_PAGE = 500
_NOT_THERE = frozenset({"ENDPOINT_NOT_FOUND", "NOT_IMPLEMENTED"})  # an older server, for which the tag is the link


class TraceWriter:
    """Traces of one record on their way into an experiment; each says which record had the last word on it."""

    def __init__(self, client: MlflowClient, tracing: TracingClient, experiment_id: str, root: RunRecord) -> None:
        """Take where they go, and the root of the record."""
        self._client = client
        self._tracing = tracing
        self._experiment_id = experiment_id
        self._root = root

    def write(self, run_id: str, traces: Sequence[TraceRecord]) -> None:
        """Write traces with their assessments; those that are there already end as if written for the first time."""
        about = {ROOT_KEY: self._root.key, RECORDED_NS: str(self._root.recorded_ns)}
        for few in batches([trace for trace in traces if trace.spans], _TRACES_PER_CALL):
            for trace in few:
                self._write_header(mlflow_trace_info(trace, self._experiment_id, run_id, about))
            self._tracing.log_spans(self._experiment_id, [span for trace in few for span in mlflow_spans(trace)])

    def remove(self, run_id: str, trace_ids: Sequence[str]) -> None:
        """Delete these traces, as far as the store has them in the run and from this record's root."""
        if trace_ids:
            stored = {info.trace_id for info in self._stored(run_id)}
            for few in batches([one for one in trace_ids if one in stored], _TRACES_PER_CALL):
                self._client.delete_traces(self._experiment_id, trace_ids=few)

    def outdated(self, run_id: str, traces: Sequence[TraceRecord]) -> list[TraceRecord]:
        """Those that the store does not have, has without their spans, or does not have from a newer record."""
        if not traces:
            return []
        stored = {
            info.trace_id: int(info.trace_metadata.get(RECORDED_NS, 0))
            for info in self._stored(run_id)
            if TraceTagKey.SPANS_LOCATION in info.tags
        }
        return [trace for trace in traces if stored.get(mlflow_trace_id(trace), -1) <= self._root.recorded_ns]

    def count(self, run_id: str) -> int:
        """How many traces of this record's root the store has in the run."""
        return sum(1 for _ in self._stored(run_id))

    def _write_header(self, info: TraceInfo) -> None:
        """Write it; MLflow adds to assessments that are there, so those that a second time no longer has go."""
        said = {assessment.assessment_id for assessment in info.assessments}
        run_id = info.trace_metadata["mlflow.sourceRun"]
        for stored in self._tracing.start_trace(info).assessments:
            ours = (stored.metadata or {}).get(AssessmentMetadataKey.SOURCE_RUN_ID) == run_id
            by_people = stored.source.source_type == AssessmentSourceType.HUMAN
            if stored.assessment_id and stored.assessment_id not in said and ours and not by_people:
                self._tracing.delete_assessment(info.trace_id, stored.assessment_id)
        self._link_prompts(info)

    def _link_prompts(self, info: TraceInfo) -> None:
        """Let `prompt = 'name/version'` find the trace: pages read the tag, searches these links, one call a trace."""
        versions = [
            PromptVersion(name, int(number), "")  # type: ignore[abstract]  # MLflow itself makes them like this
            for name, number in versions_in(info.tags)
        ]
        if not versions:
            return
        try:
            self._tracing.store.link_prompts_to_trace(info.trace_id, versions)
        except MlflowException as error:
            if error.error_code not in _NOT_THERE:
                raise

    def _stored(self, run_id: str) -> Iterator[TraceInfo]:
        mine = f"request_metadata.`{ROOT_KEY}` = '{self._root.key}'"

        def page(token: str | None) -> PagedList[Trace]:
            found: PagedList[Trace] = self._client.search_traces(
                locations=[self._experiment_id],
                run_id=run_id,
                filter_string=mine,
                max_results=_PAGE,
                page_token=token,
                include_spans=False,
            )
            return found

        return (trace.info for trace in all_pages(page))
