"""The one MLflow run of a session, as records: parts with the traces of cases whose tests are over, and the end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.metric_names import mlflow_name
from technoshare_commentator.mlops.evaluation.rows import outcome_of
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE, SessionResults
from technoshare_commentator.mlops.records import DatasetRecord, RunRecord, Status, TraceRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from technoshare_commentator.mlops.evaluation.results import CaseResult

RUN_TYPE_TAG = "mlflow.runType"  # what makes MLflow list a run among the evaluations
RUN_TYPE = "genai_evaluate"


@dataclass(frozen=True)
class SessionRun:
    """Who the session's run is: its key for good, its name, when it began; `run_id` and `shard` where it is shared."""

    key: str
    name: str
    start_ns: int
    run_id: str = ""
    shard: str = ""

    def part(self, traces: list[TraceRecord]) -> RunRecord:
        """Traces for a run that goes on."""
        return RunRecord(
            name=self.name,
            kind="eval_session",
            key=self.key,
            start_ns=self.start_ns,
            tags={RUN_TYPE_TAG: RUN_TYPE},
            traces=traces,
            run_id=self.run_id,
            shard=self.shard,
        )

    def end(self, results: SessionResults, traces: list[TraceRecord], end_ns: int, status: Status) -> RunRecord:
        """The last of it: aggregates, datasets, tags, the results file."""
        datasets = [DatasetRecord(one.name, one.version, one.digest, one.source) for one in results.datasets]
        described = {f"dataset.{key}": value for dataset in datasets for key, value in vars(dataset).items()}
        content = json.dumps(results.model_dump(mode="json"), indent=2, ensure_ascii=False)
        return replace(
            self.part(traces),
            end_ns=end_ns,
            status=status,
            tags={RUN_TYPE_TAG: RUN_TYPE, **(described if len(datasets) == 1 else {}), **results.tags},
            metrics={mlflow_name(name): value for name, value in results.metrics.items() if value is not None},
            artifacts={RESULTS_FILE: content},
            datasets=datasets,
        )


def assessed_traces(cases: Sequence[CaseResult]) -> list[TraceRecord]:
    """The traces of cases, each with what was said of it and with its case's names as tags."""
    return [_assessed(case, case.trace) for case in cases if case.trace is not None]


def _assessed(case: CaseResult, trace: TraceRecord) -> TraceRecord:
    said = [
        replace(score.assessment, key=_assessment_key(trace.trace_id, test.nodeid, score.assessment.name, number))
        for test in case.tests.values()
        for number, score in enumerate(test.scores)
    ]
    marks = {f"eval.tag.{tag}": "true" for tag in case.tags}
    if case.dataset:
        marks["eval.dataset"] = case.dataset.name
    names = {"eval.example_id": case.example_id, "eval.variant": case.variant, "eval.trial": str(case.trial)}
    return replace(trace, assessments=said, tags={**names, "eval.outcome": outcome_of(case), **marks})


def _assessment_key(*parts: object) -> str:
    """The same for the same score of the same case: a session that is resumed overwrites what it said before."""
    return hashlib.sha256("\n".join(map(str, parts)).encode(errors="replace")).hexdigest()[:32]
