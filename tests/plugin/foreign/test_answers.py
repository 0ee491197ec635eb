import pytest
from scorers import answers, brevity, decided

questions = pytest.mark.eval(dataset="questions.json")


@questions
def test_answers(output, check):
    check(output, answers, decided)


@questions
def test_brevity(output, check):
    check(output, brevity)
