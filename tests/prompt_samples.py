"""Prompts of every shape: written by hand, and made up by hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from technoshare_commentator.prompts import Prompt, PromptFile

# What a YAML file can hold: everything printable, and line ends.
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), include_characters="\n\t"), max_size=60)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "temperature": st.floats(0, 2),
        "max_output_tokens": st.integers(1, 100_000),
        "reasoning_effort": st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh"]),
        "top_p": st.floats(0.01, 1),
        "frequency_penalty": st.floats(-2, 2),
        "seed": st.integers(-5, 2**40),
    },
)
SCHEMAS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.builds(
    PromptFile,
    name=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    description=TEXTS,
    template=TEXTS,
    revision=TEXTS,
    output_schema=st.dictionaries(TEXTS, SCHEMAS, max_size=3),
    settings=SETTINGS,
    tags=st.dictionaries(st.from_regex(r"[a-z][a-z_.]{0,11}", fullmatch=True), TEXTS, max_size=3),
)


def content(name: str = "greeting", template: str = "Hello {{ name }}.", **more: Any) -> PromptFile:
    """A prompt's content; what is not given is the same each time."""
    given: dict[str, Any] = {
        "description": "says hello",
        "revision": "Say it again, without this: {{ failures }}",
        "output_schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
        "settings": {"temperature": 0, "max_output_tokens": 300, "reasoning_effort": "low", "top_p": 0.5, "seed": 7},
        "tags": {"stage": "stage_a", "sha256": "a tag of the file that is called like one of ours"},
        **more,
    }
    return PromptFile(name=name, template=template, **given)


def prompt(name: str = "greeting", template: str = "Hello {{ name }}.", *, origin: str = "yaml", **more: Any) -> Prompt:
    """The same with its hash."""
    return Prompt.of(content(name, template, **more), origin=origin)
