"""A score that only informs: what the records, the gate and every report make of it."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.informing import informing
from technoshare_commentator.mlops.evaluation.judging.gate import Gate, parse_rule
from technoshare_commentator.mlops.evaluation.judging.metrics import summarise_scorers
from technoshare_commentator.mlops.evaluation.reporting.annotations import annotation_commands
from technoshare_commentator.mlops.evaluation.reporting.console import session_parts
from technoshare_commentator.mlops.evaluation.reporting.github import step_summary
from technoshare_commentator.mlops.evaluation.reporting.html import render_html
from technoshare_commentator.mlops.evaluation.results import CaseResult, ScoreResult, TestResult
from technoshare_commentator.mlops.evaluation.rows import row_of
from technoshare_commentator.mlops.evaluation.scorer import CheckFailedError, Score, ScorerFailure, check, scorer
from technoshare_commentator.mlops.evaluation.session_results import CaseRow, ScoreRow, SessionResults, TestRow

WHY = "its kappa 0.100 is below the required 0.6"


@scorer(source_type="LLM_JUDGE")
def taste(output: str) -> Score:
    return Score("taste", 0.2, passed=False, rationale=f"{output} is bland", source_type="LLM_JUDGE")


@scorer
def loud(output: str) -> bool:
    return output.isupper()


def why_informs(score: Score) -> str:
    return WHY if score.name == "taste" else ""


def case(name: str, *, loud_enough: bool, variant: str = "default") -> CaseRow:
    scores = (
        ScoreRow(name="taste", value=0.2, passed=False, rationale="bland", informs=WHY, test="test_it"),
        ScoreRow(name="loud", value=loud_enough, passed=loud_enough, rationale="whispered", test="test_it"),
    )
    tests = (TestRow(nodeid="test_it", outcome="passed" if loud_enough else "failed"),)
    outcome = "passed" if loud_enough else "failed"
    return CaseRow(case_id=name, example_id=name, outcome=outcome, scores=scores, tests=tests, variant=variant)


SESSION = SessionResults(cases=(case("a", loud_enough=True), case("b", loud_enough=False)))


def shown(results: SessionResults, width: int = 120) -> list[str]:
    console = Console(file=StringIO(), width=width)
    for part in session_parts(results, width, {}):
        console.print(part)
    return [" ".join(line.split()) for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]


def test_a_check_fails_for_what_gates_and_not_for_what_informs() -> None:
    with informing(why_informs):
        assert [score.name for score in check("HI", None, taste, loud)] == ["taste", "loud"]
        with pytest.raises(CheckFailedError, match="1 of 2 scorers did not pass\n  loud failed"):
            check("hi", None, taste, loud)
    with pytest.raises(CheckFailedError, match="taste failed"):
        check("HI", None, taste, loud)


def test_a_crash_fails_a_check_even_if_its_scorer_would_only_inform() -> None:
    @scorer(name="taste", source_type="LLM_JUDGE")
    def crash(output: str) -> Score:
        raise ConnectionError(output)

    with informing(why_informs), pytest.raises(CheckFailedError, match="taste crashed: ConnectionError"):
        check("HI", None, crash)


def test_the_reason_travels_with_the_score() -> None:
    said = ScoreResult.of(taste("hi"), why_informs)
    assert (said.informs, said.passed, said.assessment.metadata) == (WHY, False, {"informs_only": WHY})
    known = CaseResult("a", "a", "a", tests={"t": TestResult("t", "passed", scores=[said])})
    (kept,) = row_of(known).scores
    assert (kept.informs, kept.fails) == (WHY, False)


def test_what_gates_has_no_mark() -> None:
    said = ScoreResult.of(loud("hi"), why_informs)
    assert (said.informs, said.assessment.metadata) == ("", {})
    crash = ScoreResult.of(ScorerFailure("taste", "no model", "", "LLM_JUDGE"), why_informs)
    assert (crash.informs, crash.assessment.metadata) == ("", {})


def test_scorers_are_summed_up_with_what_they_may() -> None:
    assert {one.name: one.informs for one in summarise_scorers(SESSION.cases)} == {"taste": WHY, "loud": ""}


@pytest.mark.parametrize("rule", ["taste/mean >= 0.1", "taste/pass_rate >= 0", "taste/pass@1 >= 0"])
def test_a_rule_about_a_scorer_that_informs_is_refused(rule: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        Gate("gate.yaml", (parse_rule(rule),)).judge(SESSION, selection=False)
    assert str(raised.value) == (
        f"gate 'gate.yaml': rule {rule!r}: 'taste' may inform but not gate: {WHY}; until it may, take the rule out"
    )


def test_what_informs_is_in_no_rate_of_the_cases() -> None:
    rules = (parse_rule("pass_rate >= 0.5"), parse_rule("loud/pass_rate >= 0.5"))
    assert Gate("gate.yaml", rules).judge(SESSION, selection=False).passed


def test_the_terminal_marks_it_and_says_why() -> None:
    lines = shown(SESSION)
    assert lines[1].startswith("taste (informs) 0 2 0.0%")
    assert f"taste only informs: {WHY}" in lines
    assert lines[lines.index("failed cases (1)") + 1 :][:2] == ["b", "loud: whispered"]
    assert not any("bland" in line for line in lines)


def test_the_terminal_marks_it_beside_variants_too() -> None:
    both = tuple(case("a", loud_enough=True, variant=name) for name in ("small", "large"))
    assert any(line.startswith("taste (informs) 0/1 0.0%") for line in shown(SessionResults(cases=both)))


def test_the_summary_on_github_says_why_it_informs() -> None:
    assert f"<code>taste</code> only informs: <code>{WHY}</code>" in step_summary(SESSION)


def test_an_annotation_names_what_failed_the_case(tmp_path_factory: pytest.TempPathFactory) -> None:
    said = "\n".join(annotation_commands(SESSION, tmp_path_factory.mktemp("project")))
    assert "loud: whispered" in said
    assert "bland" not in said


def test_the_report_marks_it_in_the_table_and_in_each_case() -> None:
    badge = f'<span class="badge" title="{WHY}">informs</span>'
    assert render_html(SESSION, {}).count(badge) == 1 + len(SESSION.cases)
