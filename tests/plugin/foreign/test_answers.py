import pytest
from scorers import answers, brevity, polite

questions = pytest.mark.eval(dataset="questions.json")


@questions
def test_answers(output, check):
    check(output, answers, polite)


@questions
def test_brevity(output, check):
    check(output, brevity)
