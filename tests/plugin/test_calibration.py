"""A judge that does not agree with people well enough informs: it is recorded and shown, and decides nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from foreign_project import Project, scores_of
from technoshare_commentator.mlops.evaluation.judging.agreement import Agreement
from technoshare_commentator.mlops.evaluation.judging.calibration import (
    JUDGE_MODEL,
    JUDGE_PROMPT,
    Calibrated,
    content_digest,
    write_measured,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

OK, FAILED, USAGE = 0, 1, 4
JUDGE = {JUDGE_PROMPT: "taste/1/abc", JUDGE_MODEL: "tiny-1"}
GOOD = Agreement(caught=40, missed=5, false_alarms=5, cleared=50)  # kappa 0.80
POOR = Agreement(caught=25, missed=20, false_alarms=25, cleared=30)  # kappa 0.10
SUITE = f"""
    @scorer(source_type="LLM_JUDGE")
    def taste(output):
        return Score("taste", 0.2, passed=False, source_type="LLM_JUDGE", metadata={JUDGE!r})

    @words
    def test_taste(output, check):
        check(output, taste, shouted)
"""


@pytest.fixture
def judged(project: Project) -> Project:
    """A project with a judge who dislikes everything, labels, and a kappa that it requires of the judge."""
    project.tests(SUITE)
    project.write("labels/taste.json", json.dumps({"pairs": [1, 2, 3]}))
    project.write("calibration.yaml", "required_kappa: {taste: 0.6}\n")
    project.write("pytest.ini", (project.folder / "pytest.ini").read_text() + "eval_calibration = calibration.yaml\n")
    return project


def calibrate(project: Project, found: Agreement, judge: Mapping[str, str] = JUDGE) -> None:
    labels = "labels/taste.json"
    digest = content_digest(project.folder / labels)
    known = Calibrated.of(found, labels=labels, labels_digest=digest, split="all", judge=judge)
    write_measured(project.folder / "calibration.json", {"taste": known})


def informs(project: Project) -> set[str]:
    return {
        score["informs"] for case in project.results["cases"] for score in case["scores"] if score["name"] == "taste"
    }


@pytest.mark.parametrize("how", [(), ("-n", "0"), ("-n", "2")], ids=["plain", "n0", "n2"])
def test_a_judge_below_its_required_kappa_informs_and_fails_nothing(judged: Project, how: tuple[str, ...]) -> None:
    calibrate(judged, POOR)
    result = judged.run("--eval-gate", "pass_rate >= 1", *how)
    result.assert_outcomes(passed=3)
    assert result.ret == OK
    assert informs(judged) == {"its kappa 0.100 is below the required 0.6"}
    row = judged.results["cases"][0]
    assert ("taste in test_taste[short-word]", False) in scores_of(row)
    assert row["passed"] is True
    result.stdout.fnmatch_lines(
        [
            "taste (informs) * 0 * 3 * 0.0%*",
            "taste only informs: its kappa 0.100 is below the required 0.6",
            "gate passed (--eval-gate)",
        ]
    )
    result.stdout.no_fnmatch_line("failed cases*")


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_judge_that_agrees_with_people_gates(judged: Project, how: tuple[str, ...]) -> None:
    calibrate(judged, GOOD)
    result = judged.run("--eval-gate", "taste/mean >= 0.1", *how)
    result.assert_outcomes(failed=3)
    assert result.ret == OK  # as the gate's only rule has it
    assert informs(judged) == {""}
    result.stdout.fnmatch_lines(["  taste/mean: 0.2 >= 0.1 — passed"])


def outdated_prompt(project: Project) -> None:
    calibrate(project, GOOD, {**JUDGE, JUDGE_PROMPT: "taste/1/old"})


def outdated_model(project: Project) -> None:
    calibrate(project, GOOD, {**JUDGE, JUDGE_MODEL: "tiny-0"})


def outdated_labels(project: Project) -> None:
    calibrate(project, GOOD)
    project.write("labels/taste.json", json.dumps({"pairs": [1, 2]}))


def missing_labels(project: Project) -> None:
    calibrate(project, GOOD)
    (project.folder / "labels/taste.json").unlink()


def nothing_measured(project: Project) -> None:
    assert not (project.folder / "calibration.json").exists()


def undefined(project: Project) -> None:
    calibrate(project, Agreement(0, 0, 3, 7))


def nothing_required(project: Project) -> None:
    project.write("calibration.yaml", "")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (outdated_prompt, "it was calibrated with the prompt 'taste/1/old' and this is 'taste/1/abc'; run *"),
        (outdated_model, "it was calibrated with the model 'tiny-0' and this is 'tiny-1'; run *"),
        (outdated_labels, "labels/taste.json has changed since it was calibrated; run *"),
        (missing_labels, "labels/taste.json has changed since it was calibrated; run *"),
        (nothing_measured, "it has not been calibrated; run technoshare evals calibrate --write"),
        (undefined, "its kappa is undefined: every pair is labelled good, and kappa needs both"),
        (nothing_required, "'calibration.yaml' requires no kappa of this judge, so nobody knows it"),
    ],
)
def test_a_calibration_that_is_missing_or_out_of_date_is_none(judged: Project, how: Any, why: str) -> None:
    how(judged)
    result = judged.run()
    result.assert_outcomes(passed=3)
    assert result.ret == OK
    result.stdout.fnmatch_lines([f"taste only informs: {why}"])


def test_a_judge_that_does_not_say_who_it_is_only_informs(judged: Project) -> None:
    calibrate(judged, GOOD)
    judged.tests(SUITE.replace(f", metadata={JUDGE!r}", ""))
    result = judged.run()
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["taste only informs: its scores do not say which prompt gave them *"])


def test_a_rule_about_a_judge_that_only_informs_is_refused_before_a_case_has_run(judged: Project) -> None:
    calibrate(judged, POOR)
    result = judged.run("--eval-gate", "taste/mean >= 0.1")
    assert result.ret == USAGE
    assert judged.calls == []
    why = "its kappa 0.100 is below the required 0.6; until it may, take the rule out"
    rule = "rule 'taste/mean >= 0.1': 'taste' may inform but not gate"
    result.stderr.fnmatch_lines([f"ERROR: gate '--eval-gate': {rule}: {why}"])


@pytest.mark.parametrize("how", [(), ("-n", "2")], ids=["plain", "n2"])
def test_a_rule_about_a_judge_with_another_prompt_is_refused_at_the_end(judged: Project, how: tuple[str, ...]) -> None:
    outdated_prompt(judged)
    result = judged.run("--eval-gate", "taste/pass_rate >= 0", *how)
    result.assert_outcomes(passed=3)
    assert result.ret == USAGE
    result.stdout.fnmatch_lines(["*'taste' may inform but not gate: it was calibrated with the prompt 'taste/1/old'*"])


def test_a_judge_that_crashes_is_an_error_whatever_its_kappa(judged: Project) -> None:
    calibrate(judged, POOR)
    judged.tests(
        SUITE.replace('return Score("taste"', 'raise ConnectionError("no model")\n        return Score("taste"')
    )
    result = judged.run("--eval-gate", "pass_rate >= 0")
    result.assert_outcomes(failed=3)
    assert result.ret == FAILED
    result.stdout.fnmatch_lines(["  errors: 3 <= 0 — failed"])


def test_other_scorers_still_fail_the_check_that_a_judge_informs(judged: Project) -> None:
    calibrate(judged, POOR)
    judged.tests(SUITE.replace("check(output, taste, shouted)", "check(output.lower(), taste, shouted)"))
    result = judged.run()
    result.assert_outcomes(failed=3)
    result.stdout.fnmatch_lines(["*1 of 2 scorers did not pass", "*  shouted failed (False)", "failed cases (3)"])
    result.stdout.no_fnmatch_line("    taste: *")


def test_a_plain_scorer_gates_unless_a_kappa_is_required_of_it(judged: Project) -> None:
    judged.tests(SUITE.replace("check(output, taste, shouted)", "check(output.lower(), shouted)"))
    judged.run().assert_outcomes(failed=3)
    judged.write("calibration.yaml", "required_kappa: {shouted: 0.2}\n")
    result = judged.run()
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["shouted only informs: it has not been calibrated; *"])


def test_without_a_calibration_every_judge_gates(project: Project) -> None:
    project.tests(SUITE)
    project.run().assert_outcomes(failed=3)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "the file of required kappas 'calibration.yaml' does not exist; make it, or mend the ini value *"),
        ("required_kapa: {taste: 0.6}", "'calibration.yaml': there is no key 'required_kapa'; did you mean *"),
        (
            "required_kappa: {taste: 1.6}",
            "'calibration.yaml': required_kappa.taste: * (got 1.6); a required kappa is *",
        ),
        ("required_kappa: [", "'calibration.yaml' is not valid YAML: *"),
    ],
)
def test_a_calibration_that_cannot_be_read_stops_the_session(
    judged: Project, content: str | None, complaint: str
) -> None:
    (judged.folder / "calibration.yaml").unlink()
    if content is not None:
        judged.write("calibration.yaml", content)
    result = judged.run()
    assert result.ret == USAGE
    assert judged.calls == []
    result.stderr.fnmatch_lines([f"ERROR: {complaint}"])
