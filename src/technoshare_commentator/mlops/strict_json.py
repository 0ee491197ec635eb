"""JSON of whatever users have put into records: numbers that are none, objects of their own, half characters."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

if TYPE_CHECKING:
    from pathlib import Path


def dump(value: Any) -> bytes:
    """Serialise a dataclass or a pydantic value as UTF-8; a lone surrogate, which UTF-8 cannot hold, becomes `?`.

    NaN and the infinities are written as such, which pydantic reads again, unless a model wants something else; unknown
    objects are written as their text.
    """
    from pydantic_core import to_json  # noqa: PLC0415 - only whoever writes pays for it

    try:
        return to_json(value, inf_nan_mode="constants", fallback=str)
    except ValueError:
        return json.dumps(_plain(value), ensure_ascii=False, default=str).encode(errors="replace")


def append_line(file: Path, line: bytes) -> None:
    """Add a line in one write, so that a process that is killed leaves whole lines behind and one cut one at most.

    One that was cut (or did not fit on the disk) stays alone on its line.
    """
    with file.open("ab+", buffering=0) as opened:
        if opened.seek(0, os.SEEK_END):
            opened.seek(-1, os.SEEK_END)
            line = line if opened.read(1) == b"\n" else b"\n" + line
        opened.write(line + b"\n")


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
