"""What MLflow would refuse, made acceptable before it is sent, with nothing lost: the whole value becomes an artifact.

Limits are those of MLflow 3 (`mlflow/utils/validation.py` and its tables), in characters.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from technoshare_commentator.mlops.records import AssessmentRecord, RunRecord, TraceRecord

MAX_TAG_LENGTH = 5000  # 8000 for the SQL stores of today; older servers take 5000
MAX_PARAM_LENGTH = 6000
MAX_KEY_LENGTH = 250
MAX_NAME_LENGTH = 250
MAX_DIGEST_LENGTH = 36
_MAX_RATIONALE_LENGTH = 10_000
_MAX_STEM_BYTES = 180
_MAX_SUFFIX_LENGTH = 10
_FORBIDDEN_IN_KEYS = re.compile(r"[^\w\-. :/]")
_LEADING_DOTS = re.compile(r"^\.{2,}")

V = TypeVar("V")


def repaired(record: RunRecord) -> RunRecord:
    """Return the record as MLflow takes it; values that were cut stand whole under `truncated/`."""
    whole: dict[str, str] = {}
    tags = {name: _cut(f"tag_{name}", value, MAX_TAG_LENGTH, whole) for name, value in record.tags.items()}
    params = {name: _cut(f"param_{name}", value, MAX_PARAM_LENGTH, whole) for name, value in record.params.items()}
    traces = [_repaired_trace(trace, whole) for trace in record.traces]
    return replace(
        record,
        name=_printable(record.name)[:MAX_NAME_LENGTH].strip() or "unnamed",
        tags=_renamed(tags, _key),
        params=_renamed(params, _key),
        metrics=_renamed(record.metrics, _key),
        artifacts=_renamed({**record.artifacts, **whole}, _path),
        traces=traces,
    )


def _repaired_trace(trace: TraceRecord, whole: dict[str, str]) -> TraceRecord:
    file = f"trace_{trace.trace_id}"
    tags = {name: _cut(f"{file}_tag_{name}", text, MAX_TAG_LENGTH, whole) for name, text in trace.tags.items()}
    about = {
        name: _cut(f"{file}_metadata_{name}", text, MAX_TAG_LENGTH, whole) for name, text in trace.metadata.items()
    }
    return replace(
        trace,
        tags=_renamed(tags, _key),
        metadata=_renamed(about, _key),
        assessments=[_repaired_assessment(one, whole) for one in trace.assessments],
    )


def _repaired_assessment(record: AssessmentRecord, whole: dict[str, str]) -> AssessmentRecord:
    return replace(
        record,
        name=_printable(record.name)[:MAX_NAME_LENGTH] or "unnamed",
        source_id=_printable(record.source_id)[:MAX_NAME_LENGTH],
        rationale=_cut(f"rationale_{record.name}_{record.key}", record.rationale, _MAX_RATIONALE_LENGTH, whole),
    )


def _renamed(values: Mapping[str, V], rename: Callable[[str], str]) -> dict[str, V]:
    """Give every value a name that MLflow takes; names that would become the same are numbered."""
    result: dict[str, V] = {}
    for name, value in values.items():
        clean, number = rename(name), 1
        while clean in result:
            number += 1
            clean = f"{rename(name)[: MAX_KEY_LENGTH - len(str(number)) - 1]}_{number}"
        result[clean] = value
    return result


def _key(name: str) -> str:
    parts = _FORBIDDEN_IN_KEYS.sub("_", name)[:MAX_KEY_LENGTH].split("/")
    name = "/".join(part for part in parts if part.strip(" .")).strip()
    return _LEADING_DOTS.sub("_", name) or "unnamed"


def _path(path: str) -> str:
    return "/".join(_file_name(part) for part in _key(path).split("/"))


def _file_name(part: str) -> str:
    """Cut to what every file system takes, which count bytes; a suffix stays."""
    suffix = PurePosixPath(part).suffix[:_MAX_SUFFIX_LENGTH]
    stem = part.removesuffix(suffix).encode()[:_MAX_STEM_BYTES]
    return stem.decode(errors="ignore") + suffix


def _cut(name: str, value: str, limit: int, whole: dict[str, str]) -> str:
    value = _printable(value)
    if len(value) <= limit:
        return value
    whole[f"truncated/{name}.txt"] = value
    note = f"… [{len(value)} characters, whole in truncated/]"
    return value[: limit - len(note)] + note


def _printable(value: str) -> str:
    """PostgreSQL has no NUL in text."""
    return value.replace("\x00", "\ufffd")
