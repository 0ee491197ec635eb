"""A session as the plugin hands it over to be shipped: parts while it goes on, then its end; and shards of one."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from technoshare_commentator.mlops import tracing
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.session_results import (
    RESULTS_FILE,
    CaseOutcome,
    CaseRow,
    DatasetRow,
    ScoreRow,
    SessionResults,
)
from technoshare_commentator.mlops.records import (
    AssessmentRecord,
    DatasetRecord,
    RunRecord,
    SpanRecord,
    Status,
    TraceRecord,
    new_key,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

START_NS = 1_760_000_000_000_000_000
SECOND = 10**9
RUN_TYPE = {"mlflow.runType": "genai_evaluate"}


def assessed(number: int, *, brevity: float = 0.5, trace_id: str = "", **more: bool) -> TraceRecord:
    """The trace of a case with two spans; scores of the same name have the same key whenever they are made."""
    start = START_NS + number * SECOND
    trace_id = trace_id or new_key()
    root = SpanRecord(trace_id[:16], None, f"case {number}", start, start + SECOND)
    root.attributes = {tracing.INPUT: f'{{"number": {number}}}', tracing.OUTPUT: '"done"'}
    model = SpanRecord(trace_id[16:], root.span_id, "model", start, start + SECOND // 2)
    model.attributes = {tracing.INPUT_TOKENS: 10, tracing.OUTPUT_TOKENS: 5, tracing.REQUEST_MODEL: "small"}
    scores: dict[str, Any] = {"brevity": brevity, **more}
    said = [
        AssessmentRecord(name, value, rationale=f"{name} is {value}", key=f"{trace_id}-{name}"[-32:].replace(" ", "-"))
        for name, value in scores.items()
    ]
    return TraceRecord(trace_id, [root, model], tags={"eval.example_id": f"case-{number}"}, assessments=said)


@dataclass
class SessionRecords:
    """Makes the records of one session; each is newer than those before."""

    name: str = "eval"
    key: str = field(default_factory=new_key)
    run_id: str = ""
    shard: str = ""

    def part(self, *traces: TraceRecord) -> RunRecord:
        """Traces of a session that goes on."""
        return RunRecord(
            name=self.name,
            kind="eval_session",
            key=self.key,
            start_ns=START_NS,
            tags=RUN_TYPE,
            traces=list(traces),
            run_id=self.run_id,
            shard=self.shard,
        )

    def end(
        self, *traces: TraceRecord, results: SessionResults | None = None, after: int = 60, status: Status = "FINISHED"
    ) -> RunRecord:
        """The end of it, so many seconds after its beginning."""
        results = results or SessionResults(run_name=self.name, metrics={"pass_rate": 0.5})
        return replace(
            self.part(*traces),
            end_ns=START_NS + after * SECOND,
            status=status,
            tags={**RUN_TYPE, **results.tags},
            metrics={name: value for name, value in results.metrics.items() if value is not None},
            artifacts={RESULTS_FILE: results.model_dump_json()},
            datasets=[DatasetRecord("links", "1", "abc", "links.json")],
            recorded_ns=time.time_ns(),
        )


def session_of_four() -> list[RunRecord]:
    """Two parts that both speak of the first case, the later one with the last word, one that opens, one that ends."""
    session, changed = SessionRecords(), new_key()
    return [
        session.part(),
        session.part(assessed(1, trace_id=changed, brevity=0.1, gone=True), assessed(2)),
        session.part(assessed(1, trace_id=changed, brevity=0.9, added=False)),
        session.end(assessed(3)),
    ]


def results_of(
    numbers: Sequence[int], *, shard: str = "", started: str = "2026-01-05T09:00:00Z", failed: Sequence[int] = ()
) -> SessionResults:
    """What a session over these cases found out."""
    rows = tuple(row(number, "failed" if number in failed else "passed") for number in numbers)
    seconds = float(len(numbers))
    return SessionResults(
        session_id=f"session {shard}",
        run_name="eval",
        started_at=started,
        seconds=seconds,
        exit_status=1 if failed else 0,
        shard=shard,
        tags={"suite": "evals", "pytest.command": f"pytest --eval-shard {shard}"},
        datasets=(DatasetRow(name="links", version="1", digest="abc"),),
        metrics={**metrics_of(rows), "session_seconds": seconds},
        cases=rows,
    )


def row(number: int, outcome: CaseOutcome = "passed", **fields: Any) -> CaseRow:
    """A case with one score."""
    score = ScoreRow(name="brevity", value=number / 10, passed=outcome == "passed")
    given = {"outcome": outcome, "scores": (score,), "latency_seconds": 1.0, **fields}
    return CaseRow(case_id=f"links/case-{number}", example_id=f"case-{number}", **given)
