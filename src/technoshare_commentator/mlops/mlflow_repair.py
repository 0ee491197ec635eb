"""What MLflow would refuse, made acceptable before it is sent, with nothing lost: the whole value becomes an artifact.

Limits are those of MLflow 3 (`mlflow/utils/validation.py`), in characters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from technoshare_commentator.mlops.records import RunRecord

MAX_TAG_LENGTH = 5000  # 8000 for the SQL stores of today; older servers take 5000
MAX_PARAM_LENGTH = 6000
MAX_KEY_LENGTH = 250
MAX_NAME_LENGTH = 250
_FORBIDDEN_IN_KEYS = re.compile(r"[^\w\-. :/]")


def repaired(record: RunRecord) -> RunRecord:
    """Return the record as MLflow takes it; values that were cut stand whole under `truncated/`."""
    whole: dict[str, str] = {}
    tags = {_key(name): _cut(f"tag_{name}", value, MAX_TAG_LENGTH, whole) for name, value in record.tags.items()}
    params = {_key(name): _cut(f"param_{name}", v, MAX_PARAM_LENGTH, whole) for name, v in record.params.items()}
    artifacts = {_path(path): content for path, content in {**record.artifacts, **whole}.items()}
    return replace(
        record,
        name=_printable(record.name)[:MAX_NAME_LENGTH] or "unnamed",
        tags=tags,
        params=params,
        metrics={_key(name): value for name, value in record.metrics.items()},
        artifacts=artifacts,
    )


def _key(name: str) -> str:
    cleaned = _FORBIDDEN_IN_KEYS.sub("_", name).strip(" /.") or "unnamed"
    return re.sub(r"/{2,}|/\.+(?=/|$)", "/", cleaned)[:MAX_KEY_LENGTH]


def _cut(name: str, value: str, limit: int, whole: dict[str, str]) -> str:
    value = _printable(value)
    if len(value) <= limit:
        return value
    whole[f"truncated/{name}.txt"] = value
    note = f"… [{len(value)} characters, whole in truncated/]"
    return value[: limit - len(note)] + note


def _path(path: str) -> str:
    parts = [part for part in PurePosixPath(_FORBIDDEN_IN_KEYS.sub("_", path)).parts if part not in {"..", "/"}]
    return "/".join(parts) or "unnamed"


def _printable(value: str) -> str:
    return value.replace("\x00", "�")  # PostgreSQL has no NUL in text
