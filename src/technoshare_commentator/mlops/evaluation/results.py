"""What is known of a case while its session goes on: data that travels from workers to the controller as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from technoshare_commentator.mlops.evaluation.scorer import Score, ScorerFailure
from technoshare_commentator.mlops.evaluation.session_results import TestOutcome
from technoshare_commentator.mlops.evaluation.variants import DEFAULT
from technoshare_commentator.mlops.records import AssessmentRecord, DatasetRecord, RunRecord, TraceRecord
from technoshare_commentator.mlops.strict_json import dump

if TYPE_CHECKING:
    from pydantic import TypeAdapter

    from technoshare_commentator.mlops.evaluation.informing import Reason

INFORMS_ONLY = "informs_only"  # in an assessment's metadata: why it does


def _gates(score: Score) -> str:  # noqa: ARG001 - what every score does unless somebody knows better
    return ""


@dataclass
class ScoreResult:
    """A score as MLflow gets it, whether it passed, and why it only informs where it may not gate."""

    assessment: AssessmentRecord
    passed: bool
    informs: str = ""

    @classmethod
    def of(cls, result: Score | ScorerFailure, why_informs: Reason = _gates) -> ScoreResult:
        """The record of a score, or of a scorer's crash, which never only informs."""
        if isinstance(result, ScorerFailure):
            failure = AssessmentRecord(result.name, None, source_type=result.source_type, error=result.error)
            return cls(failure, passed=False)
        informs = why_informs(result)
        score = AssessmentRecord(
            result.name,
            result.value,
            rationale=result.rationale,
            source_type=result.source_type,
            metadata={**result.metadata, **({INFORMS_ONLY: informs} if informs else {})},
        )
        return cls(score, result.passed, informs)


@dataclass
class TestResult:
    """How one test of a case ended; the message is its failure, empty when it passed."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    nodeid: str
    outcome: TestOutcome
    seconds: float = 0.0
    message: str = ""
    scores: list[ScoreResult] = field(default_factory=list)


@dataclass
class CaseResult:
    """One case: the example it ran, its tests by node id, and its run.

    `key` is its identity in this session, `case_id` that across sessions, but for variant and trial; `not_run` says why
    the task was not called; `shown` is its output as its audience would see it.
    """

    key: str
    case_id: str
    example_id: str
    variant: str = DEFAULT
    trial: int = 1
    dataset: DatasetRecord | None = None
    tags: list[str] = field(default_factory=list)
    tests: dict[str, TestResult] = field(default_factory=dict)
    run: RunRecord | None = None
    not_run: str = ""
    shown: str = ""

    @property
    def scores(self) -> list[ScoreResult]:
        """The scores of all tests."""
        return [score for test in self.tests.values() for score in test.scores]

    @property
    def trace(self) -> TraceRecord | None:
        """The trace of the task, if spans were made."""
        return self.run.traces[0] if self.run and self.run.traces else None

    def merge(self, other: CaseResult) -> None:
        """Add what a message says of the same case; of two runs (a retry, a second worker) the later counts."""
        if other.run is not None and (self.run is None or other.run.start_ns >= self.run.start_ns):
            self.run, self.shown = other.run, other.shown
        self.dataset = self.dataset or other.dataset
        self.not_run = self.not_run or other.not_run


@dataclass
class Message:
    """What a worker says with each report of a test: its case, all scores of this attempt so far, and itself once.

    It says the whole of it every time, so that a report that gets lost or a test that is run again does no harm.
    """

    case: CaseResult
    scores: list[ScoreResult] = field(default_factory=list)
    run_tags: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Serialise for the wire."""
        return dump(self).decode()

    @staticmethod
    def from_json(content: str) -> Message:
        """Read what `to_json` wrote."""
        return _adapter().validate_json(content)


@lru_cache(maxsize=1)
def _adapter() -> TypeAdapter[Message]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only sessions with evals pay for it

    return TypeAdapter(Message)
