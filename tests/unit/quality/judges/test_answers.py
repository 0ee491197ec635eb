from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from judged_case import answer, judged
from technoshare_commentator.prompts import JUDGE_PREFIX, load_prompt
from technoshare_commentator.quality.judges.answers import PASS_AT, Faithfulness, covering
from technoshare_commentator.quality.judges.questions import QUESTIONS, Question

_SAID_OF_NOBODY = {"title", "description", "$defs"}
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def bare(schema: Any, definitions: dict[str, Any]) -> Any:
    """A schema without words for people, its references resolved; the order of `required` does not count."""
    if isinstance(schema, list):
        return [bare(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return bare(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    kept = {name: bare(value, definitions) for name, value in schema.items() if name not in _SAID_OF_NOBODY}
    return {**kept, "required": sorted(kept["required"])} if "required" in kept else kept


@each_question
def test_the_prompt_asks_for_exactly_what_the_shape_reads(question: Question) -> None:
    asked = load_prompt(f"{JUDGE_PREFIX}{question.name}").output_schema
    read = question.shape.model_json_schema()
    assert bare(dict(asked), {}) == bare(read, read["$defs"])


@each_question
def test_a_strict_endpoint_takes_the_schema(question: Question) -> None:
    def objects(schema: Any) -> list[dict[str, Any]]:
        if isinstance(schema, list):
            return [found for one in schema for found in objects(one)]
        if not isinstance(schema, dict):
            return []
        inner = [found for value in schema.values() for found in objects(value)]
        return [schema, *inner] if schema.get("type") == "object" else inner

    found = objects(dict(load_prompt(f"{JUDGE_PREFIX}{question.name}").output_schema))
    assert len(found) == 2
    for one in found:
        assert one["additionalProperties"] is False
        assert list(one["required"]) == list(one["properties"])


@each_question
def test_verdicts_are_named_in_the_prompt_and_one_of_them_is_good(question: Question) -> None:
    prompt = load_prompt(f"{JUDGE_PREFIX}{question.name}")
    verdicts = prompt.output_schema["properties"]["items"]["items"]["properties"]["verdict"]["enum"]
    assert question.shape.good == verdicts[0]
    assert question.shape.without_quote < set(verdicts)
    for verdict in verdicts:
        assert f'* "{verdict}": ' in prompt.template
    assert f'the verdict of every item is "{question.shape.good}"' in " ".join(prompt.template.split())


def test_a_judgement_tells_the_items_that_are_wrong() -> None:
    found = Faithfulness.model_validate_json(answer(2, judged(1), judged(2, "contradicted"), judged(3, "not_found")))
    assert [one.item for one in found.bad] == [2, 3]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (answer(5, judged(1), judged(2, "contradicted")), "the score is 5, but item 2 is 'contradicted'"),
        (answer(3), "the score is 3, but every item is 'supported', which makes it 4 or 5"),
        (answer(6), "Input should be 1, 2, 3, 4 or 5"),
        (answer(5, judged(1, "fine")), "Input should be 'supported', 'contradicted' or 'not_found'"),
    ],
)
def test_a_score_that_does_not_follow_from_the_verdicts_is_no_answer(text: str, complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Faithfulness.model_validate_json(text)


@given(st.lists(st.sampled_from(["supported", "contradicted", "not_found"]), min_size=1), st.integers(1, 5))
def test_a_score_passes_exactly_when_no_item_is_wrong(verdicts: list[str], score: int) -> None:
    text = answer(score, *(judged(number, verdict) for number, verdict in enumerate(verdicts, start=1)))
    consistent = (score >= PASS_AT) == (set(verdicts) == {"supported"})
    try:
        found = covering(Faithfulness, len(verdicts)).model_validate_json(text)
    except ValidationError:
        assert not consistent
    else:
        assert consistent
        assert bool(found.bad) == (found.score < PASS_AT)


@pytest.mark.parametrize(
    ("items", "wrong"),
    [((), "1, 2"), ((1,), "2"), ((1, 1, 2), "1"), ((1, 2, 3), "3"), ((0, 1, 2), "0"), ((-7, 2), "-7, 1")],
)
def test_every_item_is_judged_once(items: tuple[int, ...], wrong: str) -> None:
    text = json.dumps({"items": [judged(number) for number in items], "score": 5})
    with pytest.raises(ValidationError, match=f"judge each of the items 1 to 2 once; see to {wrong} \\["):
        covering(Faithfulness, 2).model_validate_json(text)


def test_items_may_come_in_any_order() -> None:
    found = covering(Faithfulness, 2).model_validate_json(answer(5, judged(2), judged(1)))
    assert [one.item for one in found.items] == [2, 1]
