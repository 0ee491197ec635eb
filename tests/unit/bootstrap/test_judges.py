from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.bootstrap import Judges
from technoshare_commentator.config import Settings, load_settings
from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.prompts import Prompt, load_prompt

if TYPE_CHECKING:
    from pathlib import Path


def settings(**given: Any) -> Settings:
    return Settings.model_construct(**{"openai_base_url": "http://127.0.0.1:1/v1", "model_judge": "judge", **given})


def test_without_a_model_nobody_judges() -> None:
    with pytest.raises(ConfigurationError, match="MODEL_JUDGE is not set, so nobody judges"):
        Judges(settings(model_judge=None))


def test_the_extractive_model_cannot_judge() -> None:
    with pytest.raises(ConfigurationError, match="MODEL_JUDGE='extractive' ranks sentences and cannot judge"):
        Judges(settings(model_judge="extractive"))


def test_a_judge_elsewhere_needs_a_key() -> None:
    with pytest.raises(ConfigurationError, match=r"MODEL_JUDGE='judge' needs OPENAI_API_KEY.* leave MODEL_JUDGE"):
        Judges(settings(openai_base_url=None))


def test_the_three_judges_have_the_names_that_labels_and_gates_use() -> None:
    names = [scorer.name for scorer in Judges(settings()).scorers()]
    assert names == ["faithfulness", "relevance", "hallucination"]
    assert all(scorer.is_async for scorer in Judges(settings()).scorers())


def test_judges_follow_the_settings() -> None:
    asked: list[str] = []

    def prompt(name: str) -> Prompt:
        asked.append(name)
        return load_prompt(name)

    given = settings(judge_votes=5, model_evidence_characters=2000)
    found = Judges(given, prompt=prompt, overrides={"temperature": 1.0}).judges()
    assert asked == ["project_context", "judge_faithfulness", "judge_relevance", "judge_hallucination"]
    assert {(one.model, one.votes, one.evidence_characters) for one in found} == {("judge", 5, 2000)}
    assert {one.overrides["temperature"] for one in found} == {1.0}


@pytest.mark.parametrize(("votes", "rule"), [("2", "take an odd number"), ("0", "greater than or equal to 1")])
def test_votes_are_an_odd_number(votes: str, rule: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JUDGE_VOTES", votes)
    with pytest.raises(ConfigurationError, match=f"JUDGE_VOTES='{votes}': .*{rule}"):
        load_settings()
