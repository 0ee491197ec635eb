"""What a session found out, case by case: plain data that travels from workers to the controller as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, TraceRecord

if TYPE_CHECKING:
    from pydantic import TypeAdapter

TestOutcome = Literal["passed", "failed", "error", "skipped"]


@dataclass
class TestResult:
    """How one test of a case ended; the message is its failure, empty when it passed."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    nodeid: str
    outcome: TestOutcome
    seconds: float = 0.0
    message: str = ""


@dataclass
class CaseResult:
    """One case: the example it ran, its tests, scores and trace, what it cost and how long it took."""

    key: str
    example_id: str
    dataset: DatasetRecord | None = None
    tags: list[str] = field(default_factory=list)
    tests: list[TestResult] = field(default_factory=list)
    scores: list[AssessmentRecord] = field(default_factory=list)
    passed_scores: list[bool] = field(default_factory=list)
    run: RunRecord | None = None

    @property
    def trace(self) -> TraceRecord | None:
        """The trace of the task, if spans were made."""
        return self.run.traces[0] if self.run and self.run.traces else None

    @property
    def passed(self) -> bool:
        """Whether every test that ran passed."""
        return all(test.outcome in {"passed", "skipped"} for test in self.tests)

    @property
    def latency_seconds(self) -> float | None:
        """How long the task took; None when it did not run."""
        return self.run.latency_seconds if self.run else None

    def usage(self, attribute: str) -> float:
        """Sum a usage attribute (tokens, US dollars) over the model calls of the trace."""
        spans = self.trace.spans if self.trace else []
        return sum(float(span.attributes.get(attribute, 0)) for span in spans)

    def merge(self, other: CaseResult) -> None:
        """Add what a later message says of the same case."""
        self.scores += other.scores
        self.passed_scores += other.passed_scores
        self.run = self._same_trace(other.run) or self.run
        self.dataset = self.dataset or other.dataset

    def _same_trace(self, run: RunRecord | None) -> RunRecord | None:
        """Take the newer state of the same run; a second run of the case elsewhere does not replace the first."""
        return run if self.run is None or (run and run.key == self.run.key) else None

    def as_row(self) -> dict[str, Any]:
        """The case in `eval_results.json`."""
        return {
            "example_id": self.example_id,
            "tags": self.tags,
            "passed": self.passed,
            "tests": [asdict(test) for test in self.tests],
            "scores": [
                {"name": s.name, "value": s.value, "passed": ok, "rationale": s.rationale, "error": s.error}
                for s, ok in zip(self.scores, self.passed_scores, strict=True)
            ],
            "latency_seconds": self.latency_seconds,
            "input_tokens": self.usage(tracing.INPUT_TOKENS),
            "output_tokens": self.usage(tracing.OUTPUT_TOKENS),
            "cost_usd": self.usage(tracing.COST_USD),
            "run_tags": self.run.tags if self.run else {},
            "run_metrics": self.run.metrics if self.run else {},
            "trace_id": f"tr-{self.trace.trace_id}" if self.trace else None,
        }


@dataclass
class Message:
    """What a worker says with a test's report: about its case, and once about itself."""

    case: CaseResult
    run_tags: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise for the wire."""
        return _adapter().dump_json(self).decode()

    @staticmethod
    def from_json(content: str) -> Message:
        """Read what `to_json` wrote."""
        return _adapter().validate_json(content)


def assessment(result: Score | ScorerFailure) -> AssessmentRecord:
    """The record of a score, or of a scorer's crash."""
    if isinstance(result, ScorerFailure):
        return AssessmentRecord(result.name, None, source_type=result.source_type, error=result.error)
    return AssessmentRecord(
        result.name,
        result.value,
        rationale=result.rationale,
        source_type=result.source_type,
        metadata=result.metadata,
    )


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Message]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only sessions with evals pay for it

    return TypeAdapter(Message)
