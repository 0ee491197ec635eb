"""Outputs that outlive their process: JSON with the name of the type, kept only if reading it gives the same again."""

from __future__ import annotations

import dataclasses
import importlib
import sys
from collections import Counter, deque
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pydantic import TypeAdapter


_NONE = "builtins:NoneType"  # which cannot be found where it says it is


class KeptOutput(BaseModel):
    """An output as JSON; `type_name` is `module:qualified name`."""

    model_config = ConfigDict(frozen=True)

    type_name: str
    content: str


def keep(output: Any) -> KeptOutput | None:
    """Return the output in a form that can be written down, or None when that would lose something.

    JSON values, pydantic models, dataclasses, enums, dates and the like come back as they were. Whatever does not come
    back equal and of the same types throughout is not kept: better to run a case again than to score something else.
    """
    kind = type(output)
    kept_name = f"{kind.__module__}:{kind.__qualname__}"
    try:
        # Types can be hashed, whatever mypy thinks; without computed fields, which nobody could read back.
        content = _adapter(kind).dump_json(output, by_alias=True, round_trip=True).decode()  # type: ignore[arg-type]
        kept = KeptOutput(type_name=kept_name, content=content)
        copy = restore(kept)
        return kept if bool(copy == output) and _same_types(copy, output) else None
    except Exception:  # noqa: BLE001 - a foreign type can fail in any way; its case will simply run again
        return None


def restore(kept: KeptOutput) -> Any:
    """Return the output again; raises whatever importing its type or reading it raises."""
    if kept.type_name == _NONE:
        return None
    module_name, _, qualified_name = kept.type_name.partition(":")
    found: Any = sys.modules.get(module_name) or importlib.import_module(module_name)
    for part in qualified_name.split("."):
        found = getattr(found, part)
    return _adapter(found).validate_json(kept.content)


def _same_types(copy: Any, value: Any) -> bool:
    """Whether two equal values are alike within as well: a `StrEnum` equals its text, a `Counter` a dict."""
    if type(copy) is not type(value):
        return False
    if isinstance(value, dict):
        return _all_same(copy, value) and all(_same_types(copy[key], part) for key, part in value.items())
    if isinstance(value, set | frozenset):
        return Counter(map(type, copy)) == Counter(map(type, value))
    if isinstance(value, list | tuple | deque):
        return _all_same(copy, value)
    ours, theirs = _attributes(copy), _attributes(value)
    return ours.keys() == theirs.keys() and all(_same_types(ours[name], part) for name, part in theirs.items())


def _all_same(copies: Any, values: Any) -> bool:
    return all(_same_types(copy, value) for copy, value in zip(copies, values, strict=True))


def _attributes(value: Any) -> dict[str, Any]:
    """What an object holds, also what its `==` does not look at."""
    if dataclasses.is_dataclass(value):
        slots = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        return {**slots, **getattr(value, "__dict__", {})}
    return {**value.__dict__, **(value.model_extra or {})} if isinstance(value, BaseModel) else {}


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only sessions with evals pay for it

    return TypeAdapter(kind)
