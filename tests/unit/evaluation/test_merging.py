"""Shards put together are the session that they would have been on one machine."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from session_records import results_of, row
from simulated_session import Plan, simulate
from technoshare_commentator.mlops.evaluation.judging.metrics import metrics_of
from technoshare_commentator.mlops.evaluation.merging import merge_results
from technoshare_commentator.mlops.evaluation.session_results import DatasetRow, GateResult, RuleResult, SessionResults
from technoshare_commentator.mlops.evaluation.variants import Variant


def shards() -> list[SessionResults]:
    """Cases dealt in turn to three machines, which did not start in the order of their numbers."""
    starts = ["2026-01-05T09:00:02Z", "2026-01-05T09:00:00Z", "2026-01-05T10:00:01+01:00"]
    dealt = [[0, 3, 6, 9], [1, 4, 7], [2, 5, 8]]
    return [
        results_of(numbers, shard=f"{number}/3", started=start, failed=[7])
        for number, (numbers, start) in enumerate(zip(dealt, starts, strict=True), start=1)
    ]


def test_cases_come_shard_by_shard_and_aggregates_are_those_of_all_cases() -> None:
    merged = merge_results(shards())
    assert [case.example_id for case in merged.cases] == [f"case-{number}" for number in (0, 3, 6, 9, 1, 4, 7, 2, 5, 8)]
    assert merged.metrics == {**metrics_of(merged.cases), "session_seconds": 4.0}
    assert (merged.metrics["cases"], merged.metrics["pass_rate"]) == (10.0, 0.9)
    assert (merged.seconds, merged.shard, merged.started_at) == (4.0, "", "2026-01-05T09:00:00Z")
    assert (merged.session_id, merged.run_name) == ("session 2/3", "eval")
    assert merged.datasets == (DatasetRow(name="links", version="1", digest="abc"),)
    assert merged.tags == {"suite": "evals", "pytest.command": "pytest --eval-shard 1/3"}


def test_the_order_of_the_parts_makes_no_difference() -> None:
    assert len({merge_results(order).model_dump_json() for order in permutations(shards())}) == 1


def test_the_tenth_shard_comes_after_the_second() -> None:
    parts = [results_of([number], shard=f"{number}/10") for number in (10, 2)]
    assert [case.example_id for case in merge_results(parts).cases] == ["case-2", "case-10"]


def test_of_a_case_that_ran_twice_the_session_that_started_later_counts_and_the_case_stays_in_its_place() -> None:
    early = results_of([1, 2, 3], started="2026-01-05T09:00:00Z", failed=[2])
    late = results_of([2], started="2026-01-05T09:30:00Z")
    for parts in ([early, late], [late, early]):
        merged = merge_results(parts)
        assert [(case.example_id, case.outcome) for case in merged.cases] == [
            ("case-1", "passed"),
            ("case-2", "passed"),
            ("case-3", "passed"),
        ]
        assert merged.metrics["pass_rate"] == 1.0


def test_the_same_example_under_another_variant_or_trial_is_another_case() -> None:
    one = SessionResults(
        cases=(row(1, variant="a"), row(1, variant="b")), variants=(Variant(name="a"), Variant(name="b"))
    )
    other = SessionResults(cases=(row(1, variant="a", trial=2),), variants=(Variant(name="a"),), trials=2)
    merged = merge_results([one, other])
    assert len(merged.cases) == 3
    assert [variant.name for variant in merged.variants] == ["a", "b"]
    assert merged.trials == 2


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([0, 1, 0], 1),
        ([0, 0], 0),
        ([5, 0], 0),
        ([5, 5], 5),
        ([1, 2], 2),
        ([3, 2, 4], 3),
        ([None, None], None),
        ([None, 0], 0),
    ],
)
def test_the_exit_status_is_the_worst_and_a_shard_without_cases_is_none(
    statuses: list[int | None], worst: int | None
) -> None:
    parts = [
        SessionResults(exit_status=status, shard=f"{number}/9", tags={"pytest.exit_status": str(status)})
        for number, status in enumerate(statuses, start=1)
    ]
    merged = merge_results(parts)
    assert merged.exit_status == worst
    assert merged.tags == {"pytest.exit_status": str(worst)}


def test_cases_that_were_not_run_are_added_up_and_the_judgement_of_a_part_is_not_that_of_all() -> None:
    gate = GateResult(source="gate.yaml", rules=(RuleResult(rule="pass_rate >= 1", value=1.0, verdict="passed"),))
    merged = merge_results([SessionResults(not_run=2, gate=gate), SessionResults(not_run=3)])
    assert (merged.not_run, merged.gate, merged.comparisons) == (5, None, ())


def test_nothing_cannot_be_merged() -> None:
    with pytest.raises(ValueError, match="no results to merge"):
        merge_results([])


@given(st.integers(1, 5), st.lists(st.integers(1, 4), min_size=4, max_size=12), st.integers(0, 99))
def test_dealing_a_session_out_and_merging_it_changes_neither_cases_nor_metrics(
    trials: int, dealt: list[int], seed: int
) -> None:
    session, _ = simulate(Plan(examples=len(dealt), trials=trials, crash=0.1, unpriced=0.1), seed)
    shard_of = dict(zip(sorted({case.case_id for case in session.cases}), dealt, strict=True))
    parts = [
        session.model_copy(
            update={
                "shard": f"{shard}/4",
                "cases": tuple(one for one in session.cases if shard_of[one.case_id] == shard),
            }
        )
        for shard in range(1, 5)
    ]
    merged = merge_results(parts)
    assert sorted(case.model_dump_json() for case in merged.cases) == sorted(
        case.model_dump_json() for case in session.cases
    )
    assert merged.metrics == pytest.approx(
        {**metrics_of(session.cases), "session_seconds": session.seconds}, nan_ok=True
    )
    assert SessionResults.model_validate_json(merged.model_dump_json()) == merged
