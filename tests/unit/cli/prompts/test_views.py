from __future__ import annotations

import io
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from rich.console import Console

from prompt_samples import CONTENTS, prompt
from technoshare_commentator.cli.prompts.views import as_yaml, difference, listed, print_difference, print_list
from technoshare_commentator.mlops.prompts.stored import RegisteredPrompt
from technoshare_commentator.prompts import Prompt, PromptFile

OLD, NEW = prompt(template="old"), prompt(template="new")


def printed(show: Any, *arguments: Any, width: int = 100) -> str:
    out = io.StringIO()
    show(Console(file=out, width=width), *arguments)
    return out.getvalue()


@pytest.mark.parametrize(
    ("in_yaml", "aliases", "candidate", "state"),
    [
        (NEW, None, None, "not synced"),
        (NEW, {}, None, "YAML changed"),
        (NEW, {"candidate": 1, "prod": 1}, OLD, "YAML changed"),
        (NEW, {"candidate": 2, "prod": 1}, NEW, "candidate waits"),
        (NEW, {"candidate": 2}, NEW, "candidate waits"),
        (NEW, {"candidate": 2, "prod": 2}, NEW, "in sync"),
        (None, {"candidate": 2, "prod": 2}, NEW, "no YAML"),
    ],
)
def test_the_state_says_what_is_to_be_done(
    in_yaml: Prompt | None, aliases: dict[str, int] | None, candidate: Prompt | None, state: str
) -> None:
    stored = None if aliases is None else RegisteredPrompt("greeting", latest=2, aliases=aliases)
    found = listed("greeting", in_yaml, stored, candidate)
    assert found.state == state
    assert state in printed(print_list, [found])


def test_the_list_says_how_to_go_on() -> None:
    waiting = listed("greeting", NEW, RegisteredPrompt("greeting", 2, {"candidate": 2, "prod": 1}), NEW)
    assert "technoshare prompts promote" in printed(print_list, [waiting])
    assert "technoshare prompts sync" in printed(print_list, [listed("greeting", NEW, None, None)])


def test_a_long_name_takes_no_room_from_what_is_said_about_it() -> None:
    name = "a_name_that_is_longer_than_anybody_would_think_of_who_made_the_columns_of_a_list"
    stored = RegisteredPrompt(name, 12, {"candidate": 12, "prod": 11})
    shown = printed(print_list, [listed(name, NEW, stored, NEW)], width=80)
    first, *rest = shown.splitlines()[1:3]
    assert first.split()[1:] == [NEW.version, "12", "11", "12", "candidate", "waits"]
    assert first.split()[0] + "".join(rest).strip() in name


@settings(deadline=None)
@given(CONTENTS)
def test_the_yaml_that_is_shown_holds_the_content(content: PromptFile) -> None:
    shown = yaml.safe_load(as_yaml(Prompt.of(content)))
    assert PromptFile.model_validate(shown) == content


def test_a_difference_is_that_of_the_lines_of_the_template() -> None:
    before, after = prompt(template="one\ntwo\n", origin="1"), prompt(template="one\n  three\n")
    lines = list(difference(before, after))
    assert lines[:2] == [f"--- {before.label}", f"+++ {after.label}"]
    assert [line for line in lines[2:] if line[0] in "+-"] == ["-  two", "+    three"]


def test_equal_contents_have_none() -> None:
    assert printed(print_difference, prompt(origin="1"), prompt(origin="2")) == ""


def test_another_order_in_the_file_is_no_difference() -> None:
    before = prompt(output_schema={"type": "object", "properties": {"a": {}, "b": {}}}, tags={"a": "1", "b": "2"})
    after = prompt(output_schema={"properties": {"b": {}, "a": {}}, "type": "object"}, tags={"b": "2", "a": "1"})
    assert before.sha256 == after.sha256
    assert printed(print_difference, before, after) == ""


def test_escape_sequences_in_a_prompt_do_not_reach_the_terminal() -> None:
    assert "\x1b" not in printed(print_difference, OLD, prompt(description="\x1b[31mred\u202e"))
