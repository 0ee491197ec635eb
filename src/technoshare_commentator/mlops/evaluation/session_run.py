"""The one MLflow run of a session, as records: parts with the traces of cases whose tests are over, and the end."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.judging.metric_names import mlflow_name
from technoshare_commentator.mlops.evaluation.rows import outcome_of
from technoshare_commentator.mlops.evaluation.session_results import RESULTS_FILE, SessionResults
from technoshare_commentator.mlops.evaluation.variants import DEFAULT
from technoshare_commentator.mlops.prompt_links import labels_in_use, links
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

    def part(self, traces: list[TraceRecord], artifacts: dict[str, str] | None = None) -> RunRecord:
        """Traces, and artifacts of their cases, for a run that goes on."""
        return RunRecord(
            name=self.name,
            kind="eval_session",
            key=self.key,
            start_ns=self.start_ns,
            tags={RUN_TYPE_TAG: RUN_TYPE},
            artifacts=artifacts or {},
            traces=traces,
            run_id=self.run_id,
            shard=self.shard,
        )

    def end(self, results: SessionResults, last: RunRecord, end_ns: int, status: Status) -> RunRecord:
        """The last part with what the session came to: aggregates, datasets, tags, the results file."""
        datasets = [DatasetRecord(one.name, one.version, one.digest, one.source) for one in results.datasets]
        described = {f"dataset.{key}": value for dataset in datasets for key, value in vars(dataset).items()}
        content = json.dumps(results.model_dump(mode="json"), indent=2, ensure_ascii=False)
        return replace(
            last,
            end_ns=end_ns,
            status=status,
            tags={RUN_TYPE_TAG: RUN_TYPE, **(described if len(datasets) == 1 else {}), **tags_of_session(results)},
            metrics={mlflow_name(name): value for name, value in results.metrics.items() if value is not None},
            artifacts={**last.artifacts, RESULTS_FILE: content},
            datasets=datasets,
        )


def tags_of_session(results: SessionResults) -> dict[str, str]:
    """The tags of the session's run: its own, and which versions of prompts its cases used."""
    used = [case.run_tags for case in results.cases]
    return {**labels_in_use(used), **results.tags, **links(*used, results.tags)}


def case_artifacts(cases: Sequence[CaseResult]) -> dict[str, str]:
    """The artifacts that tests gave their cases with `tracked_run.artifact`, each in a folder of its case."""
    return {
        f"cases/{_folder(case)}/{path}": content
        for case in cases
        if case.run is not None
        for path, content in case.run.artifacts.items()
    }


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
    if case.run is not None:
        marks |= {f"eval.param.{name}": value for name, value in case.run.params.items()}
    names = {"eval.example_id": case.example_id, "eval.variant": case.variant, "eval.trial": str(case.trial)}
    return replace(trace, assessments=said, tags={**trace.tags, **names, "eval.outcome": outcome_of(case), **marks})


def _folder(case: CaseResult) -> str:
    parts = [case.case_id, case.variant] if case.variant != DEFAULT else [case.case_id]
    return "/".join([*parts, f"trial-{case.trial}"] if case.trial > 1 else parts)


def _assessment_key(*parts: object) -> str:
    """The same for the same score of the same case: a session that is resumed overwrites what it said before."""
    return hashlib.sha256("\n".join(map(str, parts)).encode(errors="replace")).hexdigest()[:32]
