import pytest


@pytest.mark.eval_summary
def test_an_answer_costs_less_than_a_cent(eval_results):
    assert eval_results.metrics["cost_usd"] / len(eval_results.cases) < 0.01


@pytest.mark.eval_summary
def test_questions_about_accounts_are_never_failed(eval_results):
    assert not [case.example_id for case in eval_results.failed_cases if "account" in case.tags]
