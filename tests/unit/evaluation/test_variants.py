"""Variants: the file that names them, and the choice of those that a session runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from technoshare_commentator.errors import ConfigurationError
from technoshare_commentator.mlops.evaluation.variants import Variant, choose_variants, load_variants

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = {
    "small": Variant(name="small", model="smollm2-135m", settings={"temperature": 0}),
    "candidate": Variant(name="candidate", model="gpt-5-mini", prompts={"stage_b": "candidate"}),
}


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "variants.yaml"
    path.write_text(
        "small:\n  model: smollm2-135m\n  settings: {temperature: 0}\n"
        "candidate:\n  model: gpt-5-mini\n  prompts: {stage_b: candidate}\n"
        "plain: {}\n"
    )
    assert load_variants(path) == {**KNOWN, "plain": Variant(name="plain")}
    assert str(load_variants(path)["small"]) == "small"


def test_an_empty_file_names_none(tmp_path: Path) -> None:
    (tmp_path / "variants.yaml").write_text("# nothing yet\n")
    assert load_variants(tmp_path / "variants.yaml") == {}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("small: {modl: x}", r"small\.modl: Extra inputs.*'x'.*keys description, model, prompts, settings"),
        ("small: {model: 5}", r"small\.model: .*valid string.*5"),
        ("small: {prompts: {stage_b: 3}}", r"small\.prompts\.stage_b: .*valid string.*3"),
        ("small: x", r"small: .*'x'.*keys description, model"),
        ("- small", r"the file: .*\['small'\].*a variant is a name with the keys"),
        ("two words: {}", r"name: .*match pattern.*'two words'"),
        ("'-small': {}", r"name: .*match pattern.*'-small'"),
        ("small: {", r"is not valid YAML"),
        (b"\xff\xfe\x00", r"is not valid YAML"),
    ],
)
def test_a_mistake_in_the_file_is_named_with_its_key_its_value_and_what_to_write(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    path = tmp_path / "variants.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigurationError, match=message) as caught:
        load_variants(path)
    assert str(caught.value).startswith(f"'{path}'")


def test_a_file_that_is_not_there_or_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere\.yaml' does not exist; make it, or mend the setting"):
        load_variants(tmp_path / "nowhere.yaml")
    with pytest.raises(ConfigurationError, match="cannot be read: Is a directory"):
        load_variants(tmp_path)


def test_without_a_choice_there_is_one_the_default() -> None:
    assert choose_variants(KNOWN, [], []) == [Variant()]
    own = Variant(name="default", model="m")
    assert choose_variants({"default": own}, [], []) == [own]
    assert choose_variants({**KNOWN, "default": own}, ["default", "small"], []) == [own, KNOWN["small"]]
    assert choose_variants(KNOWN, ["default"], []) == [Variant()]


def test_variants_come_in_the_order_asked_for_and_each_once() -> None:
    assert choose_variants(KNOWN, ["small", "candidate", "small"], []) == list(KNOWN.values())


def test_models_are_variants_of_their_own_or_of_each_that_was_named() -> None:
    assert choose_variants(KNOWN, [], ["m1", "m2", "m1"]) == [
        Variant(name="m1", model="m1"),
        Variant(name="m2", model="m2"),
    ]
    both = choose_variants(KNOWN, ["small", "candidate"], ["m1", "m2"])
    assert [(one.name, one.model) for one in both] == [
        ("small@m1", "m1"),
        ("small@m2", "m2"),
        ("candidate@m1", "m1"),
        ("candidate@m2", "m2"),
    ]
    assert (both[0].settings, both[2].prompts) == ({"temperature": 0}, {"stage_b": "candidate"})


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("openai/gpt-5-mini", "openai-gpt-5-mini"),
        ("ollama:llama3.2:1b", "ollama-llama3.2-1b"),
        ("/models/a b.gguf", "models-a-b.gguf"),
        ("./models/a.gguf", "models-a.gguf"),
        ("../__hidden", "hidden"),
        ("模型", "model"),
    ],
)
def test_a_model_s_name_becomes_part_of_a_test_s_id(model: str, name: str) -> None:
    (chosen,) = choose_variants({}, [], [model])
    assert (chosen.name, chosen.model) == (name, model)


@pytest.mark.parametrize("names", [[], ["small"]])
@pytest.mark.parametrize(("first", "second", "name"), [("a/b", "a:b", "a-b"), ("模型", "другая", "model")])
def test_models_whose_names_come_out_the_same_are_told_to_be_given_others(
    first: str, second: str, name: str, names: list[str]
) -> None:
    with pytest.raises(ConfigurationError, match=f"'{first}' and '{second}' would both be called '{name}'"):
        choose_variants(KNOWN, names, ["m", first, second])


@given(st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4), st.sampled_from([[], ["small"]]))
def test_whatever_models_are_called_their_variants_are_told_apart_or_refused(
    models: list[str], names: list[str]
) -> None:
    try:
        chosen = choose_variants(KNOWN, names, models)
    except ConfigurationError:
        assert len(set(models)) > 1
        return
    assert [one.model for one in chosen] == list(dict.fromkeys(models))
    assert len({one.name for one in chosen}) == len(chosen)
    for one in chosen:
        Variant.model_validate(one.model_dump())  # its name is one that a file could have


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("smal", r"did you mean 'small'\?"),
        ("candidat", r"did you mean 'candidate'\?"),
        ("huge", "there are small, candidate"),
        ("Default", "there are small, candidate"),
    ],
)
def test_a_name_that_nobody_knows_is_an_error_with_the_one_that_was_probably_meant(name: str, hint: str) -> None:
    with pytest.raises(ConfigurationError, match=f"no variant is called '{name}'; {hint}"):
        choose_variants(KNOWN, ["small", name], [])


def test_where_there_are_none_that_is_said() -> None:
    with pytest.raises(ConfigurationError, match="no variant is called 'small'; there are none"):
        choose_variants({}, ["small"], [])
