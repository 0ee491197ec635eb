"""The schema of results files that docs/evaluation.md speaks of; run this file to write it anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulated_session import Plan, judged
from technoshare_commentator.mlops.evaluation.session_results import SessionResults

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = Path(__file__).resolve().parents[3] / "docs/eval_results.schema.json"


def current_schema() -> str:
    return json.dumps(SessionResults.model_json_schema(mode="serialization"), indent=2, ensure_ascii=False) + "\n"


def test_the_documented_schema_is_that_of_the_results() -> None:
    command = f"PYTHONPATH=tests .venv/bin/python {Path(__file__).relative_to(SCHEMA.parents[1])}"
    assert SCHEMA.read_text(encoding="utf-8") == current_schema(), f"it is out of date; write it anew: {command}"


def test_a_results_file_holds_what_the_schema_describes_and_nothing_else() -> None:
    results, _ = judged(Plan(variants={"small": 0.0, "large": 0.1}, trials=2, crash=0.1))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    met: set[str] = set()
    assert list(differences(results.model_dump(mode="json"), schema, schema["$defs"], met)) == []
    assert met == {"SessionResults", *schema["$defs"]}


def differences(value: Any, node: dict[str, Any], definitions: dict[str, Any], met: set[str]) -> Iterator[str]:
    """Keys that only the value has, or only the schema, in each object whose type the schema names; those it `met`."""
    for option in node.get("anyOf", [node]):
        described = definitions[option["$ref"].rpartition("/")[2]] if "$ref" in option else option
        if isinstance(value, dict) and "properties" in described:
            met.add(described["title"])
            properties = described["properties"]
            yield from (f"{described['title']}.{key}" for key in set(value) ^ set(properties))
            for key in set(value) & set(properties):
                yield from differences(value[key], properties[key], definitions, met)
        elif isinstance(value, list):
            for one in value:
                yield from differences(one, described.get("items", {}), definitions, met)


if __name__ == "__main__":
    SCHEMA.write_text(current_schema(), encoding="utf-8")
