from __future__ import annotations

import re

import pytest

from technoshare_commentator.domain import Commentary, Coverage, Fact, Facts
from technoshare_commentator.prompts import STAGE_A, STAGE_B, load_project_context, load_prompt

THEMES = (
    "LLMOps & evaluation",
    "Retrieval & search",
    "AI agents",
    "Data platforms",
    "Cloud & observability",
    "Developer productivity",
    "Security",
    "Multimodal AI",
)


@pytest.mark.parametrize("name", [STAGE_A, STAGE_B])
def test_every_object_of_a_schema_is_closed_and_complete(name: str) -> None:
    def objects(schema: object) -> list[dict[str, object]]:
        if isinstance(schema, dict):
            inner = [found for value in schema.values() for found in objects(value)]
            return [schema, *inner] if schema.get("type") == "object" else inner
        return []

    found = objects(load_prompt(name).output_schema)

    assert found
    for schema in found:
        assert schema["additionalProperties"] is False
        assert set(schema["required"]) == set(schema["properties"])  # type: ignore[call-overload] # lists of a JSON schema


def test_stage_a_asks_for_what_facts_hold() -> None:
    schema = load_prompt(STAGE_A).output_schema

    assert set(schema["properties"]) == set(Facts.model_fields)
    assert set(schema["properties"]["facts"]["items"]["properties"]) == set(Fact.model_fields)
    assert schema["properties"]["coverage"]["enum"] == [coverage.value for coverage in Coverage]


def test_stage_b_asks_for_what_a_commentary_holds() -> None:
    assert set(load_prompt(STAGE_B).output_schema["properties"]) == set(Commentary.model_fields)


@pytest.mark.parametrize(("name", "mark", "variable"), [(STAGE_A, "EVIDENCE", "evidence"), (STAGE_B, "FACTS", "facts")])
def test_what_strangers_wrote_stands_between_marks_and_is_called_data(name: str, mark: str, variable: str) -> None:
    template = load_prompt(name).template

    assert re.search(rf"BEGIN {mark}\n\s*\{{\{{ {variable} \}}\}}\n\s*END {mark}", template)
    assert "never" in template.split(f"BEGIN {mark}\n")[0]


def test_templates_can_be_filled() -> None:
    stage_a = load_prompt(STAGE_A)

    text = stage_a.render(**{name: f"<{name}>" for name in stage_a.variables})

    assert stage_a.variables == ("adapter_name", "coverage", "evidence", "title", "url")
    assert "<evidence>" in text
    assert load_prompt(STAGE_B).variables == ("facts", "themes", "title", "unknowns", "url")


def test_the_context_names_the_eight_themes() -> None:
    assert load_project_context().theme_names == THEMES


def test_clauses_fit_into_a_sentence_and_carry_no_figures() -> None:
    for theme in load_project_context().themes:
        assert len(theme.stack) >= 3
        for clause in (*theme.pains, *theme.success_criteria):
            assert clause[0].islower()
            assert clause[-1].isalpha()
            assert not re.search(r"\d", clause)


def test_no_clause_stands_twice() -> None:
    clauses = [clause for theme in load_project_context().themes for clause in (*theme.pains, *theme.success_criteria)]

    assert len(set(clauses)) == len(clauses)
