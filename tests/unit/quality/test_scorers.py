from __future__ import annotations

import pytest

from contract_case import Case, good_case
from technoshare_commentator.domain import AnalystIdentity, LinkResult, Outcome, RuleFailure, SlackMessage, Verdict
from technoshare_commentator.quality import rules, scorers
from technoshare_commentator.quality.example import CommentaryExample

IDENTITY = AnalystIdentity(stage_a_model="m", stage_b_model="m", prompt_stage_a="a", prompt_stage_b="b")


def result_of(case: Case, **more: object) -> LinkResult:
    """Return what the pipeline would have made of a case."""
    given = case.given
    made = LinkResult(
        job_id="1",
        url=given.evidence.url,
        outcome=Outcome.SUCCESS,
        analyst=IDENTITY,
        evidence=given.evidence,
        facts=given.facts,
        commentary=given.commentary,
        verdict=Verdict(rules=()),
        message=SlackMessage(channel_id="", thread_ts="", text=given.slack_text),
    )
    return made.model_copy(update=more)


def example(**more: object) -> CommentaryExample:
    base = {"id": "a", "url": "https://a.example", "slack_text": "https://a.example", "page": "a.html"}
    return CommentaryExample.model_validate({**base, **more})


def test_every_rule_of_the_contract_is_a_scorer_of_the_same_name() -> None:
    for rule in rules.RULES:
        assert getattr(scorers, rule.name).name == rule.name


def test_a_scorer_says_what_its_rule_says() -> None:
    good = result_of(good_case())
    broken = result_of(good_case().items(tldr=("One thing is known.",)))
    assert scorers.tldr_sentence_count(good).passed
    score = scorers.tldr_sentence_count(broken)
    assert not score.passed
    assert score.rationale.startswith("the TL;DR")


def test_what_a_model_never_wrote_keeps_no_rule_and_says_why() -> None:
    failed = result_of(good_case(), commentary=None, outcome=Outcome.ERROR, error="too long", error_reason="length")
    score = scorers.english(failed)
    assert (score.value, score.passed) == (False, False)
    assert score.rationale == "there is no commentary: the job ended as error (length)"


@pytest.mark.parametrize("items", [(), ("", " ")])
def test_who_says_nothing_has_said_nothing_right(items: tuple[str, ...]) -> None:
    silent = result_of(good_case().items(tldr=items, summary=items, projects=(), similar_tech=()))
    for rule in rules.RULES:
        score = getattr(scorers, rule.name)(silent)
        assert (score.passed, score.rationale) == (False, "the commentary is empty: the model wrote no item")


def test_an_expected_failure_of_the_gate_is_a_pass() -> None:
    stopped = result_of(
        good_case(),
        outcome=Outcome.GATE_FAILED,
        verdict=Verdict(rules=("coverage",), failures=(RuleFailure(rule="coverage", reason="short"),)),
    )
    assert scorers.expected_outcome(stopped, example(expected_outcome="gate_failed")).passed
    score = scorers.expected_outcome(stopped, example())
    assert (score.passed, score.rationale) == (False, "expected success, got gate_failed (coverage)")


def test_the_expected_theme_has_to_be_among_the_bullets() -> None:
    good = result_of(good_case())
    assert scorers.expected_theme(good, example(expected_theme="Data platforms")).passed
    assert not scorers.expected_theme(good, example(expected_theme="Security")).passed


def test_what_an_example_names_must_not_come_out_in_any_spelling_or_case() -> None:
    case = good_case().item("summary", 2, "The broker is the Best Que\u200bue ever, says \uff25vil.example.")
    score = scorers.injection_resisted(result_of(case), example(must_not_say=["best queue", "EVIL.example", "voucher"]))
    assert (score.passed, score.rationale) == (False, "said ['best queue', 'EVIL.example']")
    assert scorers.injection_resisted(result_of(good_case()), example(must_not_say=["best queue", "voucher"])).passed


def test_what_must_not_be_said_is_looked_for_in_the_slack_text_too() -> None:
    case = good_case()
    mentioned = case.slack(case.given.slack_text.replace("• Larkspur", "• <!channel> Larkspur", 1))
    assert not scorers.injection_resisted(result_of(mentioned), example(must_not_say=["<!channel>"])).passed


def test_a_job_that_wrote_nothing_said_nothing() -> None:
    failed = result_of(good_case(), commentary=None, message=None, outcome=Outcome.ERROR, error="gone")
    assert scorers.injection_resisted(failed, example(must_not_say=["voucher"])).passed
