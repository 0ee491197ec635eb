"""A session as plain data: what `eval_results.json` holds, and what the gate, the comparison and the reports read.

Everything here is frozen and survives a round trip through JSON, so that a session can be judged where it ran, on
another machine together with its other shards, or a year later as somebody's baseline.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, computed_field

from technoshare_commentator.mlops.evaluation.variants import DEFAULT, Variant

if TYPE_CHECKING:
    from collections.abc import Iterable

RESULTS_FILE = "eval_results.json"

CaseOutcome = Literal["passed", "failed", "error", "skipped"]
TestOutcome = Literal["passed", "failed", "error", "skipped", "rerun"]
RuleVerdict = Literal["passed", "failed", "skipped"]


class Row(BaseModel):
    """A frozen value; keys that a later version adds are no reason to refuse a file."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="null")


class CaseKey(NamedTuple):
    """Which case this is, in whatever session."""

    case_id: str
    variant: str
    trial: int


class ScoreRow(Row):
    """What one scorer said of one case; `error` is set when it crashed instead, and then there is no value.

    `informs` says why the score only informs, and is empty where it may gate.
    """

    name: str
    value: bool | float | str | None
    passed: bool
    rationale: str = ""
    error: str = ""
    informs: str = ""
    test: str = ""
    source_type: Literal["CODE", "LLM_JUDGE", "HUMAN"] = "CODE"

    @property
    def fails(self) -> bool:
        """Whether its case failed for it."""
        return not self.passed and not self.informs


class TestRow(Row):
    """How one test of a case ended; the message is its failure."""

    __test__ = False  # not a test class, whatever pytest thinks of its name

    nodeid: str
    outcome: TestOutcome
    seconds: float = 0.0
    message: str = ""


class CaseRow(Row):
    """One example under one variant for one trial: its tests and scores, how long its task took and what it cost.

    `case_id` is `dataset/example`, the same on every machine; seconds are wall-clock; a cost of None is unknown, which
    is not zero; `latency_seconds` is None where the task did not run. Tokens and costs are those of the task and of its
    scorers together, those that were replayed from recordings as they were when they were recorded; `judge_cost_usd`
    and `replayed_cost_usd` are what is known of the share of either.
    """

    case_id: str
    example_id: str
    dataset: str | None = None
    variant: str = DEFAULT
    trial: int = 1
    tags: tuple[str, ...] = ()
    outcome: CaseOutcome = "passed"
    tests: tuple[TestRow, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    latency_seconds: float | None = None
    input_tokens: float = 0.0
    output_tokens: float = 0.0
    cost_usd: float | None = 0.0
    judge_cost_usd: float = 0.0
    replayed_cost_usd: float = 0.0
    run_tags: dict[str, str] = Field(default_factory=dict)
    run_metrics: dict[str, float | None] = Field(default_factory=dict)
    trace_id: str | None = None

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated properties
    @property
    def passed(self) -> bool:
        """Whether nothing about the case failed; one whose tests were all skipped has not failed."""
        return self.outcome in {"passed", "skipped"}

    @property
    def key(self) -> CaseKey:
        """Its identity across sessions."""
        return CaseKey(self.case_id, self.variant, self.trial)


class SpanRow(Row):
    """One span of a case's trace; `parent` is a position in the list, `start_seconds` counts from the trace's start."""

    name: str
    span_type: str = "CHAIN"
    parent: int | None = None
    start_seconds: float = 0.0
    seconds: float = 0.0
    ok: bool = True
    message: str = ""


class CaseDetail(Row):
    """What a reader wants to see of a case beside its row; `shown` is the output as its audience would see it."""

    input: Any = None
    output: Any = None
    shown: str = ""
    spans: tuple[SpanRow, ...] = ()


class DatasetRow(Row):
    """Which dataset the cases came from; the digest is that of its content."""

    name: str
    version: str = ""
    digest: str = ""
    source: str = ""


class RuleResult(Row):
    """One line of the gate: `rule` as written, the value it was held against, and what came of it."""

    rule: str
    value: float | None
    verdict: RuleVerdict
    note: str = ""
    variant: str = ""
    cases: tuple[str, ...] = ()


class GateResult(Row):
    """All rules together."""

    source: str
    rules: tuple[RuleResult, ...]

    @computed_field  # type: ignore[prop-decorator]  # as above
    @property
    def passed(self) -> bool:
        """Whether no rule failed and at least one was measured."""
        verdicts = {rule.verdict for rule in self.rules}
        return "failed" not in verdicts and "passed" in verdicts


class CaseChange(Row):
    """A case whose verdict is another than before, and the scorers that changed with it."""

    case_id: str
    variant: str = DEFAULT
    trial: int = 1
    scorers: tuple[str, ...] = ()


class Interval(Row):
    """A confidence interval and its level."""

    low: float
    high: float
    level: float = 0.95


class ScoreChange(Row):
    """One scorer before and after, over the pairs of cases that both sides scored.

    For verdicts `before` and `after` are pass rates and `p_value` is McNemar's exact; for numbers they are means. The
    interval is that of the difference of the pairs.
    """

    scorer: str
    kind: Literal["rate", "mean"]
    pairs: int
    before: float
    after: float
    interval: Interval | None = None
    p_value: float | None = None

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before


class Comparison(Row):
    """Two sets of cases side by side, paired by case: a baseline and this session, or two variants of it."""

    kind: Literal["baseline", "variants"]
    before: str
    after: str
    pairs: int
    newly_failing: tuple[CaseChange, ...] = ()
    newly_passing: tuple[CaseChange, ...] = ()
    only_before: tuple[str, ...] = ()
    only_after: tuple[str, ...] = ()
    scores: tuple[ScoreChange, ...] = ()

    @property
    def cases(self) -> ScoreChange | None:
        """The verdicts of whole cases, which stand first among the changes."""
        return self.scores[0] if self.scores else None


class SessionResults(Row):
    """A session and what was made of it; `exit_status` is pytest's, `shard` is `i/n` or empty."""

    format: Literal[1] = 1
    session_id: str = ""
    run_name: str = ""
    started_at: str = ""
    seconds: float = 0.0
    exit_status: int | None = None
    shard: str = ""
    trials: int = 1
    not_run: int = 0
    tags: dict[str, str] = Field(default_factory=dict)
    datasets: tuple[DatasetRow, ...] = ()
    variants: tuple[Variant, ...] = ()
    metrics: dict[str, float | None] = Field(default_factory=dict)
    gate: GateResult | None = None
    comparisons: tuple[Comparison, ...] = ()
    cases: tuple[CaseRow, ...] = ()

    def __repr__(self) -> str:
        """Name it: written out, a session fills the screen of whoever asserts something about it."""
        return f"<session {self.session_id or self.run_name}: {len(self.cases)} cases, {len(self.failed_cases)} failed>"

    __str__ = __repr__

    @property
    def failed_cases(self) -> list[CaseRow]:
        """The cases with a test that did not pass."""
        return [case for case in self.cases if not case.passed]

    @property
    def scorer_names(self) -> list[str]:
        """Every scorer that spoke, in the order in which they first did."""
        return list(dict.fromkeys(score.name for case in self.cases for score in case.scores))

    @property
    def variant_names(self) -> list[str]:
        """The variants that cases ran under, in the order in which they were asked for."""
        return names_of_variants(self.cases)


def names_of_variants(cases: Iterable[CaseRow]) -> list[str]:
    """The variants among cases, each once, in their order."""
    return list(dict.fromkeys(case.variant for case in cases))
