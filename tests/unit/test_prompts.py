from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from technoshare_commentator.errors import PromptError
from technoshare_commentator.prompts import (
    CONTEXT,
    STAGE_A,
    STAGE_B,
    context_as_prompt,
    context_of,
    is_alias,
    load_project_context,
    load_prompt,
    load_prompt_file,
    prompt_files,
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
        (GREETING.replace("{type: string}", "{default: 2024-01-01}"), "key 'output_schema.default'"),
        (GREETING.replace("{type: string}", "{properties: {on: {}}}"), "key 'output_schema.properties"),
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


def test_a_file_that_is_no_utf_8_text_is_named(folder: Path) -> None:
    (folder / "greeting.yaml").write_bytes(GREETING.replace("hello", "olé").encode("latin-1"))
    with pytest.raises(PromptError, match=r"greeting\.yaml cannot be read .*; save it as UTF-8 text"):
        load_prompt("greeting", folder)
    (folder / "folder.yaml").mkdir()
    with pytest.raises(PromptError, match=r"folder\.yaml cannot be read"):
        load_prompt("folder", folder)


@pytest.mark.parametrize("variable", ["Name", "name2", "NAME"])
def test_a_variable_is_one_however_it_is_spelled(folder: Path, variable: str) -> None:
    (folder / "greeting.yaml").write_text(GREETING.replace("{{name}}", f"{{{{ {variable} }}}}"))
    with pytest.raises(PromptError, match=rf"missing \['{variable}'\]"):
        load_prompt("greeting", folder).render(name="Ada", place="home")


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


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("{temperature: 3}", "key 'settings.temperature': Input should be less than or equal to 2 (got 3)"),
        ("{temperature: true}", "key 'settings.temperature': Input should be a valid number (got True)"),
        ("{temperature: .nan}", "key 'settings.temperature': Input should be a finite number"),
        ("{max_output_tokens: '5'}", "key 'settings.max_output_tokens': Input should be a valid integer (got '5')"),
        ("{max_output_tokens: 0}", "key 'settings.max_output_tokens': Input should be greater than 0"),
        ("{reasoning_effort: huge}", "key 'settings.reasoning_effort': Input should be 'none', 'minimal'"),
        ("{tempratur: 1}", "known keys: temperature, max_output_tokens, reasoning_effort, top_p, frequency_penalty"),
    ],
)
def test_a_setting_that_no_model_takes_is_an_error(folder: Path, settings: str, message: str) -> None:
    (folder / "greeting.yaml").write_text(GREETING.replace("{temperature: 0.1}", settings))
    with pytest.raises(PromptError) as caught:
        load_prompt("greeting", folder)
    assert message in str(caught.value)


def test_equal_settings_are_one_version_however_they_are_written(folder: Path) -> None:
    def version(settings: str) -> str:
        (folder / "greeting.yaml").write_text(GREETING.replace("{temperature: 0.1}", settings))
        return load_prompt("greeting", folder).version

    assert version("{temperature: 0, seed: 7}") == version("{seed: 7, temperature: 0.0}") != version("{seed: 7}")


def test_a_judge_lies_in_its_folder_and_says_in_its_name_that_it_is_one(folder: Path) -> None:
    judges = folder / "judges"
    judges.mkdir()
    (judges / "greeting.yaml").write_text(GREETING.replace("name: greeting", "name: judge_greeting"))
    judge = load_prompt("judge_greeting", folder)
    assert judge.name == "judge_greeting"
    assert judge == load_prompt("greeting", judges)
    assert [load_prompt_file(path).name for path in prompt_files(folder)] == ["greeting", "judge_greeting"]


def test_a_judge_that_is_called_like_its_file_is_an_error(folder: Path) -> None:
    (folder / "judges").mkdir()
    (folder / "judges" / "greeting.yaml").write_text(GREETING)
    with pytest.raises(PromptError, match="key 'name' is 'greeting' but the file holds 'judge_greeting'"):
        load_prompt("judge_greeting", folder)


def test_a_folder_without_prompts_says_where_they_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match="holds no prompt"):
        prompt_files(tmp_path)


def test_the_project_context_is_a_prompt_too_and_comes_back_whole() -> None:
    context = load_project_context()
    prompt = load_prompt(CONTEXT)
    assert prompt == context_as_prompt(context)
    assert context_of(prompt) == context


def test_a_template_that_holds_no_themes_is_no_project_context(folder: Path) -> None:
    with pytest.raises(PromptError, match="holds no themes"):
        context_of(load_prompt("greeting", folder))


@pytest.mark.parametrize("alias", ["prod", "candidate", "team-a", "v2-beta", "9lives"])
def test_a_word_is_an_alias(alias: str) -> None:
    assert is_alias(alias)


@pytest.mark.parametrize("text", ["", "latest", "3", "v3", "-n", "a/b", "../prod", "prod\n", "pröd"])
def test_what_could_be_a_version_a_flag_or_a_path_is_no_alias(text: str) -> None:
    assert not is_alias(text)


def test_two_files_of_one_prompt_are_an_error(folder: Path) -> None:
    (folder / "judges").mkdir()
    (folder / "judges" / "tone.yaml").write_text(GREETING.replace("name: greeting", "name: judge_tone"))
    (folder / "judge_tone.yaml").write_text(GREETING.replace("name: greeting", "name: judge_tone"))
    with pytest.raises(PromptError, match=r"judge_tone\.yaml and .*/tone\.yaml both hold the prompt 'judge_tone'"):
        prompt_files(folder)
