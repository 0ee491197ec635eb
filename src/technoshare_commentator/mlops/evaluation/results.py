"""What a session found out, case by case: plain data that travels from workers to the controller as JSON."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, TraceRecord

if TYPE_CHECKING:
    from pydantic import TypeAdapter

TestOutcome = Literal["passed", "failed", "error", "skipped", "rerun"]


@dataclass
class ScoreResult:
    """A score as MLflow gets it, and whether it passed."""

    assessment: AssessmentRecord
    passed: bool

    @classmethod
    def of(cls, result: Score | ScorerFailure) -> ScoreResult:
        """The record of a score, or of a scorer's crash."""
        if isinstance(result, ScorerFailure):
            failure = AssessmentRecord(result.name, None, source_type=result.source_type, error=result.error)
            return cls(failure, passed=False)
        score = AssessmentRecord(
            result.name,
            result.value,
            rationale=result.rationale,
            source_type=result.source_type,
            metadata=result.metadata,
        )
        return cls(score, result.passed)


@dataclass
class TestResult:
    """How one test of a case ended; the message is its failure, empty when it passed."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    nodeid: str
    outcome: TestOutcome
    seconds: float = 0.0
    message: str = ""
    scores: list[ScoreResult] = field(default_factory=list)

    def as_row(self) -> dict[str, Any]:
        """The test in `eval_results.json`."""
        return {"nodeid": self.nodeid, "outcome": self.outcome, "seconds": self.seconds, "message": self.message}

    def score_rows(self) -> list[dict[str, Any]]:
        """Its scores in `eval_results.json`."""
        found = [(score.assessment, score.passed) for score in self.scores]
        return [
            {
                "name": said.name,
                "value": _strict(said.value),
                "passed": passed,
                "rationale": said.rationale,
                "error": said.error,
                "test": self.nodeid,
            }
            for said, passed in found
        ]


@dataclass
class CaseResult:
    """One case: the example it ran, its tests by node id, its trace, what it cost and how long it took."""

    key: str
    example_id: str
    dataset: DatasetRecord | None = None
    tags: list[str] = field(default_factory=list)
    tests: dict[str, TestResult] = field(default_factory=dict)
    run: RunRecord | None = None

    @property
    def scores(self) -> list[ScoreResult]:
        """The scores of all tests."""
        return [score for test in self.tests.values() for score in test.scores]

    @property
    def trace(self) -> TraceRecord | None:
        """The trace of the task, if spans were made."""
        return self.run.traces[0] if self.run and self.run.traces else None

    @property
    def passed(self) -> bool:
        """Whether every test that ran passed."""
        return all(test.outcome in {"passed", "skipped"} for test in self.tests.values())

    @property
    def latency_seconds(self) -> float | None:
        """How long the task took; None when it did not run."""
        return self.run.latency_seconds if self.run else None

    def usage(self, attribute: str) -> float:
        """Sum a usage attribute (tokens, US dollars) over the model calls of the trace."""
        spans = self.trace.spans if self.trace else []
        found = (span.attributes.get(attribute) for span in spans)
        return sum(float(value) for value in found if isinstance(value, int | float))

    def merge(self, other: CaseResult) -> None:
        """Add what a message says of the same case; of two runs (a retry, a second worker) the later counts."""
        if other.run is not None and (self.run is None or other.run.start_ns >= self.run.start_ns):
            self.run = other.run
        self.dataset = self.dataset or other.dataset

    def as_row(self) -> dict[str, Any]:
        """The case in `eval_results.json`."""
        run = self.run or RunRecord("", "")
        return {
            "example_id": self.example_id,
            "dataset": self.dataset.name if self.dataset else None,
            "tags": self.tags,
            "passed": self.passed,
            "tests": [test.as_row() for test in self.tests.values()],
            "scores": [row for test in self.tests.values() for row in test.score_rows()],
            "latency_seconds": self.latency_seconds,
            "input_tokens": self.usage(tracing.INPUT_TOKENS),
            "output_tokens": self.usage(tracing.OUTPUT_TOKENS),
            "cost_usd": self.usage(tracing.COST_USD),
            "run_tags": run.tags,
            "run_metrics": strict_numbers(run.metrics),
            "trace_id": f"tr-{self.trace.trace_id}" if self.trace else None,
        }


@dataclass
class Message:
    """What a worker says with each report of a test: its case, all scores of this attempt so far, and itself once.

    It says the whole of it every time, so that a report that gets lost or a test that is run again does no harm.
    """

    case: CaseResult
    scores: list[ScoreResult] = field(default_factory=list)
    run_tags: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise for the wire, whatever users have put in; a lone surrogate becomes a question mark."""
        from pydantic_core import to_json  # noqa: PLC0415 - only sessions with evals pay for it

        try:
            return to_json(self, inf_nan_mode="constants", fallback=str).decode()
        except ValueError:
            return json.dumps(asdict(self), ensure_ascii=False, default=str).encode(errors="replace").decode()

    @staticmethod
    def from_json(content: str) -> Message:
        """Read what `to_json` wrote."""
        return _adapter().validate_json(content)


def strict_numbers(values: dict[str, float]) -> dict[str, float | None]:
    """Numbers as strict JSON has them: it knows no NaN and no infinity."""
    return {name: _strict(value) for name, value in values.items()}


def _strict(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Message]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only sessions with evals pay for it

    return TypeAdapter(Message)
