"""Evidence on disk, as one JSON file: what a job read, to be read again without the page."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from technoshare_commentator.domain import Evidence
from technoshare_commentator.errors import DatasetError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".json"


def evidence_to_json(evidence: Evidence) -> str:
    """Return the text of the file: indented, as people write it, so that a change of it can be reviewed."""
    return json.dumps(evidence.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


def evidence_from_json(content: str | bytes, origin: str) -> Evidence:
    """Read the text of such a file; raises `DatasetError` naming `origin`, the key and the value."""
    try:
        return Evidence.model_validate_json(content)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in problem["loc"])
        key = f"key {where!r}: " if where else ""
        raise DatasetError(
            f"{origin} holds no evidence of this version: {key}{problem['msg']}; "
            f"its keys are {', '.join(Evidence.model_fields)}"
        ) from None


def read_evidence(path: Path, url: str) -> Evidence:
    """Read the evidence behind `url`; raises `DatasetError` when it cannot be read or is behind another link."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DatasetError(f"the evidence of {url!r}, {str(path)!r}, cannot be read: {error.strerror}") from error
    evidence = evidence_from_json(content, repr(str(path)))
    if evidence.url != url:
        raise DatasetError(f"{str(path)!r} is what was read from {evidence.url!r}, not from {url!r}; name its own file")
    return evidence
