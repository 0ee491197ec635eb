"""The schema that a model is shown and the type that reads its answer agree, and strict endpoints take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from technoshare_commentator.domain import Commentary, Facts
from technoshare_commentator.prompts import STAGE_A, STAGE_B, load_prompt

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic import BaseModel


def objects(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if schema.get("type") == "object":
        yield schema
    for inner in (*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])):
        yield from objects(inner)


@pytest.mark.parametrize(("name", "shape"), [(STAGE_A, Facts), (STAGE_B, Commentary)])
def test_the_schema_names_exactly_the_fields_of_the_type(name: str, shape: type[BaseModel]) -> None:
    assert set(load_prompt(name).output_schema["properties"]) == set(shape.model_fields)


@pytest.mark.parametrize("name", [STAGE_A, STAGE_B])
def test_every_object_is_closed_and_requires_all_it_has(name: str) -> None:
    found = list(objects(load_prompt(name).output_schema))
    assert found
    for one in found:
        assert one["additionalProperties"] is False
        assert set(one["required"]) == set(one["properties"])
