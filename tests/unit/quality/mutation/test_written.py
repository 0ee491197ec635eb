from __future__ import annotations

import json
from pathlib import Path

import pytest

from technoshare_commentator.domain import Facts, Job
from technoshare_commentator.errors import DatasetError
from technoshare_commentator.mlops.evaluation.dataset import load_dataset
from technoshare_commentator.prompts import load_project_context
from technoshare_commentator.quality.example import CommentaryExample
from technoshare_commentator.quality.mutation.written import load_written
from technoshare_commentator.quality.page_words import page_says
from technoshare_commentator.quality.rule_input import RuleInput
from technoshare_commentator.quality.rules import RULES, facts_cited
from technoshare_commentator.retrieval.frozen import evidence_from_file
from technoshare_commentator.slack.render import render_message

EVALS = Path(__file__).parents[4] / "evals"
WRITTEN = load_written(EVALS / "commentaries")


def example_of(name: str) -> CommentaryExample:
    examples = load_dataset(EVALS / "datasets" / "technoshare.json", CommentaryExample).examples
    (found,) = (one for one in examples if one.id == WRITTEN[name].example)
    assert isinstance(found, CommentaryExample)
    return found


def test_there_are_commentaries_on_pages_of_several_kinds() -> None:
    assert len(WRITTEN) >= 6
    assert len({name.split("-")[0] for name in WRITTEN}) >= 5


@pytest.mark.parametrize("name", WRITTEN)
def test_a_commentary_written_by_hand_keeps_every_rule_in_its_own_words(name: str) -> None:
    example, commentary = example_of(name), WRITTEN[name].commentary
    evidence = evidence_from_file(example.url, EVALS / "pages" / example.page)
    text = render_message(Job(id=name), evidence, commentary).text
    given = RuleInput(commentary, Facts(coverage=evidence.coverage), evidence, text, load_project_context())
    reasons = [one.reason for rule in RULES if rule is not facts_cited for one in rule(given)]
    assert reasons == []
    quoted = [item for item in (*commentary.tldr, *commentary.summary) if page_says(evidence, item)]
    assert quoted == []
    assert any(bullet.startswith(f"**{example.expected_theme}**") for bullet in commentary.projects)


def test_without_a_folder_there_are_none(tmp_path: Path) -> None:
    assert load_written(tmp_path / "nowhere") == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"example": "a"}, "key 'commentary': Field required"),
        ({"example": "a", "commentary": {}, "author": "me"}, "key 'author': Extra inputs are not permitted (got 'me')"),
        (
            {"example": "a", "commentary": {"tldr": [1]}},
            "key 'commentary.tldr.0': Input should be a valid string (got 1)",
        ),
        ([], "key '(top level)': "),
    ],
)
def test_a_file_that_is_no_commentary_is_told_with_its_key_and_value(
    tmp_path: Path, content: object, said: str
) -> None:
    (tmp_path / "odd.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(DatasetError, match=r"odd\.json") as caught:
        load_written(tmp_path)
    assert said in str(caught.value)
    assert "known keys: example, commentary, tldr" in str(caught.value)


def test_a_file_that_is_no_json_is_told_too(tmp_path: Path) -> None:
    (tmp_path / "odd.json").write_text("{", encoding="utf-8")
    with pytest.raises(DatasetError, match="Invalid JSON"):
        load_written(tmp_path)
