from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import PromptError
from technoshare_commentator.prompts import (
    STAGE_A,
    STAGE_B,
    load_project_context,
    load_prompt,
)

if TYPE_CHECKING:
    from pathlib import Path

GREETING = """\
name: greeting
description: says hello
template: "Hello {{ name }}, {{name}}, from {{ place }}"
output_schema: {type: string}
settings: {temperature: 0.1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "greeting.yaml").write_text(GREETING)
    return tmp_path


def test_a_template_is_filled(folder: Path) -> None:
    prompt = load_prompt("greeting", folder)
    assert prompt.variables == ("name", "place")
    assert prompt.render(name="Ada {{ place }}", place="home") == "Hello Ada {{ place }}, Ada {{ place }}, from home"


@pytest.mark.parametrize(
    ("values", "message"),
    [({"name": "x"}, "missing ['place']"), ({"name": "x", "place": "y", "z": "z"}, "unknown ['z']")],
)
def test_a_missing_or_unknown_variable_is_an_error(folder: Path, values: dict[str, str], message: str) -> None:
    with pytest.raises(PromptError) as caught:
        load_prompt("greeting", folder).render(**values)
    assert message in str(caught.value)


def test_the_version_follows_the_content_and_not_comments_or_order(folder: Path) -> None:
    first = load_prompt("greeting", folder)
    lines = GREETING.splitlines()
    (folder / "greeting.yaml").write_text("# a comment\n" + "\n".join([*lines[1:], lines[0]]) + "\n")
    same = load_prompt("greeting", folder)
    (folder / "greeting.yaml").write_text(GREETING.replace("Hello", "Goodbye"))
    changed = load_prompt("greeting", folder)
    assert first.sha256 == same.sha256 != changed.sha256
    assert len(first.version) == 12


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GREETING.replace("name: greeting", "name: farewell"), "key 'name' is 'farewell'"),
        (GREETING + "tempalte: x\n", "key 'tempalte'"),
        (GREETING.replace("description: says hello\n", ""), "key 'description'"),
        ("name: [", "is not valid YAML"),
        ("", "(top level)"),
    ],
)
def test_a_malformed_file_is_an_error_that_names_file_and_key(folder: Path, content: str, message: str) -> None:
    (folder / "greeting.yaml").write_text(content)
    with pytest.raises(PromptError) as caught:
        load_prompt("greeting", folder)
    assert message in str(caught.value)
    assert "greeting.yaml" in str(caught.value)


def test_a_missing_file_says_where_prompts_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="PROMPTS_DIR"):
        load_prompt("greeting", tmp_path)


def test_the_prompts_that_are_shipped_load() -> None:
    for name in (STAGE_A, STAGE_B):
        prompt = load_prompt(name)
        assert prompt.render(**dict.fromkeys(prompt.variables, "x"))
    themes = load_project_context().themes
    assert len(themes) >= 8
    assert all(theme.pains and theme.stack and theme.success_criteria and theme.positioning for theme in themes)
