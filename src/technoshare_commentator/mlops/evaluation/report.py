"""All cases of a session together: rates, totals and the run that MLflow gets."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from statistics import fmean, quantiles
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.results import strict_numbers
from technoshare_commentator.mlops.records import DatasetRecord, RunRecord, Status, TraceRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from technoshare_commentator.mlops.evaluation.results import CaseResult

RESULTS_FILE = "eval_results.json"
RUN_TYPE_TAG = "mlflow.runType"  # what makes MLflow list a run among the evaluations
RUN_TYPE = "genai_evaluate"


@dataclass
class ScorerTotals:
    """One scorer over all cases."""

    name: str
    passed: int = 0
    total: int = 0
    errors: int = 0
    values: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """The share that passed, of all that were asked; a crash has not passed."""
        return self.passed / self.total if self.total else 0.0


@dataclass
class SessionReport:
    """A finished session."""

    cases: Sequence[CaseResult]
    seconds: float

    @property
    def scorers(self) -> list[ScorerTotals]:
        """Totals by scorer, in the order in which scorers first spoke."""
        totals: dict[str, ScorerTotals] = {}
        for case in self.cases:
            for score in case.scores:
                said = score.assessment
                one = totals.setdefault(said.name, ScorerTotals(said.name))
                one.total += 1
                one.passed += score.passed
                one.errors += bool(said.error)
                if isinstance(said.value, int | float):
                    one.values.append(float(said.value))
        return list(totals.values())

    @property
    def failed_cases(self) -> list[CaseResult]:
        """The cases with a test that did not pass."""
        return [case for case in self.cases if not case.passed]

    @property
    def latencies(self) -> list[float]:
        """Seconds of every task that ran."""
        return [case.latency_seconds for case in self.cases if case.latency_seconds is not None]

    def total(self, attribute: str) -> float:
        """Sum a usage attribute over all cases."""
        return sum(case.usage(attribute) for case in self.cases)

    def metrics(self) -> dict[str, float]:
        """The aggregates, as MLflow metrics."""
        passed = len(self.cases) - len(self.failed_cases)
        values = {
            "cases": float(len(self.cases)),
            "cases_passed": float(passed),
            "pass_rate": passed / len(self.cases) if self.cases else 0.0,
            "session_seconds": self.seconds,
            "input_tokens": self.total(tracing.INPUT_TOKENS),
            "output_tokens": self.total(tracing.OUTPUT_TOKENS),
            "cost_usd": self.total(tracing.COST_USD),
        }
        for quantile in (50, 95):
            if self.latencies:
                values[f"latency_seconds/p{quantile}"] = percentile(self.latencies, quantile)
        for one in self.scorers:
            values[f"{one.name}/pass_rate"] = one.rate
            if one.values:
                values[f"{one.name}/mean"] = fmean(one.values)
        return values

    def datasets(self) -> list[DatasetRecord]:
        """The datasets that the cases came from, each once."""
        found = {(case.dataset.source, case.dataset.digest): case.dataset for case in self.cases if case.dataset}
        return list(found.values())

    def as_json(self, tags: Mapping[str, str]) -> dict[str, Any]:
        """The content of `eval_results.json`."""
        return {
            "tags": dict(tags),
            "datasets": [vars(dataset) for dataset in self.datasets()],
            "metrics": strict_numbers(self.metrics()),
            "cases": [case.as_row() for case in self.cases],
        }

    def as_run(
        self, name: str, start_ns: int, end_ns: int, tags: Mapping[str, str], status: Status = "FINISHED"
    ) -> RunRecord:
        """One run for the whole session: a trace with assessments for every case, and the aggregates."""
        datasets = self.datasets()
        described = {f"dataset.{key}": value for dataset in datasets for key, value in vars(dataset).items()}
        return RunRecord(
            name=name,
            kind="eval_session",
            start_ns=start_ns,
            end_ns=end_ns,
            status=status,
            tags={RUN_TYPE_TAG: RUN_TYPE, **(described if len(datasets) == 1 else {}), **tags},
            metrics=self.metrics(),
            artifacts={RESULTS_FILE: json.dumps(self.as_json(tags), indent=2, ensure_ascii=False)},
            datasets=datasets,
            traces=[trace for case in self.cases if (trace := _assessed(case))],
        )


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of the values do not exceed, interpolated as `statistics.quantiles` does."""
    return quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else values[0]


def _assessed(case: CaseResult) -> TraceRecord | None:
    trace = case.trace
    if trace is None:
        return None
    trace.assessments = [score.assessment for score in case.scores]
    marks = {f"eval.tag.{tag}": "true" for tag in case.tags}
    if case.dataset:
        marks["eval.dataset"] = case.dataset.name
    outcome = "passed" if case.passed else "failed"
    trace.tags = {"eval.example_id": case.example_id, "eval.outcome": outcome, **marks}
    return trace
