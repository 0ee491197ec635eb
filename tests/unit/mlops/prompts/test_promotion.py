"""Whether an evaluation proves that a version may replace another."""

from __future__ import annotations

import pytest

from technoshare_commentator.mlops.evaluation.judging.comparison import compare_variants
from technoshare_commentator.mlops.evaluation.judging.gate import Gate, parse_rule
from technoshare_commentator.mlops.evaluation.session_results import CaseRow, ScoreRow, SessionResults
from technoshare_commentator.mlops.prompts.promotion import Proof, prove, uses

OLD, NEW = "greeting/1/aaaaaaaaaaaa", "greeting/2/bbbbbbbbbbbb"


def case(number: int, variant: str, *, passed: bool = True, polite: bool = True) -> CaseRow:
    return CaseRow(
        case_id=f"d/{number}",
        example_id=str(number),
        variant=variant,
        outcome="passed" if passed else "failed",
        scores=(ScoreRow(name="polite", value=polite, passed=polite),),
        run_tags={"prompt_greeting": OLD if variant == "prod" else NEW},
    )


def session(
    cases: list[CaseRow], *rules: str, exit_status: int | None = 0, not_run: int = 0, gate: bool = True
) -> SessionResults:
    """A session as pytest leaves it: compared, and judged by a gate."""
    results = SessionResults(session_id="s", run_name="r", exit_status=exit_status, not_run=not_run, cases=tuple(cases))
    compared = results.model_copy(update={"comparisons": compare_variants(cases)})
    if not gate:
        return compared
    parsed = tuple(parse_rule(rule) for rule in rules or ("pass_rate >= 0.5",))
    return compared.model_copy(update={"gate": Gate("gate.yaml", parsed).judge(compared, selection=False)})


def both(count: int, *, failing_before: int = 0, failing_after: int = 0) -> list[CaseRow]:
    """Cases under both variants; the last ones of each side fail as asked for."""
    return [
        case(number, variant, passed=number < count - failing)
        for variant, failing in (("prod", failing_before), ("candidate", failing_after))
        for number in range(count)
    ]


def proof(results: SessionResults, max_regressions: int = 0) -> Proof:
    return prove(results, before="prod", after="candidate", max_regressions=max_regressions)


def test_equal_verdicts_and_a_passed_gate_are_a_proof_with_figures() -> None:
    found = proof(session(both(20)))
    assert found.holds
    assert found.figures == {
        "proof.session": "s",
        "proof.run_name": "r",
        "proof.gate": "2 of 2 rules passed",
        "proof.cost_usd": "0",
        "proof.p_value": "1",
        "proof.pairs": "20",
        "proof.pass_rate": "1.0000 -> 1.0000",
        "proof.newly_failing": "0",
        "proof.newly_passing": "0",
        "proof.scores": '{"polite": [1.0, 1.0]}',
    }


def test_which_side_s_cases_ended_first_does_not_matter() -> None:
    cases = both(20, failing_after=1)
    assert proof(session(cases[::-1])) == proof(session(cases))


def test_one_case_that_newly_fails_is_enough_against_it_though_the_gate_passes() -> None:
    found = proof(session(both(20, failing_after=1)))
    assert found.objections == ("1 newly failing, 0 allowed: d/19",)
    assert found.figures["proof.pass_rate"] == "1.0000 -> 0.9500"


def test_as_many_cases_as_allowed_may_newly_fail() -> None:
    results = session(both(20, failing_after=2))
    assert proof(results, 2).holds
    assert not proof(results, 1).holds


def test_a_rate_that_fell_by_more_than_chance_counts_however_many_may_fail() -> None:
    found = proof(session(both(40, failing_after=10)), 40)
    assert len(found.objections) == 1
    assert found.objections[0].startswith("cases fell from 100.0% to 75.0% (p = 0.00")


def test_a_scorer_that_fell_counts_where_the_cases_failed_before_too() -> None:
    before = [case(number, "prod", passed=False) for number in range(30)]
    after = [case(number, "candidate", passed=False, polite=False) for number in range(30)]
    found = proof(session([*before, *after], "cases >= 1"))
    assert [objection.split(" (")[0] for objection in found.objections] == ["polite fell from 100.0% to 0.0%"]


def test_the_gate_of_the_candidate_counts() -> None:
    found = proof(session(both(20, failing_before=5, failing_after=5), "pass_rate >= 0.9"))
    assert found.objections == ("the gate failed: pass_rate >= 0.9 (it is 0.75)",)


def test_a_gate_that_only_what_is_in_use_fails_does_not_stop_what_mends_it() -> None:
    found = proof(session(both(20, failing_before=5), "pass_rate >= 0.9", exit_status=1))
    assert found.holds
    assert found.figures["proof.newly_passing"] == "5"


def test_what_failed_beside_the_gate_counts() -> None:
    assert [one.split(":")[0] for one in proof(session(both(20), exit_status=1)).objections] == [
        "something failed beside the cases"
    ]


@pytest.mark.parametrize("status", [None, 2, 3, 4, 5])
def test_a_session_that_was_broken_off_proves_nothing(status: int | None) -> None:
    assert "did not run to its end" in proof(session(both(20), exit_status=status)).objections[0]


def test_cases_that_were_not_run_or_that_one_side_lacks_count_against_it() -> None:
    fewer = [one for one in both(20) if (one.variant, one.example_id) != ("candidate", "7")]
    found = proof(session(fewer, not_run=1))
    assert found.objections == ("1 cases were not run", "1 cases were judged under prod only")


def test_without_a_gate_nothing_is_proved() -> None:
    assert proof(session(both(20), gate=False)).objections == ("there is no gate; name one with --eval-gate",)


@pytest.mark.parametrize("only", ["prod", "candidate"])
def test_one_side_alone_proves_nothing(only: str) -> None:
    found = proof(session([case(1, only)]))
    assert "no case was judged under both, so nothing is proved" in found.objections
    assert "proof.pairs" not in found.figures


def test_a_prompt_counts_as_used_only_where_every_case_says_so() -> None:
    cases = both(3)
    results = session(cases)
    assert uses(results, "candidate", NEW)
    assert not uses(results, "candidate", OLD)
    assert not uses(results, "nobody", NEW)
    silent = cases[-1].model_copy(update={"run_tags": {}})
    assert not uses(session([*cases[:-1], silent]), "candidate", NEW)
    skipped = silent.model_copy(update={"outcome": "skipped"})
    assert uses(session([*cases[:-1], skipped]), "candidate", NEW)
