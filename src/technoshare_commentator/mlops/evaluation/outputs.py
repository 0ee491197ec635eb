"""Outputs that outlive their process: JSON with the name of the type, kept only if reading it gives the same again."""

from __future__ import annotations

import importlib
import sys
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class KeptOutput(BaseModel):
    """An output as JSON; `type_name` is `module:qualified name`."""

    model_config = ConfigDict(frozen=True)

    type_name: str
    content: str


def keep(output: Any) -> KeptOutput | None:
    """Return the output in a form that can be written down, or None when that would lose something.

    JSON values, pydantic models, dataclasses, enums, dates and the like come back as they were. What cannot be told
    apart from its copy by `==` is not kept: better to run a case again than to score something else.
    """
    kind = type(output)
    kept_name = f"{kind.__module__}:{kind.__qualname__}"
    try:
        content = _adapter(kind).dump_json(output, by_alias=True).decode()  # type: ignore[arg-type]  # types can be hashed
        kept = KeptOutput(type_name=kept_name, content=content)
        return kept if bool(restore(kept) == output) else None
    except Exception:  # noqa: BLE001 - a foreign type can fail in any way; its case will simply run again
        return None


def restore(kept: KeptOutput) -> Any:
    """Return the output again; raises whatever importing its type or reading it raises."""
    module_name, _, qualified_name = kept.type_name.partition(":")
    found: Any = sys.modules.get(module_name) or importlib.import_module(module_name)
    for part in qualified_name.split("."):
        found = getattr(found, part)
    return _adapter(found).validate_json(kept.content)


@lru_cache(maxsize=256)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    from pydantic import TypeAdapter  # noqa: PLC0415 - only sessions with evals pay for it

    return TypeAdapter(kind)
